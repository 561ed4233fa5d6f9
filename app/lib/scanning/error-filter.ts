/** What of the errors is shown: by institution, by what is wrong, by age, and those that wait for a new scan. Pure. */
import { COLLECTOR_FINDING_CODES, type CollectorFindingCode } from '#collector/finding.ts';
import type { ScanErrorView } from '#models/scanning/scan-error.ts';
import type { ScanCollegeRow } from '#models/scanning/scan-views.ts';

const MINUTE_MS = 60_000;
/** Older than so many minutes. */
export const AGES_MIN = [15, 60, 240, 1440] as const;
export type AgeMin = (typeof AGES_MIN)[number];

export interface ErrorFilter {
  college: string | null;
  code: CollectorFindingCode | null;
  olderThanMin: AgeMin | null;
  /** Those of which a new scan was asked; the others are to be settled. */
  isAwaited: boolean;
}

/** As the address has it; what makes no sense is not asked. */
export function filterOf(given: Pick<URLSearchParams, 'get'>): ErrorFilter {
  const age = Number(given.get('age'));
  return {
    college: given.get('college'),
    code: COLLECTOR_FINDING_CODES.find((code) => code === given.get('code')) ?? null,
    olderThanMin: AGES_MIN.find((minutes) => minutes === age) ?? null,
    isAwaited: given.get('awaited') !== null,
  };
}

/** Until which moment an error was raised that is old enough for the filter. */
export const raisedBefore = ({ olderThanMin }: ErrorFilter, nowMs: number): number =>
  olderThanMin === null ? Infinity : nowMs - olderThanMin * MINUTE_MS;

export function isListed(error: ScanErrorView, filter: ErrorFilter, nowMs: number): boolean {
  const { college, code, isAwaited } = filter;
  return (
    (error.status === 'awaitingRescan') === isAwaited &&
    (college === null || error.college === college) &&
    (code === null || error.finding.code === code) &&
    error.raisedAtMs <= raisedBefore(filter, nowMs)
  );
}

/** How many there are by institution and by what is wrong, whether they are known one by one or not. */
export function countErrors(
  colleges: readonly Pick<ScanCollegeRow, 'college' | 'open' | 'awaited'>[],
  { college, code, isAwaited }: Pick<ErrorFilter, 'college' | 'code' | 'isAwaited'>,
): number {
  let sum = 0;
  for (const row of colleges) {
    if (college !== null && row.college !== college) continue;
    const counts = isAwaited ? row.awaited : row.open;
    sum += code === null ? Object.values(counts).reduce((all, count) => all + count, 0) : (counts[code] ?? 0);
  }
  return sum;
}

/** The first after this one, from the beginning when there is none, that is free for whoever asks. */
export function nextFree(
  errors: readonly ScanErrorView[],
  after: string | null,
  isFree: (error: ScanErrorView) => boolean,
): ScanErrorView | null {
  const at = errors.findIndex(({ id }) => id === after);
  const inTurn = [...errors.slice(at + 1), ...errors.slice(0, at + 1)];
  return inTurn.find((error) => error.id !== after && isFree(error)) ?? null;
}

/** Errors an hour, and how long the rest takes at that pace (ms); null while too few were settled to tell. */
export function paceOf(
  { settled, firstAtMs }: { settled: number; firstAtMs: number | null },
  left: number,
  nowMs: number,
): { perHour: number; leftMs: number } | null {
  if (firstAtMs === null || settled < 3) return null;
  const perMs = settled / Math.max(MINUTE_MS, nowMs - firstAtMs);
  return { perHour: Math.round(perMs * 60 * MINUTE_MS), leftMs: left / perMs };
}
