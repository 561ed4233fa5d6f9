/** How benches measure and round. */
import { performance } from 'node:perf_hooks';

const TICK_MS = 2;

/** By how much the latest tick of a timer came late (ms): what a socket or a request would have waited. */
export function watchStalls(): { stop: () => number } {
  let longestMs = 0;
  let last = performance.now();
  const note = (): void => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last - TICK_MS);
    last = now;
  };
  const timer = setInterval(note, TICK_MS);
  return {
    stop: () => {
      note();
      clearInterval(timer);
      return longestMs;
    },
  };
}

/** The value below which a share of all lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const roundTo = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
