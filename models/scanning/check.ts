/**
 * The check of one free answer (S1-13, S1-54): two experts mark it without knowing of each other or whose it is; where they differ, a third
 * decides. Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';

/** How long an expert may think about one answer before another may have it (ms). */
export const CHECK_LEASE_MS = 10 * 60_000;

/** First and second mark by themselves; the third only where they differ. */
export const SLOTS = ['first', 'second', 'third'] as const;
export type Slot = (typeof SLOTS)[number];

export interface Mark {
  expert: string;
  expertName: string;
  points: number;
  atMs: number;
  /** Which of the answer's marks it was: two may come in the same millisecond. */
  n: number;
}

export interface VoidedMarks {
  atMs: number;
  /** Which picture was marked. */
  of: string;
  marks: Partial<Record<Slot, Mark>>;
}
/** Times that an answer remembers. */
export const VOIDED_KEPT_MAX = 10;

interface CheckBase {
  /** Says nothing of the work: an expert sees it. */
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  work: string;
  /** Key of the free answer. */
  field: string;
  pointsMax: number;
  marks: Partial<Record<Slot, Mark>>;
  /** Rises when another picture takes the place of the one that was marked: what was seen before is not marked any more. */
  round: number;
  /** Marks of pictures that are there no more. */
  voided: VoidedMarks[];
}
export type Check = CheckBase & ({ status: 'open' } | { status: 'differing' } | { status: 'done'; points: number });

export const claimOfSlot = (check: string, slot: Slot): string => `check/${check}/${slot}`;

export const newCheck = (
  place: Pick<Check, 'id' | 'procedure' | 'centre' | 'college' | 'work' | 'field' | 'pointsMax'>,
): Check => ({ ...place, rev: 1, marks: {}, round: 1, voided: [], status: 'open' });

/** The slots in which this expert may mark: nobody marks an answer twice. */
export function slotsFor({ marks, status }: Check, expert: string): Slot[] {
  if (status === 'done' || Object.values(marks).some((mark) => mark.expert === expert)) return [];
  if (status === 'differing') return ['third'];
  return (['first', 'second'] as const).filter((slot) => !marks[slot]);
}

export const markSchema = z.strictObject({
  token: z.number().int().min(1),
  slot: z.enum(SLOTS),
  /** Which picture of the answer was looked at. */
  round: z.number().int().min(1),
  points: z.number().int().min(0),
});

/** An expert's mark. Errors: `check_moved` for another picture, `check_over` for a slot that is not his to fill, `bad_input` beyond the maximum. */
export function mark(
  check: Check,
  { slot, points, round }: { slot: Slot; points: number; round: number },
  by: { id: string; name: string },
  nowMs: number,
): Check {
  if (round !== check.round) throw new HubError('check_moved');
  if (!slotsFor(check, by.id).includes(slot)) throw new HubError('check_over');
  if (points > check.pointsMax) throw new HubError('bad_input', { field: 'points', reason: 'max' });
  const n = Object.keys(check.marks).length + 1;
  const marks = { ...check.marks, [slot]: { expert: by.id, expertName: by.name, points, atMs: nowMs, n } };
  return standing({ ...check, rev: check.rev + 1, marks });
}

/** An expert takes his own mark back, as long as nobody marked after him. Errors: `check_over`. */
export function unmark(check: Check, slot: Slot, expert: string): Check {
  const own = check.marks[slot];
  if (own?.expert !== expert || own.n < Object.keys(check.marks).length) throw new HubError('check_over');
  const marks = Object.fromEntries(Object.entries(check.marks).filter(([name]) => name !== slot));
  return standing({ ...check, rev: check.rev + 1, marks });
}

/**
 * Another picture took the place of the one that was marked (`was`, `is`: which): its marks are void, and it is to be marked anew; where that
 * picture was marked before, and has only come back, its marks hold again. `rev` is the matter of whoever saves it.
 */
export function changePicture(check: Check, { was, is }: { was: string; is: string | null }, nowMs: number): Check {
  const all =
    Object.keys(check.marks).length === 0
      ? check.voided
      : [...check.voided, { atMs: nowMs, of: was, marks: check.marks }];
  const back = all.find(({ of }) => of === is);
  const voided = all.filter((one) => one !== back).slice(-VOIDED_KEPT_MAX);
  return standing({ ...check, marks: back?.marks ?? {}, round: check.round + 1, voided });
}

function standing({
  id,
  rev,
  procedure,
  centre,
  college,
  work,
  field,
  pointsMax,
  marks,
  round,
  voided,
}: CheckBase): Check {
  const base = { id, rev, procedure, centre, college, work, field, pointsMax, marks, round, voided };
  const { first, second, third } = marks;
  if (third) return { ...base, status: 'done', points: third.points };
  if (!first || !second) return { ...base, status: 'open' };
  return first.points === second.points
    ? { ...base, status: 'done', points: first.points }
    : { ...base, status: 'differing' };
}

/** What an expert is given: the answer's picture is asked for by the id, and nothing tells whose it is. */
export interface CheckTask {
  id: string;
  slot: Slot;
  token: number;
  round: number;
  label: string;
  pointsMax: number;
}
