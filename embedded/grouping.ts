/** `$group`, `$bucket` and `$bucketAuto`. */
import { accumulators, type Accumulator } from './accumulators.ts';
import { doc, int, isDoc, type Doc, type Value } from './bson.ts';
import { CommandError } from './errors.ts';
import { compile, type Expression, type Variables } from './expressions.ts';
import { encodeKey } from './keys.ts';
import { sortedInTurns } from './sort.ts';
import { counted, gathered, inTurns, specOf, type StageMaker } from './stage.ts';
import { compareValues } from './values.ts';

const groupsMax = 1_000_000;

/** A field that is gathered: of which values, and how. */
export interface Member {
  name: string;
  value: Expression;
  make: () => Accumulator;
}

/** Errors: 15952 for an accumulator nobody knows. */
export function memberOf(name: string, spec: Value, variables: Variables): Member {
  if (name.includes('.')) throw new CommandError(40235, `The field name '${name}' cannot contain '.'`);
  if (name.startsWith('$')) throw new CommandError(40236, `The field name '${name}' cannot be an operator name`);
  if (!isDoc(spec) || spec.size !== 1)
    throw new CommandError(40234, `The field '${name}' must be an accumulator object`);
  const [[operator, operand] = ['', null]] = spec;
  const make = accumulators.get(operator);
  if (!make) throw new CommandError(15952, `unknown group operator '${operator}'`);
  if (operator === '$count' && !(isDoc(operand) && operand.size === 0))
    throw new CommandError('TypeMismatch', '$count takes no arguments, i.e. $count:{}');
  return { name, value: compile(operand, variables), make };
}

function membersOf(output: Iterable<[string, Value]>, variables: Variables): Member[] {
  return [...output].map(([name, spec]) => memberOf(name, spec, variables));
}

/** What is gathered of some documents. */
class Gathering {
  readonly #members: { member: Member; accumulator: Accumulator }[];

  constructor(members: Member[]) {
    this.#members = members.map((member) => ({ member, accumulator: member.make() }));
  }

  take(row: Doc): void {
    for (const { member, accumulator } of this.#members) accumulator.take(member.value(row));
  }

  tell(id: Value): Doc {
    const told: Doc = new Map([['_id', id]]);
    for (const { member, accumulator } of this.#members) told.set(member.name, accumulator.result());
    return told;
  }
}

export const group: StageMaker = (operand, { variables, collation }, name) => {
  const spec = specOf(name, operand);
  const id = spec.get('_id');
  if (id === undefined) throw new CommandError(15955, 'a group specification must include an _id');
  const keyOf = compile(id, variables);
  const members = membersOf(
    [...spec].filter(([each]) => each !== '_id'),
    variables,
  );
  return function* (rows) {
    const groups = new Map<string, { key: Value; gathering: Gathering }>();
    for (const row of rows) {
      if (!row) {
        yield undefined;
        continue;
      }
      const key = keyOf(row) ?? null;
      const text = encodeKey([key], [1], collation?.fold).toString('latin1');
      let held = groups.get(text);
      if (!held) groups.set(text, (held = { key, gathering: new Gathering(members) }));
      if (groups.size > groupsMax)
        throw new CommandError('ExceededMemoryLimit', `$group makes ${groupsMax} groups at most`);
      held.gathering.take(row);
    }
    yield* inTurns(groups.values().map(({ key, gathering }) => gathering.tell(key)));
  };
};

/** What buckets gather when nothing is said: how many there are. */
function outputOf(spec: Doc): Doc {
  const output = spec.get('output');
  return isDoc(output) ? output : doc({ count: doc({ $sum: int(1) }) });
}

/** `$bucket` as the stages that it is short for. */
export function bucketStages(operand: Value): Doc[] {
  const spec = specOf('$bucket', operand, ['groupBy', 'boundaries', 'default', 'output']);
  const [value, boundaries, otherwise] = [spec.get('groupBy') ?? null, spec.get('boundaries'), spec.get('default')];
  if (!Array.isArray(boundaries) || boundaries.length < 2)
    throw new CommandError(40192, "The $bucket 'boundaries' field must be an array with at least 2 values");
  const literals = boundaries.map((boundary) => doc({ $literal: boundary }));
  const branches = literals.slice(1).map((upper, at) => {
    const lower = literals[at] ?? null;
    return doc({ case: doc({ $and: [doc({ $gte: [value, lower] }), doc({ $lt: [value, upper] })] }), then: lower });
  });
  const fallback = otherwise === undefined ? undefined : doc({ $literal: otherwise });
  const key = doc({ $switch: doc({ branches, default: fallback }) });
  return [
    doc({ $group: new Map<string, Value>([['_id', key], ...outputOf(spec)]) }),
    doc({ $sort: doc({ _id: int(1) }) }),
  ];
}

export const bucketAuto: StageMaker = (operand, { variables, collation }, name) => {
  const spec = specOf(name, operand, ['groupBy', 'buckets', 'output']);
  const keyOf = compile(spec.get('groupBy') ?? null, variables);
  const buckets = counted(name, spec.get('buckets'), 1);
  const members = membersOf(outputOf(spec), variables);
  return function* (rows) {
    const keyed = yield* gathered(rows, (row) => ({ row, key: keyOf(row) ?? null }));
    const compare = (a: Value, b: Value) => compareValues(a, b, collation?.compare);
    const items = yield* sortedInTurns(keyed, (a, b) => compare(a.key, b.key));
    const size = Math.max(1, Math.round(items.length / buckets));
    let left = buckets;
    for (let from = 0, to = 0; from < items.length; from = to) {
      const keyAt = (at: number) => items[at]?.key ?? null;
      to = --left === 0 ? items.length : from + size;
      while (to < items.length && compare(keyAt(to), keyAt(to - 1)) === 0) to++;
      const gathering = new Gathering(members);
      for (const item of inTurns(items.slice(from, to))) {
        if (item) gathering.take(item.row);
        else yield undefined;
      }
      yield gathering.tell(doc({ min: keyAt(from), max: keyAt(Math.min(to, items.length - 1)) }));
    }
  };
};
