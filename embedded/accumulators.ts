/** What `$group` gathers. */
import { int, isDoc, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { compile, type Expression, type Variables } from './expressions.ts';
import { encodeKey } from './keys.ts';
import { calculate, divided } from './numbers.ts';
import { compareValues, isNumeric, toDouble, wholeNumber, type Numeric } from './values.ts';
import { comparatorOf, sortFieldsOf, sortKeyOf } from './sort.ts';

/** Takes a group's documents one by one, then tells what they come to. */
export interface Accumulator {
  take(fields: Doc): void;
  result(): Value;
}

export type AccumulatorMaker = () => Accumulator;
type Definition = (operand: Value, variables: Variables) => AccumulatorMaker;

/** Errors: 15952 for an accumulator nobody knows. */
export function accumulatorOf(name: string, spec: Value | undefined, variables: Variables): AccumulatorMaker {
  if (!isDoc(spec) || spec.size !== 1)
    throw new CommandError(40234, `The field '${name}' must be an accumulator object`);
  const [[operator, operand] = ['', null]] = spec;
  const definition = definitions.get(operator);
  if (!definition) throw new CommandError(15952, `unknown group operator '${operator}'`);
  return definition(operand, variables);
}

/** One that looks at the value of its expression in each document. */
function byValue(make: () => { take(value: Value | undefined): void; result(): Value }): Definition {
  return (operand, variables) => {
    const value: Expression = compile(operand, variables);
    return () => {
      const inner = make();
      return { take: (fields) => inner.take(value(fields)), result: () => inner.result() };
    };
  };
}

function plus(a: Numeric, b: Numeric): Numeric {
  return calculate('add', a, b) ?? toDouble(a) + toDouble(b);
}

const sum = byValue(() => {
  let total: Numeric = int(0);
  const take = (value: Value | undefined) => {
    if (isNumeric(value)) total = plus(total, value);
  };
  return { take, result: () => total };
});

const average = byValue(() => {
  let total: Numeric = int(0);
  let count = 0;
  return {
    take: (value) => {
      if (!isNumeric(value)) return;
      total = plus(total, value);
      count++;
    },
    result: () => (count === 0 ? null : divided(total, count)),
  };
});

function extreme(sign: 1 | -1): Definition {
  return byValue(() => {
    let best: Value = null;
    return {
      take: (value) => {
        if (value !== undefined && value !== null && (best === null || compareValues(value, best) * sign > 0))
          best = value;
      },
      result: () => best,
    };
  });
}

const first = byValue(() => {
  let held: Value | undefined;
  let isTaken = false;
  return {
    take: (value) => {
      if (!isTaken) held = value;
      isTaken = true;
    },
    result: () => held ?? null,
  };
});

const last = byValue(() => {
  let held: Value | undefined;
  const take = (value: Value | undefined) => {
    held = value;
  };
  return { take, result: () => held ?? null };
});

const push = byValue(() => {
  const items: Value[] = [];
  const take = (value: Value | undefined) => {
    if (value !== undefined) items.push(value);
  };
  return { take, result: () => items };
});

const addToSet = byValue(() => {
  const items = new Map<string, Value>();
  return {
    take: (value) => {
      if (value === undefined) return;
      const key = encodeKey([value], [1]).toString('latin1');
      if (!items.has(key)) items.set(key, value);
    },
    result: () => [...items.values()],
  };
});

const mergeObjects = byValue(() => {
  const merged: Doc = new Map();
  return {
    take: (value) => {
      if (isDoc(value)) for (const [name, field] of value) merged.set(name, field);
      else if (value !== undefined && value !== null)
        throw new CommandError(40400, '$mergeObjects requires object inputs');
    },
    result: () => merged,
  };
});

/** Welford's: stable over any number of values. */
function deviation(isSample: boolean): Definition {
  return byValue(() => {
    let count = 0;
    let mean = 0;
    let squares = 0;
    return {
      take: (value) => {
        if (!isNumeric(value)) return;
        const number = toDouble(value);
        const delta = number - mean;
        mean += delta / ++count;
        squares += delta * (number - mean);
      },
      result: () => (count < (isSample ? 2 : 1) ? null : Math.sqrt(squares / (isSample ? count - 1 : count))),
    };
  });
}

const counting: Definition = (operand) => {
  if (!isDoc(operand) || operand.size > 0) throw badValue('$count takes no arguments, i.e. $count:{}');
  return () => {
    let count = 0;
    return { take: () => count++, result: () => int(count) };
  };
};

/** `$firstN`, `$topN` and their kin: all values are held, then some are told. */
function several(choose: (items: Value[], n: number) => Value[]): Definition {
  return (operand, variables) => {
    const spec = isDoc(operand) ? operand : new Map<string, Value>();
    const n = wholeNumber(compile(spec.get('n') ?? null, variables)(new Map()));
    if (n === undefined || n < 1) throw new CommandError(5787908, "'n' must be a positive whole number");
    const input = compile(spec.get('input') ?? null, variables);
    return () => {
      const items: Value[] = [];
      return { take: (fields) => void items.push(input(fields) ?? null), result: () => choose(items, n) };
    };
  };
}

function ranked(isTop: boolean, isSingle: boolean): Definition {
  return (operand, variables) => {
    const spec = isDoc(operand) ? operand : new Map<string, Value>();
    const sortBy = spec.get('sortBy');
    if (!isDoc(sortBy)) throw new CommandError(5788005, "Missing value for 'sortBy'");
    const sort = sortFieldsOf(sortBy);
    const n = isSingle ? 1 : wholeNumber(compile(spec.get('n') ?? null, variables)(new Map()));
    if (n === undefined || n < 1) throw new CommandError(5787908, "'n' must be a positive whole number");
    const output = compile(spec.get('output') ?? null, variables);
    const compare = comparatorOf(sort);
    return () => {
      const held: { key: Value[]; value: Value }[] = [];
      return {
        take: (fields) => void held.push({ key: sortKeyOf(fields, sort), value: output(fields) ?? null }),
        result: () => {
          const values = held.sort((a, b) => compare(a.key, b.key)).map((each) => each.value);
          const chosen = isTop ? values.slice(0, n) : values.slice(-n);
          return isSingle ? (chosen[0] ?? null) : chosen;
        },
      };
    };
  };
}

const present = (items: Value[]) => items.filter((item) => item !== null);

const definitions = new Map<string, Definition>([
  ['$sum', sum],
  ['$avg', average],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$first', first],
  ['$last', last],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$mergeObjects', mergeObjects],
  ['$stdDevPop', deviation(false)],
  ['$stdDevSamp', deviation(true)],
  ['$count', counting],
  ['$firstN', several((items, n) => items.slice(0, n))],
  ['$lastN', several((items, n) => items.slice(-n))],
  [
    '$minN',
    several((items, n) =>
      present(items)
        .sort((a, b) => compareValues(a, b))
        .slice(0, n),
    ),
  ],
  [
    '$maxN',
    several((items, n) =>
      present(items)
        .sort((a, b) => compareValues(b, a))
        .slice(0, n),
    ),
  ],
  ['$top', ranked(true, true)],
  ['$bottom', ranked(false, true)],
  ['$topN', ranked(true, false)],
  ['$bottomN', ranked(false, false)],
]);
