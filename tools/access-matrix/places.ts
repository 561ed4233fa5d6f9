/**
 * Who asks, and of what: two regions built alike, and a person for each role at each of its places. What a place covers is
 * written here by hand, once more and apart from the code that enforces it: the oracle shares nothing with the filter.
 */
import type { Role } from '#models/people/rights.ts';

export const REGIONS = ['48', '70'] as const;
export const PROCEDURE = 'attendance-48-2012';
/** A study whose whole territory is the first region, and its college there. */
export const STUDY = 'study-48-2013';
export const COLLEGE = 'c48-1';
/** The scanning centre of the first region. */
export const SCANNING = 'sc48';
/** A survey of the first region; every school there is in it. */
export const SURVEY = 'survey-48-2013';

/** Asked of an institution that was let in and has a report; of one that waits; and of one that is declined on the way. */
export const SCHOOL = 'i48-1';
export const WAITING = 'i48-2';
export const DECLINED = 'i48-3';

/** The units of both regions; every name is a mark that a foreign page must not show. */
export const UNITS = REGIONS.flatMap((region) => [
  { id: region, kind: 'region' as const, name: `Край-${region}` },
  { id: `${region}-m1`, kind: 'municipality' as const, name: `Округ-${region}-1` },
  { id: `${region}-m2`, kind: 'municipality' as const, name: `Округ-${region}-2` },
  { id: `i${region}-1`, kind: 'institution' as const, name: `Школа-${region}-11` },
  { id: `i${region}-2`, kind: 'institution' as const, name: `Школа-${region}-12` },
  { id: `i${region}-3`, kind: 'institution' as const, name: `Школа-${region}-21` },
  { id: `c${region}-1`, kind: 'college' as const, name: `Колледж-${region}-1` },
  { id: `sc${region}`, kind: 'scanningCentre' as const, name: `Сканирование-${region}` },
]);

/** What lies at and under each unit. */
export const COVERS: Record<string, readonly string[]> = {
  '48': ['48', '48-m1', '48-m2', 'i48-1', 'i48-2', 'i48-3', 'c48-1', 'sc48'],
  '48-m1': ['48-m1', 'i48-1', 'i48-2'],
  '48-m2': ['48-m2', 'i48-3'],
  'i48-1': ['i48-1'],
  'i48-2': ['i48-2'],
  'i48-3': ['i48-3'],
  'c48-1': ['c48-1'],
  sc48: ['sc48'],
  '70': ['70', '70-m1', '70-m2', 'i70-1', 'i70-2', 'i70-3', 'c70-1', 'sc70'],
  '70-m1': ['70-m1', 'i70-1', 'i70-2'],
  '70-m2': ['70-m2', 'i70-3'],
  'i70-1': ['i70-1'],
  'i70-2': ['i70-2'],
  'i70-3': ['i70-3'],
  'c70-1': ['c70-1'],
  sc70: ['sc70'],
};

/** Where each role is held: at the target's own branch, beside it, and in the other region. */
const PLACES_OF = {
  region: ['48', '70'],
  municipality: ['48-m1', '48-m2', '70-m1'],
  institution: ['i48-1', 'i48-2', 'i48-3', 'i70-1'],
} as const;

export const LEVEL: Record<Role, keyof typeof PLACES_OF> = {
  administrator: 'region',
  federalCoordinator: 'region',
  authoritySpecialist: 'region',
  regionalCoordinator: 'region',
  dataProcessingOperator: 'region',
  scanningSpecialist: 'region',
  municipalCoordinator: 'municipality',
  institutionHead: 'institution',
  institutionCoordinator: 'institution',
  procedureLead: 'institution',
  roomOrganizer: 'institution',
  technicalSpecialist: 'institution',
  independentObserver: 'institution',
  expert: 'region',
};

export interface Subject {
  name: string;
  /** Null: signed in and appointed to nothing. Absent altogether: not signed in. */
  holds: { role: Role; place: string; procedure: string | null } | null;
  isVisitor: boolean;
}

/** A visitor, an account without a role, and every role at each of its places; once more bound to another procedure. */
export const SUBJECTS: readonly Subject[] = [
  { name: 'visitor', holds: null, isVisitor: true },
  { name: 'nobody', holds: null, isVisitor: false },
  ...(Object.keys(LEVEL) as Role[]).flatMap((role) => [
    ...PLACES_OF[LEVEL[role]].map((place) => ({
      name: `${role} of ${place}`,
      holds: { role, place, procedure: null },
      isVisitor: false,
    })),
    {
      name: `${role} of ${PLACES_OF[LEVEL[role]][0]}, only in another procedure`,
      holds: { role, place: PLACES_OF[LEVEL[role]][0], procedure: 'another' },
      isVisitor: false,
    },
  ]),
];

/** Whether what a subject holds reaches a unit, in the one procedure there is or outside of any. */
export function reaches({ holds }: Subject, unit: string, isOfProcedure: boolean): boolean {
  if (!holds || !COVERS[holds.place]?.includes(unit)) return false;
  return holds.procedure === null || (isOfProcedure && holds.procedure === PROCEDURE);
}

/** Names that a subject may never read on a page that is not public. */
export function foreignNames({ holds }: Subject): string[] {
  const own = new Set(holds ? COVERS[holds.place] : []);
  // The way up is no secret: a page may say in which municipality and region one is.
  const above = new Set(UNITS.filter(({ id }) => holds && COVERS[id]?.includes(holds.place)).map(({ id }) => id));
  return UNITS.filter(({ id }) => !own.has(id) && !above.has(id)).map(({ name }) => name);
}
