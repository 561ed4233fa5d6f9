/**
 * THE table of rights (domain 2.2): role × capability, always within the holder's own unit and below it. Abilities, the page
 * that administrators read, and who may appoint whom come from here and from nowhere else. Pure, browser-safe.
 */
import { defineAbility, type MongoAbility } from '@casl/ability';

/** Roles of domain 1.2 that sign in, by level; `administrator` is the hub's own. */
export const ROLES = [
  'administrator',
  'federalCoordinator',
  'authoritySpecialist',
  'regionalCoordinator',
  'dataProcessingOperator',
  'scanningSpecialist',
  'municipalCoordinator',
  'institutionHead',
  'institutionCoordinator',
  'procedureLead',
  'roomOrganizer',
  'technicalSpecialist',
  'independentObserver',
  'expert',
] as const;
export type Role = (typeof ROLES)[number];

/** `does` and `decides` hold what `views` holds. */
export type Right = 'views' | 'does' | 'decides';

interface Row {
  /** Requirement ids and guards that the row rests on. */
  basis: string;
  cells: Partial<Record<Role, Right>>;
  /** What each right is called where it is asked. */
  views?: string;
  does?: string;
  decides?: string;
}

/** The rows of domain 2.2 that the hub has a deed for, in their order; then the hub's own. */
export const TABLE = {
  accountRequest: {
    basis: 'S0-09, S0-10',
    // The institution asks by a public form: whoever asks has no account yet.
    cells: { regionalCoordinator: 'decides' },
    decides: 'cabinet.grant',
  },
  credentials: {
    basis: 'S1-27, S1-32, S4-09 … S4-13',
    cells: { federalCoordinator: 'does', regionalCoordinator: 'does', municipalCoordinator: 'does' },
    does: 'credentials.hand',
  },
  /** Whoever makes them: the federal organizer for a study, the region for a survey; a municipality hands down what it got. */
  credentialBatch: {
    basis: 'S1-32, S4-11',
    cells: { federalCoordinator: 'does', regionalCoordinator: 'does' },
    does: 'credentials.generate',
  },
  contextualData: {
    basis: 'S0-12, S1-37',
    cells: {
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      dataProcessingOperator: 'views',
      municipalCoordinator: 'views',
      institutionHead: 'does',
      institutionCoordinator: 'does',
    },
    views: 'contextual.view',
    does: 'contextual.edit',
  },
  procedure: {
    basis: 'S0-19, S1-39',
    cells: { administrator: 'does', federalCoordinator: 'does', regionalCoordinator: 'does' },
    does: 'procedures.manage',
  },
  /** The lists of regions and the sample: the region gives data and informs, the federal organizer decides who takes part. */
  study: {
    basis: 'S1-28 … S1-31',
    cells: { federalCoordinator: 'decides', authoritySpecialist: 'views', regionalCoordinator: 'does' },
    views: 'study.view',
    does: 'study.prepare',
    decides: 'study.sample',
  },
  /** What a college is told of a study, and its answer. */
  studyParticipation: {
    basis: 'S1-30, S1-31',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      institutionHead: 'does',
      institutionCoordinator: 'does',
    },
    views: 'study.read',
    does: 'study.answer',
  },
  /** The rooms of a college in a study; who may be appointed to them stands in `APPOINTING`. */
  rooms: {
    basis: 'S1-08 … S1-10, S1-36',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      institutionHead: 'does',
      institutionCoordinator: 'does',
      roomOrganizer: 'views',
    },
    views: 'rooms.view',
    does: 'rooms.set',
  },
  /** Which point of a region scans, and that it has what is required: the region says so, and those above and the РЦОИ see it. */
  scanningCentre: {
    basis: 'S1-03, i',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'does',
      regionalCoordinator: 'does',
      dataProcessingOperator: 'views',
    },
    views: 'scanning.view',
    does: 'scanning.set',
  },
  /** What an institution answers in a survey. How far it is, whoever watches the board sees. */
  surveyAnswers: {
    basis: 'S4-04, S4-14',
    cells: {
      regionalCoordinator: 'views',
      municipalCoordinator: 'views',
      institutionHead: 'does',
      institutionCoordinator: 'does',
    },
    views: 'survey.read',
    does: 'survey.fill',
  },
  /** Forms for the colleges of a study, and the packages in which they come back. */
  materials: {
    basis: 'S1-21 … S1-24, S1-51',
    cells: {
      federalCoordinator: 'does',
      authoritySpecialist: 'does',
      regionalCoordinator: 'does',
    },
    does: 'materials.prepare',
  },
  /** How far upload, reading and checking are: counts and states, no pages. */
  collector: {
    basis: 'S1-12, S1-13, S1-25',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      dataProcessingOperator: 'views',
      scanningSpecialist: 'views',
    },
    views: 'collector.view',
  },
  scans: {
    basis: 'S1-04, S1-25',
    cells: { regionalCoordinator: 'views', dataProcessingOperator: 'views', scanningSpecialist: 'does' },
    views: 'scans.view',
    does: 'scans.upload',
  },
  /** Errors of uploads, and the page images that they are about. */
  scanErrors: {
    basis: 'S1-12, i',
    cells: { regionalCoordinator: 'views', dataProcessingOperator: 'views', scanningSpecialist: 'does' },
    views: 'scanErrors.view',
    does: 'scanErrors.settle',
  },
  /** Free answers: experts mark them without knowing whose they are. */
  extendedAnswers: {
    basis: 'S1-13, S1-17, S1-54',
    cells: { federalCoordinator: 'views', regionalCoordinator: 'views', expert: 'does' },
    views: 'checks.view',
    does: 'checks.mark',
  },
  /** What was answered and how it was marked, as a file: not for those who mark. */
  scanResults: {
    basis: 'S1-13, S1-54',
    cells: { federalCoordinator: 'views', regionalCoordinator: 'views' },
    views: 'scanResults.view',
  },
  /** A college's own pages and what is wrong with them; its region sees what it is shown. */
  ownScans: {
    basis: 'S1-12, i',
    cells: { regionalCoordinator: 'views', institutionHead: 'views', institutionCoordinator: 'views' },
    views: 'scans.own',
  },
  /** Each level sends to the one below and sends on what it got; an institution sends to its centre. Planned ones are for who sends. */
  publications: {
    basis: 'S0-05, S0-07, S0-19, S1-39, S4-07, S4-08',
    cells: {
      federalCoordinator: 'does',
      authoritySpecialist: 'views',
      regionalCoordinator: 'does',
      municipalCoordinator: 'does',
      institutionHead: 'does',
      institutionCoordinator: 'does',
      procedureLead: 'views',
    },
    views: 'publications.view',
    does: 'publications.send',
  },
  board: {
    basis: 'S1-28, S1-36',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      dataProcessingOperator: 'views',
      municipalCoordinator: 'views',
    },
    views: 'board.view',
  },
  monitoringAccess: {
    basis: 'S2-08',
    cells: { regionalCoordinator: 'decides' },
    decides: 'access.grant',
  },
  attendanceFile: {
    basis: 'S2-13 … S2-17, G-14',
    cells: { regionalCoordinator: 'views', institutionHead: 'views', institutionCoordinator: 'does' },
    views: 'submission.view',
    does: 'submission.send',
  },
  report: {
    basis: 'S1-16, S2-18',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      municipalCoordinator: 'views',
      institutionHead: 'views',
      institutionCoordinator: 'views',
    },
    views: 'report.view',
  },
  forumAsk: {
    basis: 'S1-41',
    cells: { regionalCoordinator: 'does', institutionCoordinator: 'does' },
    does: 'forum.ask',
  },
  /** Over a part of the procedure's territory, or over all of it: `heldIn`. */
  forum: {
    basis: 'S1-42',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      institutionCoordinator: 'views',
      roomOrganizer: 'views',
    },
    views: 'forum.read',
  },
  forumAnswer: {
    basis: 'S1-40',
    cells: { federalCoordinator: 'does', regionalCoordinator: 'does' },
    does: 'forum.answer',
  },
  /** Whoever answers for the whole territory of the procedure says which answer is official. */
  forumKeeping: {
    basis: 'S1-40, i',
    cells: { federalCoordinator: 'decides', authoritySpecialist: 'decides', regionalCoordinator: 'decides' },
    decides: 'forum.keep',
  },
  /** The analytical base: who watches a territory or reads its reports; an institution reads its own. */
  results: {
    basis: 'S0-02, S0-08',
    cells: {
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      dataProcessingOperator: 'views',
      municipalCoordinator: 'views',
      institutionHead: 'views',
      institutionCoordinator: 'views',
    },
    views: 'results.view',
  },
  units: {
    basis: 'S1-53, S0-04',
    cells: {
      administrator: 'does',
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      municipalCoordinator: 'views',
    },
    views: 'units.view',
    does: 'units.manage',
  },
  deeds: {
    // Who did what in a territory is for those who answer for it; whose own deeds they are, sees his sessions in his account.
    basis: 'the hub itself',
    cells: {
      administrator: 'views',
      federalCoordinator: 'views',
      regionalCoordinator: 'views',
      municipalCoordinator: 'views',
    },
    views: 'deeds.view',
  },
  rightsTable: {
    basis: 'the hub itself',
    cells: { administrator: 'views', federalCoordinator: 'views', regionalCoordinator: 'views' },
    views: 'rights.view',
  },
  counters: {
    basis: 'the hub itself',
    cells: { administrator: 'does' },
    does: 'counters.mend',
  },
  people: {
    // Who may appoint whom is finer than a right: `APPOINTING` in appointment.ts.
    basis: 'S0-11, S1-01, S1-17',
    cells: {
      administrator: 'does',
      federalCoordinator: 'views',
      authoritySpecialist: 'views',
      regionalCoordinator: 'views',
      municipalCoordinator: 'views',
      institutionHead: 'views',
      institutionCoordinator: 'views',
    },
    views: 'people.view',
    does: 'people.manage',
  },
  viewing: {
    // Which people is finer than a right: `refusalToView` in viewing.ts.
    basis: 'the hub itself',
    cells: { administrator: 'does', regionalCoordinator: 'does' },
    does: 'people.viewAs',
  },
} as const satisfies Record<string, Row>;

export type RowName = keyof typeof TABLE;
type NamesOf<R> = R extends { views: infer V extends string } ? V : never;
type DoesOf<R> = R extends { does: infer D extends string } ? D : never;
type DecidesOf<R> = R extends { decides: infer D extends string } ? D : never;
type AnyRow = (typeof TABLE)[RowName];
export type Capability = NamesOf<AnyRow> | DoesOf<AnyRow> | DecidesOf<AnyRow>;

const rows: readonly Row[] = Object.values(TABLE);
export const CAPABILITIES = rows.flatMap(({ views, does, decides }) =>
  [views, does, decides].filter((name) => name !== undefined),
) as Capability[];

/** What a role may do, from the table. */
export const RIGHTS = Object.fromEntries(
  ROLES.map((role) => [
    role,
    rows.flatMap((row) => {
      const right = row.cells[role];
      return [right && row.views, right && row[right]].filter(
        (name, index, names) => name !== undefined && names.indexOf(name) === index,
      );
    }),
  ]),
) as unknown as Record<Role, readonly Capability[]>;

/** A role, bound to one unit and, where it says so, to one procedure; it reaches that unit and everything below. */
export interface Assignment {
  role: Role;
  unit: string;
  /** Materialised path of the unit. */
  path: string;
  /** Null or absent: every procedure. */
  procedure?: string | null;
}

export type Holder = { readonly assignments: readonly Assignment[] };

const abilities = new WeakMap<Holder, MongoAbility>();

/** The abilities of a person as CASL rules over paths and procedures; made once for each loaded person. */
export function abilityOf(person: Holder): MongoAbility {
  const known = abilities.get(person);
  if (known) return known;
  const ability = defineAbility((allow) => {
    for (const { role, path, procedure } of person.assignments)
      for (const capability of RIGHTS[role])
        allow(capability, 'Unit', {
          path: { $regex: `^${path.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}` },
          ...(procedure ? { procedure } : {}),
        });
  });
  abilities.set(person, ability);
  return ability;
}

/**
 * Whether a person holds a capability over the unit at `path`, in a procedure where the deed has one. A role that is bound to
 * a procedure reaches nothing outside it.
 */
export function isAllowed(person: Holder, capability: Capability, path: string, procedure?: string): boolean {
  return abilityOf(person).can(capability, { __caslSubjectType__: 'Unit', path, procedure } as never);
}

/**
 * What lets a person do something that all organizers of a procedure have in common (S1-42): he holds the capability over a part of the
 * procedure's territory, or over what holds it. The widest of what he holds; null when nothing lets him.
 */
export function heldIn(
  person: Holder,
  capability: Capability,
  procedure: { id: string; path: string },
): Assignment | null {
  const held = person.assignments.filter(
    ({ role, path, procedure: only }) =>
      RIGHTS[role].includes(capability) &&
      (!only || only === procedure.id) &&
      (path.startsWith(procedure.path) || procedure.path.startsWith(path)),
  );
  return held.toSorted((a, b) => a.path.length - b.path.length)[0] ?? null;
}

/** For `territories`: also those where the capability holds in some procedure only. */
export const ANY_PROCEDURE = Symbol('any procedure');

/** The paths of the territories over which a person holds a capability: what queries filter by. */
export function territories(
  person: Holder,
  capability: Capability,
  procedure?: string | typeof ANY_PROCEDURE,
): string[] {
  const paths = person.assignments
    .filter(
      ({ role, procedure: only }) =>
        RIGHTS[role].includes(capability) && (!only || procedure === ANY_PROCEDURE || only === procedure),
    )
    .map(({ path }) => path);
  return [...new Set(paths)].filter((path) => !paths.some((other) => other !== path && path.startsWith(other)));
}
