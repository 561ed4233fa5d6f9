/**
 * An error that the Collector reports on an upload (domain 4.1 ScanError, S1-12): of a page, of a work, of a college or of a file. It is open
 * until a person settles it or a later page answers it, and opens again when what it says becomes true again. Who is on it is a claim.
 * Pure, browser-safe.
 */
import { z } from 'zod';
import { HOLDER_NUMBER_MAX } from '#collector/code.ts';
import {
  COLLECTOR_FINDING_CODES,
  FINDINGS,
  type CollectorFinding,
  type CollectorFindingCode,
  type WayOut,
} from '#collector/finding.ts';
import { hintsSchema } from '#collector/reading.ts';
import type { ClaimView } from '../claim/claim.ts';
import { HubError } from '../error.ts';
import type { Counts } from './figures.ts';

export const ERROR_LEASE_MS = 3 * 60_000;
export const REASON_CHARS_MAX = 300;
/** Steps that an error remembers. */
export const STEPS_MAX = 40;

/** One step in the life of an error: who did what, with what. */
export interface ErrorStep {
  atMs: number;
  /** Null: the hub, by a later page. */
  byName: string | null;
  did: 'raised' | 'settled' | 'healed' | 'reopened' | 'rescanAsked' | 'takenBack';
  way: WayOut | null;
  /** What was typed, chosen or given as a reason, for people. */
  said: string | null;
  /** Of what a later page answered: which one, where it is known. */
  page?: AnsweringPage;
}

/** The page that answered an error by coming. */
export interface AnsweringPage {
  fileName: string;
  /** Number of the page in its file. */
  n: number;
}

interface ErrorBase {
  /** What it is of, and which finding: the same finding of the same thing is the same error. */
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  collegeName: string;
  /** Null for what is of the college as a whole. */
  batch: string | null;
  file: string | null;
  fileName: string | null;
  page: string | null;
  /** Number of the page in its file. */
  n: number | null;
  work: string | null;
  room: number | null;
  finding: CollectorFinding;
  raisedAtMs: number;
  reopened: number;
  steps: ErrorStep[];
}

export type ScanError = ErrorBase &
  (
    | { status: 'open' }
    /** Asked of the institution with a note; a later page answers it. */
    | { status: 'awaitingRescan'; note: string; askedAtMs: number; askedBy: string }
    | ResolvedError
  );
interface ResolvedError {
  status: 'resolved';
  resolvedAtMs: number;
  byName: string | null;
  way: WayOut | null;
  /** Of what a later page answered: which one, where it is known. */
  answer?: AnsweringPage;
  /** Who let it stand, of an error of no page: of one of a page, the page knows. Absent where nobody did. */
  stoodBy?: string;
}

export const isUnsettled = ({ status }: Pick<ScanError, 'status'>): boolean => status !== 'resolved';

export const claimSubject = (error: string): string => `scanError/${error}`;

/** Who changed what it follows from: a person by a way out, or a page that came. */
export interface Cause {
  byName: string | null;
  way: WayOut | null;
  said: string | null;
  /** The page that came, where there is one. */
  page?: AnsweringPage;
}
export const BY_A_PAGE: Cause = { byName: null, way: null, said: null };
/** Somebody takes a decision back: no way out of anything. */
const isBack = ({ byName, way }: Cause): boolean => byName !== null && way === null;

/** Of what an error is. */
export type ErrorPlace = Omit<ErrorBase, 'rev' | 'finding' | 'raisedAtMs' | 'reopened' | 'steps'>;

const stepped = (error: ScanError, step: ErrorStep): ErrorStep[] => [...error.steps, step].slice(-STEPS_MAX);

const baseOf = (error: ScanError): ErrorBase => ({
  ...{ id: error.id, rev: error.rev, procedure: error.procedure, centre: error.centre, college: error.college },
  ...{ collegeName: error.collegeName, batch: error.batch, file: error.file, fileName: error.fileName },
  ...{ page: error.page, n: error.n, work: error.work, room: error.room, finding: error.finding },
  ...{ raisedAtMs: error.raisedAtMs, reopened: error.reopened, steps: error.steps },
});

/** The finding is there: a new error, the same as before, or one that returns, by a page or because its decision is taken back. */
export function raised(
  present: ScanError | null,
  place: ErrorPlace,
  finding: CollectorFinding,
  nowMs: number,
  cause: Cause = BY_A_PAGE,
): ScanError {
  if (!present) {
    const step: ErrorStep = { atMs: nowMs, ...BY_A_PAGE, did: 'raised' };
    const fresh = { ...place, rev: 0, finding, raisedAtMs: nowMs, reopened: 0, steps: [step] };
    return { ...fresh, status: 'open' };
  }
  if (isUnsettled(present)) return { ...present, ...place, finding };
  const { reopened } = present;
  const step: ErrorStep = isBack(cause)
    ? { atMs: nowMs, ...cause, did: 'takenBack' }
    : { atMs: nowMs, ...BY_A_PAGE, did: 'reopened' };
  return {
    ...baseOf(present),
    ...place,
    finding,
    status: 'open',
    reopened: reopened + 1,
    steps: stepped(present, step),
  };
}

/** The finding is there no more: settled by somebody, or answered by a page. */
export function resolved(error: ScanError, cause: Cause, nowMs: number): ScanError {
  if (!isUnsettled(error)) return error;
  const did = cause.byName === null ? 'healed' : isBack(cause) ? 'takenBack' : 'settled';
  return {
    ...{ ...baseOf(error), status: 'resolved', resolvedAtMs: nowMs, byName: cause.byName, way: cause.way },
    ...(cause.page ? { answer: cause.page } : {}),
    steps: stepped(error, { atMs: nowMs, ...cause, did }),
  };
}

/** An error of no page is let stand by somebody, who may take that back. */
export function letStand(error: ScanError, cause: Cause, by: string, nowMs: number): ScanError {
  const settled = resolved(error, cause, nowMs);
  return settled.status === 'resolved' ? { ...settled, stoodBy: by } : settled;
}

/** What somebody let stand, he lets stand no more. Errors: `settlement_over` when it was another's, or does not stand. */
export function standNoMore(error: ScanError, cause: Cause, by: string, nowMs: number): ScanError {
  if (error.status !== 'resolved' || error.stoodBy !== by) throw new HubError('settlement_over');
  return raised(error, baseOf(error), error.finding, nowMs, cause);
}

/** The institution is asked for the sheet once more. Errors: `error_settled`, `way_unfit`. */
export function askRescan(error: ScanError, note: string, by: { name: string }, nowMs: number): ScanError {
  demandWay(error, 'requestRescan');
  return {
    ...{ ...baseOf(error), rev: error.rev + 1, status: 'awaitingRescan', note, askedAtMs: nowMs, askedBy: by.name },
    steps: stepped(error, { atMs: nowMs, byName: by.name, did: 'rescanAsked', way: 'requestRescan', said: note }),
  };
}

/** Errors: `error_settled` for one that is not open any more. */
export function demandUnsettled(error: ScanError): void {
  if (error.status === 'resolved') throw new HubError('error_settled', { by: error.byName ?? '' });
}

/** Errors: `error_settled`, `way_unfit` for a way that this error has not. */
export function demandWay(error: ScanError, way: WayOut): void {
  demandUnsettled(error);
  if (!FINDINGS[error.finding.code].waysOut.includes(way)) throw new HubError('way_unfit');
}

/** Which finding of its college an error is that is of the college as a whole. */
export const collegeKey = ({ id, procedure, college }: ScanError): string =>
  id.slice(`${procedure}/${college}.`.length);

/* ---- what a person says ---- */

const reason = z.string().trim().min(3).max(REASON_CHARS_MAX);
const marksSchema = z.record(z.string().max(40), z.string().max(40).nullable());

const PLAIN = [
  z.strictObject({ way: z.literal('markBlank') }),
  z.strictObject({ way: z.literal('requestRescan'), note: reason }),
  z.strictObject({ way: z.literal('acceptWithReason'), reason }),
  z.strictObject({ way: z.literal('drop') }),
] as const;
/** What can be said of many errors at once. */
export const plainSettlementSchema = z.discriminatedUnion('way', PLAIN);

export const settlementSchema = z.discriminatedUnion('way', [
  ...PLAIN,
  z.strictObject({ way: z.literal('typeCode'), code: z.string().trim().min(1).max(60) }),
  z.strictObject({ way: z.literal('clickCorners'), corners: hintsSchema.shape.corners.unwrap() }),
  z.strictObject({ way: z.literal('rotate'), rotate: hintsSchema.shape.rotate.unwrap() }),
  z.strictObject({
    way: z.literal('pickForm'),
    form: z.number().int().min(1),
    page: z.number().int().min(1),
    /** Of the participant, the room or the spare sheet: whose a page of this form is. */
    holder: z.number().int().min(1).max(HOLDER_NUMBER_MAX),
  }),
  /** To another college, or to a participant of this one. */
  z.strictObject({
    way: z.literal('moveTo'),
    college: z.string().max(80).nullable(),
    participant: z.number().int().min(1).nullable(),
  }),
  /** Of two pages this one or the other; of two codes the text of the one that holds. */
  z.strictObject({ way: z.literal('chooseOfTwo'), choice: z.string().min(1).max(60) }),
  z.strictObject({ way: z.literal('decideMarks'), marks: marksSchema }),
]);
export type Settlement = z.output<typeof settlementSchema>;

/* ---- as it is seen ---- */

/** As specialists and coordinators see it; without who settled it in the past, which the page of the error tells. */
export interface ScanErrorView {
  id: string;
  rev: number;
  college: string;
  collegeName: string;
  batch: string | null;
  fileName: string | null;
  page: string | null;
  n: number | null;
  participant: number | null;
  room: number | null;
  finding: CollectorFinding;
  raisedAtMs: number;
  reopened: number;
  status: ScanError['status'];
  note: string | null;
  /** Of a settled one: by whom (null: by a later page), how, and when. */
  byName: string | null;
  way: WayOut | null;
  resolvedAtMs: number | null;
  /** Of one that a later page answered: which, where it is known. */
  answer: AnsweringPage | null;
}
export const errorView = (error: ScanError): ScanErrorView => ({
  ...{ id: error.id, rev: error.rev, college: error.college, collegeName: error.collegeName, batch: error.batch },
  ...{ fileName: error.fileName, page: error.page, n: error.n, room: error.room, finding: error.finding },
  participant: error.work === null ? null : Number(error.work.split('/').at(-1)),
  ...{ raisedAtMs: error.raisedAtMs, reopened: error.reopened, status: error.status },
  note: error.status === 'awaitingRescan' ? error.note : null,
  byName: error.status === 'resolved' ? error.byName : null,
  way: error.status === 'resolved' ? error.way : null,
  resolvedAtMs: error.status === 'resolved' ? error.resolvedAtMs : null,
  answer: error.status === 'resolved' ? (error.answer ?? null) : null,
});

/** A claim with its revision: the newer one wins. */
export type ErrorClaim = ClaimView & { rev: number };

/** Open errors that a snapshot holds, the oldest ones, and those of which a new scan was asked; the others are asked for by filter. */
export const OPEN_SHOWN_MAX = 300;
export const AWAITED_SHOWN_MAX = 100;
/** Errors that closed by themselves, the last ones: they are told, and nobody has to do anything about them. */
export const HEALED_SHOWN_MAX = 8;
/** Errors of one answer to such a question. */
export const ERRORS_ASKED_MAX = 200;

export const ERRORS_ASKED_STATUSES = ['open', 'awaitingRescan'] as const satisfies readonly ScanError['status'][];
export const errorsAskedSchema = z.strictObject({
  status: z.enum(ERRORS_ASKED_STATUSES),
  college: z.string().max(80).nullable(),
  batch: z.string().max(80).nullable(),
  code: z.enum(COLLECTOR_FINDING_CODES).nullable(),
  /** Behind which one: when it was raised, and its id. */
  after: z.tuple([z.number().int().min(0), z.string().max(200)]).nullable(),
});
export type ErrorsAsked = z.output<typeof errorsAskedSchema>;

/**
 * Errors of one scanning centre in one procedure that are not settled, and who is on which: the oldest, and every one that was heard of since.
 * How many there are of which kind, the rows of colleges and batches tell.
 */
export interface ScanErrorsState {
  errors: readonly ScanErrorView[];
  claims: readonly ErrorClaim[];
  /** What a later page answered, the latest first. */
  healed: readonly ScanErrorView[];
}
export type ScanErrorFact =
  | { type: 'scanErrorChanged'; entity: string; rev: number; body: { error: ScanErrorView } }
  | { type: 'claimChanged'; entity: string; rev: number; body: { claim: ClaimView } };

export function errorsOf(
  errors: readonly ScanErrorView[],
  claims: readonly ErrorClaim[],
  healed: readonly ScanErrorView[],
): ScanErrorsState {
  const subjects = new Set(errors.map(({ id }) => claimSubject(id)));
  return {
    errors: errors.toSorted((a, b) => a.raisedAtMs - b.raisedAtMs || (a.id < b.id ? -1 : 1)),
    claims: claims.filter(({ id }) => subjects.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    healed: healed
      .toSorted((a, b) => (b.resolvedAtMs ?? 0) - (a.resolvedAtMs ?? 0) || (a.id < b.id ? -1 : 1))
      .slice(0, HEALED_SHOWN_MAX),
  };
}

/** Closed by a page that came, and not by anybody. */
export const isHealed = ({ status, byName }: Pick<ScanErrorView, 'status' | 'byName'>): boolean =>
  status === 'resolved' && byName === null;

/** Settled ones leave, healed ones are told; the newer revision wins. */
export function applyErrorFact(state: ScanErrorsState, fact: ScanErrorFact): ScanErrorsState {
  const { errors, claims, healed } = state;
  switch (fact.type) {
    case 'scanErrorChanged': {
      const { error } = fact.body;
      const isOf = ({ id }: ScanErrorView): boolean => id === fact.entity;
      const present = errors.find(isOf) ?? healed.find(isOf);
      if (present && present.rev >= fact.rev) return state;
      const others = errors.filter((one) => !isOf(one));
      const othersHealed = healed.filter((one) => !isOf(one));
      return errorsOf(
        error.status === 'resolved' ? others : [...others, error],
        claims,
        isHealed(error) ? [...othersHealed, error] : othersHealed,
      );
    }
    case 'claimChanged': {
      const known = claims.find(({ id }) => id === fact.entity);
      if (known && known.rev >= fact.rev) return state;
      const changed = { ...fact.body.claim, rev: fact.rev };
      return errorsOf(errors, [...claims.filter(({ id }) => id !== fact.entity), changed], healed);
    }
    default:
      throw fact satisfies never;
  }
}

/** Who is on an error at a moment; null when nobody is. */
export function specialistOn({ claims }: ScanErrorsState, error: string, nowMs: number): ErrorClaim | null {
  const claim = claims.find(({ id }) => id === claimSubject(error));
  return claim && claim.holder !== null && nowMs < claim.untilMs ? claim : null;
}

/* ---- the same on a whole batch ---- */

/** From how many pages on, and from which share of a batch, one finding is said once with its cause. */
export const SAME_PAGES_MIN = 5;
export const SAME_SHARE_MIN = 0.3;

export interface SameError {
  batch: string;
  code: CollectorFindingCode;
  count: number;
}

/** Errors that a whole batch has in common, by what is open in it. */
export const sameErrors = (
  batches: readonly { id: string; open: Counts<CollectorFindingCode>; figures: { pages: number } }[],
): SameError[] =>
  batches.flatMap(({ id: batch, open, figures: { pages } }) =>
    COLLECTOR_FINDING_CODES.flatMap((code) => {
      const count = open[code] ?? 0;
      const isCommon = count >= SAME_PAGES_MIN && count >= SAME_SHARE_MIN * pages;
      return isCommon && FINDINGS[code].batchCause !== null ? [{ batch, code, count }] : [];
    }),
  );
