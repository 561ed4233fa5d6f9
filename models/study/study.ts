/**
 * A study of SPO students from the preliminary list to informed colleges (domain 4.1 Participation, S1-29 … S1-31): regions give data on
 * their colleges and hand them over, the federal organizer publishes the sample of a region, the region informs each sampled college.
 * Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import type { RoomsLine } from '../room/room.ts';

export const STUDENTS_MAX = 20_000;
export const GROUPS_MAX = 1_000;
/** Names of colleges that a refusal tells. */
export const NAMED_MAX = 10;

/**
 * Data on a college: only those who were admitted after basic general education and completed the secondary general programme in the
 * previous academic year, and the groups that they study in (S1-05).
 */
export const collegeDataSchema = z
  .strictObject({
    students: z.coerce.number().int().min(0).max(STUDENTS_MAX),
    groups: z.coerce.number().int().min(0).max(GROUPS_MAX),
  })
  .refine(({ students, groups }) => groups <= students && (students === 0) === (groups === 0), { path: ['groups'] });
export type CollegeData = z.output<typeof collegeDataSchema>;

/* ---- a college ---- */

interface CollegeBase {
  /** `procedure/college`. */
  id: string;
  rev: number;
  procedure: string;
  region: string;
  college: string;
  name: string;
  order: number;
}
interface Sampled {
  data: CollegeData;
  sampledAtMs: number;
}

export type StudyCollege = CollegeBase &
  (
    | { status: 'candidate'; data: CollegeData | null }
    | { status: 'dataProvided'; data: CollegeData }
    | ({ status: 'notSampled' } & Sampled)
    | ({ status: 'sampled' } & Sampled)
    | ({ status: 'informed'; informedAtMs: number } & Sampled)
    | ({ status: 'acknowledged'; informedAtMs: number; acknowledgedAtMs: number; byName: string } & Sampled)
  );
export type StudyCollegeOf<Status extends StudyCollege['status']> = Extract<StudyCollege, { status: Status }>;
export const COLLEGE_STATES = [
  'candidate',
  'dataProvided',
  'notSampled',
  'sampled',
  'informed',
  'acknowledged',
] as const satisfies readonly StudyCollege['status'][];

/** Those of the sample, told or not. */
export const SAMPLED_STATES = [
  'sampled',
  'informed',
  'acknowledged',
] as const satisfies readonly StudyCollege['status'][];

export const studyId = (procedure: string, unit: string): string => `${procedure}/${unit}`;

export const candidate = (
  place: Pick<StudyCollege, 'procedure' | 'region' | 'college' | 'name' | 'order'>,
): StudyCollegeOf<'candidate'> => ({
  ...{ id: studyId(place.procedure, place.college), rev: 1, ...place },
  ...{ status: 'candidate', data: null },
});

/**
 * The region says how many; it may mend what it handed over until the sample is published. `knownRev` is what the writer saw.
 * Errors: `stale_write`, `study_sampled`.
 */
export function giveData(one: StudyCollege, data: CollegeData, knownRev: number): StudyCollege {
  if (one.status !== 'candidate' && one.status !== 'dataProvided') throw new HubError('study_sampled');
  if (one.rev !== knownRev) throw new HubError('stale_write');
  return { ...one, rev: one.rev + 1, data };
}

/** Whether a college was told that it takes part: before, there is nothing of the study for it. */
export const isTold = <One extends { status: StudyCollege['status'] }>(
  one: One,
): one is One & { status: 'informed' | 'acknowledged' } => one.status === 'informed' || one.status === 'acknowledged';

/** The region tells a sampled college of its participation (S1-31); null when it was told. Errors: `study_not_sampled`. */
export function inform(one: StudyCollege, nowMs: number): StudyCollegeOf<'informed'> | null {
  if (isTold(one)) return null;
  if (one.status !== 'sampled') throw new HubError('study_not_sampled', { name: one.name });
  return { ...one, rev: one.rev + 1, status: 'informed', informedAtMs: nowMs };
}

/** The college has read it; null when it said so before. What was not said to it does not exist for it: `not_found`. */
export function acknowledge(
  one: StudyCollege,
  by: { name: string },
  nowMs: number,
): StudyCollegeOf<'acknowledged'> | null {
  if (one.status === 'acknowledged') return null;
  if (one.status !== 'informed') throw new HubError('not_found');
  return { ...one, rev: one.rev + 1, status: 'acknowledged', acknowledgedAtMs: nowMs, byName: by.name };
}

/* ---- a region ---- */

interface RegionBase {
  /** `procedure/region`. */
  id: string;
  rev: number;
  procedure: string;
  region: string;
}
export type StudyRegion = RegionBase &
  (
    | { status: 'collecting' }
    | { status: 'handedOver'; handedAtMs: number }
    | { status: 'sampled'; handedAtMs: number; sampledAtMs: number }
  );

/** The preliminary list begins, or takes in who was missing. Errors: `study_list_closed` once it was handed over. */
export function listRegion(present: StudyRegion | null, procedure: string, region: string): StudyRegion {
  if (present === null) return { id: studyId(procedure, region), rev: 1, procedure, region, status: 'collecting' };
  if (present.status !== 'collecting') throw new HubError('study_list_closed');
  return { ...present, rev: present.rev + 1 };
}

export interface RegionMove {
  region: StudyRegion;
  colleges: StudyCollege[];
}

/** The list goes to the federal organizer, whole (S1-29). Errors: `study_incomplete` with the names of those without data. */
export function handOver(region: StudyRegion, colleges: readonly StudyCollege[], nowMs: number): RegionMove {
  if (region.status !== 'collecting') throw new HubError('study_list_closed');
  const missing = colleges.filter(({ data }) => data === null);
  if (missing.length > 0)
    throw new HubError('study_incomplete', {
      count: missing.length,
      names: missing
        .slice(0, NAMED_MAX)
        .map(({ name }) => name)
        .join(', '),
    });
  const { id, rev, procedure, region: unit } = region;
  return {
    region: { id, rev: rev + 1, procedure, region: unit, status: 'handedOver', handedAtMs: nowMs },
    colleges: colleges.flatMap((one) =>
      one.status === 'candidate' && one.data !== null
        ? [{ ...one, rev: one.rev + 1, status: 'dataProvided' as const, data: one.data }]
        : [],
    ),
  };
}

/**
 * The federal organizer publishes the sample of a region: every college of its list is in or out, at once and for good (S1-30).
 * Errors: `study_not_handed`, `study_sampled`, `sample_unknown` for a college that is not on the list.
 */
export function publishSample(
  region: StudyRegion,
  colleges: readonly StudyCollege[],
  chosen: readonly string[],
  nowMs: number,
): RegionMove {
  if (region.status === 'sampled') throw new HubError('study_sampled');
  if (region.status !== 'handedOver') throw new HubError('study_not_handed');
  const unknown = chosen.filter((college) => !colleges.some((one) => one.college === college));
  if (unknown.length > 0)
    throw new HubError('sample_unknown', { count: unknown.length, codes: unknown.slice(0, NAMED_MAX).join(', ') });
  return {
    region: { ...region, rev: region.rev + 1, status: 'sampled', sampledAtMs: nowMs },
    colleges: colleges.flatMap((one) =>
      one.status === 'dataProvided'
        ? [
            {
              ...{ ...one, rev: one.rev + 1, sampledAtMs: nowMs },
              status: chosen.includes(one.college) ? ('sampled' as const) : ('notSampled' as const),
            },
          ]
        : [],
    ),
  };
}

/* ---- as the region and the federal organizer see it ---- */

export interface CollegeRow {
  college: string;
  rev: number;
  name: string;
  order: number;
  status: StudyCollege['status'];
  data: CollegeData | null;
  informedAtMs: number | null;
  acknowledgedAtMs: number | null;
  byName: string | null;
}
export const collegeRow = (one: StudyCollege): CollegeRow => ({
  ...{ college: one.college, rev: one.rev, name: one.name, order: one.order, status: one.status, data: one.data },
  informedAtMs: 'informedAtMs' in one ? one.informedAtMs : null,
  ...(one.status === 'acknowledged'
    ? { acknowledgedAtMs: one.acknowledgedAtMs, byName: one.byName }
    : { acknowledgedAtMs: null, byName: null }),
});

export interface RegionView {
  rev: number;
  status: StudyRegion['status'];
  handedAtMs: number | null;
  sampledAtMs: number | null;
}
export const regionView = (region: StudyRegion): RegionView => ({
  ...{ rev: region.rev, status: region.status },
  handedAtMs: region.status === 'collecting' ? null : region.handedAtMs,
  sampledAtMs: region.status === 'sampled' ? region.sampledAtMs : null,
});

/** One region in one study; the choice of the sample is nowhere in it before it is published. */
export interface StudyPart {
  region: string;
  /** Null before the preliminary list. */
  state: RegionView | null;
  rows: CollegeRow[];
  /** Of the colleges that stated their rooms. */
  rooms: RoomsLine[];
}
export type StudyFact =
  | { type: 'studyRegionChanged'; body: { state: RegionView } }
  | { type: 'studyCollegeChanged'; body: { row: CollegeRow } }
  | { type: 'studyRoomsChanged'; body: { line: RoomsLine } };

export const emptyStudyPart = (region: string): StudyPart => ({ region, state: null, rows: [], rooms: [] });

export const inCollegeOrder = (lines: readonly RoomsLine[]): RoomsLine[] =>
  lines.toSorted((a, b) => (a.college < b.college ? -1 : 1));

export const inListOrder = (rows: readonly CollegeRow[]): CollegeRow[] =>
  rows.toSorted((a, b) => a.order - b.order || (a.college < b.college ? -1 : 1));

/** Applies a fact: the newer revision wins. */
export function applyStudyFact(part: StudyPart, fact: StudyFact): StudyPart {
  switch (fact.type) {
    case 'studyRegionChanged':
      return part.state && part.state.rev >= fact.body.state.rev ? part : { ...part, state: fact.body.state };
    case 'studyCollegeChanged': {
      const { row } = fact.body;
      const present = part.rows.find(({ college }) => college === row.college);
      if (present && present.rev >= row.rev) return part;
      return { ...part, rows: inListOrder([...part.rows.filter((one) => one !== present), row]) };
    }
    case 'studyRoomsChanged': {
      const { line } = fact.body;
      const present = part.rooms.find(({ college }) => college === line.college);
      if (present && present.rev >= line.rev) return part;
      return { ...part, rooms: inCollegeOrder([...part.rooms.filter((one) => one !== present), line]) };
    }
    default:
      throw fact satisfies never;
  }
}

/** How far the colleges of a list are; each figure is of `listed` or, from `informed` on, of `sampled`. */
export interface StudyCounts {
  listed: number;
  withData: number;
  students: number;
  sampled: number;
  informed: number;
  acknowledged: number;
}
export function countColleges(rows: readonly CollegeRow[]): StudyCounts {
  const are = (...states: StudyCollege['status'][]): number =>
    rows.filter(({ status }) => states.includes(status)).length;
  return {
    listed: rows.length,
    withData: rows.filter(({ data }) => data !== null).length,
    students: rows.reduce((sum, { data }) => sum + (data?.students ?? 0), 0),
    sampled: are(...SAMPLED_STATES),
    informed: are('informed', 'acknowledged'),
    acknowledged: are('acknowledged'),
  };
}

/* ---- as the college sees it ---- */

/** What a sampled college is told; there is none for any other, nor before the region told it. */
export interface StudyInvitation {
  procedure: string;
  rev: number;
  title: string;
  subjects: string[];
  informedAtMs: number;
  acknowledgedAtMs: number | null;
  byName: string | null;
}
export type InvitationFact = { type: 'studyInvitationChanged'; body: { invitation: StudyInvitation } };

export function invitationOf(
  one: StudyCollege,
  procedure: { title: string; subjects: string[] },
): StudyInvitation | null {
  if (!isTold(one)) return null;
  const { acknowledgedAtMs, byName } = collegeRow(one);
  const { title, subjects } = procedure;
  return {
    ...{ procedure: one.procedure, rev: one.rev, title, subjects, informedAtMs: one.informedAtMs },
    ...{ acknowledgedAtMs, byName },
  };
}

export const applyInvitationFact = (
  present: StudyInvitation | null,
  { body: { invitation } }: InvitationFact,
): StudyInvitation | null => (present && present.rev >= invitation.rev ? present : invitation);
