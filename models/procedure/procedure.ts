/**
 * A procedure, by its kind. What is true of every kind stands in `ProcedureBase`; a kind adds its input to `procedureInputSchema`, what it
 * has to `Procedure`, where it is opened and read to `KINDS`, and its beginning to `openProcedure`. Pure, browser-safe but for Temporal,
 * which the server has.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';
import { OWNERSHIPS, type Ownership, type Unit, type UnitKind } from '../org/unit.ts';
import type { Capability } from '../people/rights.ts';
import { planSchema, type PlanRow } from '../survey/plan.ts';
import { questionnaireSchema, type Questionnaire } from '../survey/questionnaire.ts';

interface ProcedureBase {
  id: string;
  rev: number;
  /** Title as in the centre's link, e.g. «Областной мониторинг посещаемости» (S2-01). */
  title: string;
  /** Path of the unit that runs it: the territory of the procedure. */
  path: string;
  /** IANA zone of that unit: every deadline is read in it (domain 4.3). */
  zone: string;
  /** First calendar year of the academic year the data are of: 2012 for 2012-2013 (S2-12). */
  academicYear: number;
  /** Last local day on which data are given, inclusive (S2-20; domain 6.1 row 2). */
  deadline: string;
  /** The moment the deadline's day ends, in milliseconds. */
  deadlineMs: number;
  centre: Centre;
}

/** The regional attendance monitoring (S2): files are refused from the deadline on (S2-21). */
export interface AttendanceProcedure extends ProcedureBase {
  kind: 'attendance';
  /** The region that runs it. */
  region: string;
}

/** A study of SPO students (S1), run by the federal organizer. The deadline is that of the regions' data on their colleges (S1-29). */
export interface StudyProcedure extends ProcedureBase {
  kind: 'study';
  /** The federation. */
  federation: string;
  /** Subjects that are studied, each in its rooms (S1-10). */
  subjects: string[];
}

/** A letter that a survey rests on, with its number and the day it is of (S4-02). */
export interface BasisDocument {
  title: string;
  number: string;
  date: string;
}

/** A survey of institutions (S4-01 … S4-06): filled online until the deadline. `centre` is the regional centre responsible (S4-05). */
export interface SurveyProcedure extends ProcedureBase {
  kind: 'survey';
  /** The region that runs it. */
  region: string;
  /** The complex monitoring that it is part of, and its direction (S4-01). */
  monitoring: string;
  direction: string;
  basis: BasisDocument[];
  /** Institutions of these ownerships are in it; no other is (S4-03). */
  covers: Ownership[];
  plan: PlanRow[];
  questionnaire: Questionnaire;
}

export type Procedure = AttendanceProcedure | StudyProcedure | SurveyProcedure;
export type ProcedureKind = Procedure['kind'];
export type ProcedureOf<Kind extends ProcedureKind> = Extract<Procedure, { kind: Kind }>;

/** What is so of all procedures of a kind. */
interface KindRow {
  /** The kind of unit that runs it. */
  runBy: UnitKind;
  /** Its first page. */
  page: (id: string) => string;
  /** Who may know of it; null: it is public. */
  seenBy: Capability | null;
}
export const KINDS: Readonly<Record<ProcedureKind, KindRow>> = {
  attendance: { runBy: 'region', page: (id) => `/monitoring/${id}`, seenBy: null },
  study: { runBy: 'federation', page: (id) => `/study/${id}`, seenBy: 'study.view' },
  survey: { runBy: 'region', page: (id) => `/survey/${id}`, seenBy: 'board.view' },
};

/** A procedure as lists name it. */
export interface ListedProcedure {
  id: string;
  kind: ProcedureKind;
  title: string;
}

/** Whom an organizer writes to and calls (S2-04), and its own site (S2-23): the regional centre, or the federal organizer. */
export interface Centre {
  name: string;
  phone: string;
  email: string;
  siteUrl: string;
}

export const SUBJECTS_MAX = 20;
const subjectSchema = z.string().trim().min(2).max(80);

export const BASIS_MAX = 10;
const basisSchema = z.strictObject({
  title: z.string().trim().min(2).max(200),
  number: z.string().trim().min(1).max(40),
  date: z.iso.date(),
});

const baseInput = {
  title: z.string().trim().min(5).max(200),
  academicYear: z.coerce.number().int().min(2000).max(2100),
  deadline: z.iso.date(),
  centre: z.strictObject({
    name: z.string().trim().min(2).max(200),
    phone: z.string().trim().min(3).max(60),
    email: z.email().max(120),
    siteUrl: z.url({ protocol: /^https?$/ }).max(300),
  }),
};

export const procedureInputSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('attendance'), ...baseInput }),
  z.strictObject({
    kind: z.literal('study'),
    ...baseInput,
    subjects: z
      .array(subjectSchema)
      .min(1)
      .max(SUBJECTS_MAX)
      .refine((subjects) => new Set(subjects.map((subject) => subject.toLowerCase())).size === subjects.length),
  }),
  z.strictObject({
    kind: z.literal('survey'),
    ...baseInput,
    monitoring: z.string().trim().min(5).max(200),
    direction: z.string().trim().min(5).max(200),
    basis: z.array(basisSchema).min(1).max(BASIS_MAX),
    covers: z
      .array(z.enum(OWNERSHIPS))
      .min(1)
      .refine((covers) => new Set(covers).size === covers.length),
    plan: planSchema,
    questionnaire: questionnaireSchema,
  }),
]);
export type ProcedureInput = z.infer<typeof procedureInputSchema>;

/** A procedure as it begins. Errors: HubError `bad_input` for a unit that runs none of the kind. */
export function openProcedure(input: ProcedureInput, unit: Unit): Procedure {
  const { kind, title, academicYear, deadline, centre } = input;
  if (unit.kind !== KINDS[kind].runBy || unit.zone === null)
    throw new HubError('bad_input', { field: 'unit', reason: 'kind' });
  const base = {
    ...{ id: `${kind}-${unit.id}-${academicYear}`, rev: 1, title, path: unit.path, zone: unit.zone, academicYear },
    ...{ deadline, deadlineMs: dayEndMs(deadline, unit.zone), centre },
  };
  switch (input.kind) {
    case 'attendance':
      return { ...base, kind: input.kind, region: unit.id };
    case 'study':
      return { ...base, kind: input.kind, federation: unit.id, subjects: input.subjects };
    case 'survey': {
      const { monitoring, direction, basis, covers, plan, questionnaire } = input;
      return { ...base, kind: input.kind, region: unit.id, monitoring, direction, basis, covers, plan, questionnaire };
    }
    default:
      return input satisfies never;
  }
}

/** Narrows to a kind. Errors: HubError `not_found` for a procedure of another, which its pages don't know. */
export function demandKind<Kind extends ProcedureKind>(procedure: Procedure, kind: Kind): ProcedureOf<Kind> {
  if (procedure.kind !== kind) throw new HubError('not_found');
  return procedure as ProcedureOf<Kind>;
}

/**
 * The first moment after a local day, in milliseconds: «до ДАТА» holds the whole day (domain 4.3).
 * Zones are IANA names, because offsets change: Europe/Moscow was UTC+4 in 2013 and is UTC+3 now.
 */
export function dayEndMs(day: string, zone: string): number {
  return Temporal.PlainDate.from(day).add({ days: 1 }).toZonedDateTime({ timeZone: zone }).epochMilliseconds;
}

/** Whether data are still awaited. The day is inclusive, the next midnight is not (domain 5.11). */
export const isOpen = (procedure: Pick<Procedure, 'deadlineMs'>, nowMs: number): boolean =>
  nowMs < procedure.deadlineMs;

/** `2012-2013` for 2012. */
export const academicYearName = (firstYear: number): string => `${firstYear}-${firstYear + 1}`;

/** What anyone may know of a monitoring. */
export type PublicProcedure = Omit<AttendanceProcedure, 'rev' | 'path'>;
