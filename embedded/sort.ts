/** Sort specifications, and sorting in memory without holding the event loop. */
import type { Doc, Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { valuesAt } from './index-keys.ts';
import { compareValues, wholeNumber, type Collate } from './values.ts';

export interface SortField {
  path: string[];
  direction: 1 | -1;
}

export const sortBytesMax = 100 * 1024 * 1024;
/** How many items are sorted or merged between two places to rest. */
const turnItems = 500;

export function sortFieldsOf(sort: Doc | undefined): SortField[] {
  return [...(sort ?? [])].map(([name, value]) => {
    const direction = wholeNumber(value);
    if (direction !== 1 && direction !== -1)
      throw new CommandError(15975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)');
    const path = name.split('.');
    if (path.includes('')) throw badValue('FieldPath field names may not be empty');
    return { path, direction };
  });
}

export function comparatorOf(sort: SortField[], collate?: Collate): (a: Value[], b: Value[]) => number {
  return (a, b) => {
    for (const [position, { direction }] of sort.entries()) {
      const order = compareValues(a[position] ?? null, b[position] ?? null, collate) * direction;
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** What a document sorts by: of an array its least element, or its greatest when descending. */
export function sortKeyOf(fields: Doc, sort: SortField[], collate?: Collate): Value[] {
  return sort.map(({ path, direction }) => {
    const [first, ...others] = valuesAt(fields, path);
    let best = first ?? null;
    for (const other of others) if (compareValues(other ?? null, best, collate) * direction < 0) best = other ?? null;
    return best;
  });
}

interface Keyed<T> {
  row: T;
  key: Value[];
  bytes: number;
}

/**
 * Sorts rows in memory, equal ones in the order they came; `undefined` is a place to rest. With a limit it holds no more
 * than twice as many. Errors: over 100 MB.
 */
export function* sorted<T>(
  rows: Iterable<T | undefined>,
  look: (row: T) => { fields: Doc; bytes: number },
  sort: SortField[],
  limit: number,
  collate?: Collate,
): Generator<T | undefined> {
  const compareKeys = comparatorOf(sort, collate);
  const compare = (a: Keyed<T>, b: Keyed<T>) => compareKeys(a.key, b.key);
  let held: Keyed<T>[] = [];
  let total = 0;
  for (const row of rows) {
    if (row === undefined) {
      yield undefined;
      continue;
    }
    const { fields, bytes } = look(row);
    held.push({ row, key: sortKeyOf(fields, sort, collate), bytes });
    total += bytes;
    if (limit > 0 && held.length >= limit * 2 + 64) {
      held = (yield* sortedInTurns(held, compare)).slice(0, limit);
      total = held.reduce((sum, each) => sum + each.bytes, 0);
    }
    if (total > sortBytesMax)
      throw new CommandError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${sortBytesMax} bytes`,
      );
  }
  for (const { row } of yield* sortedInTurns(held, compare)) yield row;
}

/** A stable merge sort that may be left off after every few hundred items. */
export function* sortedInTurns<T extends object>(
  items: T[],
  compare: (a: T, b: T) => number,
): Generator<undefined, T[]> {
  let runs: T[][] = [];
  for (let from = 0; from < items.length; from += turnItems) {
    runs.push(items.slice(from, from + turnItems).sort(compare));
    yield undefined;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) longer.push(yield* merged(runs[at] ?? [], runs[at + 1] ?? [], compare));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* merged<T extends object>(
  first: T[],
  second: T[],
  compare: (a: T, b: T) => number,
): Generator<undefined, T[]> {
  const result: T[] = [];
  for (let at = 0, other = 0; ;) {
    const [a, b] = [first[at], second[other]];
    if (a && (!b || compare(a, b) <= 0)) {
      result.push(a);
      at++;
    } else if (b) {
      result.push(b);
      other++;
    } else return result;
    if (result.length % turnItems === 0) yield undefined;
  }
}
