/** Numbers that are printed in codes: a code has no room for ids. Each is given once and never to anything else. */
import type { EntityStore } from '../entity.store.ts';
import { retryStale } from '../entity.store.ts';

export interface ScanNumber {
  /** `series/thing`. */
  id: string;
  rev: number;
  /** `procedures`, or the procedure whose institutions are counted. */
  series: string;
  number: number;
}

/** Many may come at once: each that loses counts anew. */
const ATTEMPTS_MAX = 50;

/** The number of a thing in a series; the next free one when it has none yet. */
export function numberOf(numbers: EntityStore<ScanNumber>, series: string, thing: string): Promise<number> {
  const id = `${series}/${thing}`;
  return retryStale(async () => {
    const known = await numbers.find(id);
    if (known) return known.number;
    const [last] = await numbers.list({ series }, { sort: { number: -1 }, limit: 1 });
    const number = (last?.number ?? 0) + 1;
    await numbers.save({ id, rev: 1, series, number });
    return number;
  }, ATTEMPTS_MAX);
}
