/** Who hears his node may not be far behind: a heartbeat and the catching up after it are all that is granted. Pure. */
import type { Findings } from './findings.ts';

/** Where a stream was at a moment. */
export interface HeadSample {
  atMs: number;
  seq: number;
}

export interface Watch {
  who: string;
  /** Moments and sequences of the viewer, rising. */
  progress: readonly (readonly [number, number])[];
  /** Times through which he heard his node. */
  hearing: readonly (readonly [number, number])[];
}

/**
 * For every sample: when the viewer heard his node from then on for `boundMs`, he must have reached it by the end of that time.
 * One span of being behind counts once.
 */
export function checkStaleness(
  findings: Findings,
  { who, progress, hearing }: Watch,
  samples: readonly HeadSample[],
  boundMs: number,
  /** Times in which nobody could know: the store itself was away. */
  excused: readonly (readonly [number, number])[],
): number {
  let longestMs = 0;
  let place = 0;
  let behindUntil = -1;
  for (const { atMs, seq } of samples) {
    const endMs = atMs + boundMs;
    const isHeard = hearing.some(([from, to]) => from <= atMs && endMs <= to);
    const isExcused = excused.some(([from, to]) => from <= endMs && atMs <= to);
    while (place < progress.length && (progress[place]?.[1] ?? 0) < seq) place += 1;
    const reachedAtMs = progress[place]?.[0] ?? Infinity;
    if (!isHeard || isExcused) continue;
    if (reachedAtMs !== Infinity) longestMs = Math.max(longestMs, reachedAtMs - atMs);
    if (reachedAtMs <= endMs || atMs <= behindUntil) continue;
    findings.add('stale', `${who}: ${seq} of ${atMs} reached ${Math.round(reachedAtMs - atMs)} ms later`);
    behindUntil = reachedAtMs;
  }
  return longestMs;
}
