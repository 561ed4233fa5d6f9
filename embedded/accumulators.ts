/** What `$group`, `$setWindowFields` and the expressions of the same names gather. */
import { int, isDoc, type Doc, type Value } from './bson.ts';
import { CommandError } from './errors.ts';
import { encodeKey } from './keys.ts';
import { calculate, divided } from './numbers.ts';
import { compareValues, isNumeric, toDouble, type Numeric } from './values.ts';

/** Takes values one by one, then tells what they come to. */
export interface Accumulator {
  take(value: Value | undefined): void;
  result(): Value;
}

/** An accumulator with a state that each value changes. */
function folding<T>(
  start: () => T,
  step: (held: T, value: Value | undefined) => T,
  tell: (held: T) => Value,
): () => Accumulator {
  return () => {
    let held = start();
    return {
      take: (value) => {
        held = step(held, value);
      },
      result: () => tell(held),
    };
  };
}

export function plus(a: Numeric, b: Numeric): Numeric {
  return calculate('add', a, b) ?? toDouble(a) + toDouble(b);
}

const average = folding<{ total: Numeric; count: number }>(
  () => ({ total: int(0), count: 0 }),
  (held, value) => (isNumeric(value) ? { total: plus(held.total, value), count: held.count + 1 } : held),
  ({ total, count }) => (count === 0 ? null : divided(total, count)),
);

function extreme(sign: 1 | -1): () => Accumulator {
  return folding<Value>(
    () => null,
    (best, value = null) => (value !== null && (best === null || compareValues(value, best) * sign > 0) ? value : best),
    (best) => best,
  );
}

/** Values of a set under keys that equal ones share; the first of them stays. */
function keep(held: Map<string, Value>, item: Value | undefined): Map<string, Value> {
  const key = item === undefined ? undefined : encodeKey([item], [1]).toString('latin1');
  return item === undefined || key === undefined || held.has(key) ? held : held.set(key, item);
}

export function distinct(items: Value[]): Value[] {
  return [...items.reduce(keep, new Map<string, Value>()).values()];
}

const mergeObjects = folding(
  (): Doc => new Map(),
  (merged, value = null) => {
    if (value === null) return merged;
    if (!isDoc(value)) throw new CommandError(40400, '$mergeObjects requires object inputs');
    for (const [name, field] of value) merged.set(name, field);
    return merged;
  },
  (merged): Doc => new Map(merged),
);

const sum = folding<Numeric>(
  () => int(0),
  (total, value) => (isNumeric(value) ? plus(total, value) : total),
  (total) => total,
);

const first = folding<Value | undefined>(
  () => undefined,
  (held, value = null) => (held === undefined ? value : held),
  (held = null) => held,
);

const last = folding<Value>(
  () => null,
  (_, value = null) => value,
  (held) => held,
);

const push = folding<Value[]>(
  () => [],
  (items, value) => {
    if (value !== undefined) items.push(value);
    return items;
  },
  (items) => [...items],
);

const addToSet = folding(
  () => new Map<string, Value>(),
  keep,
  (held) => [...held.values()],
);

const counting = folding(
  () => 0,
  (count) => count + 1,
  (count) => int(count),
);

/** Those that are expressions too, over the elements of an array. */
export const listAccumulators: ReadonlyMap<string, () => Accumulator> = new Map([
  ['$sum', sum],
  ['$avg', average],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$mergeObjects', mergeObjects],
]);

export const accumulators: ReadonlyMap<string, () => Accumulator> = new Map([
  ...listAccumulators,
  ['$first', first],
  ['$last', last],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$count', counting],
]);
