/** Recounts: whether the counters in a head agree with what they count. Pure, browser-safe. */
import { countsDifference, type HeadCounts } from '../participation/board.ts';

export interface Recount {
  /** The stream. */
  id: string;
  rev: number;
  atMs: number;
  /** The sequence at which both were read. */
  seq: number;
  kept: HeadCounts;
  counted: HeadCounts;
  isDrifting: boolean;
}

/** Both figures of one moment, judged. */
export function judged(
  before: Recount | null,
  stream: string,
  atMs: number,
  { seq, kept, counted }: Pick<Recount, 'seq' | 'kept' | 'counted'>,
): Recount {
  const isDrifting = Object.keys(countsDifference(kept, counted)).length > 0;
  return { id: stream, rev: (before?.rev ?? 0) + 1, atMs, seq, kept, counted, isDrifting };
}
