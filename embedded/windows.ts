/** `$setWindowFields`: what each document gets of its neighbours. */
import { int, isDoc, type Doc, type Value } from './bson.ts';
import { CommandError, failedToParse } from './errors.ts';
import { compile, type Variables } from './expressions.ts';
import { memberOf, type Member } from './grouping.ts';
import { withField } from './paths.ts';
import { comparatorOf, sortedInTurns, sortFieldsOf, sortKeyOf } from './sort.ts';
import { gathered, specOf, turnRows, type StageMaker } from './stage.ts';
import { compareValues, wholeNumber } from './values.ts';

/** A document of a partition; `isTied` when it sorts as the one before. */
interface Entry {
  row: Doc;
  isTied: boolean;
}

/** The values of one field for the documents of a partition, in order; `undefined` is a place to rest. */
type Column = (entries: Entry[]) => Generator<Value | undefined>;

export const setWindowFields: StageMaker = (operand, { variables, collation }, name) => {
  const spec = specOf(name, operand, ['partitionBy', 'sortBy', 'output']);
  const [sortBy, output] = [spec.get('sortBy'), spec.get('output')];
  if (!isDoc(output)) throw failedToParse(`${name} needs 'output'`);
  const sort = sortFieldsOf(isDoc(sortBy) ? sortBy : undefined);
  const partitionOf = compile(spec.get('partitionBy') ?? null, variables);
  const columns = [...output].map(([field, each]) => ({
    path: field.split('.'),
    column: columnOf(field, each, variables, sort.length > 0),
  }));
  const [compareTexts, compareKeys] = [collation?.compare, comparatorOf(sort, collation?.compare)];
  return function* (rows) {
    const keyed = yield* gathered(rows, (row) => ({
      row,
      partition: partitionOf(row) ?? null,
      key: sortKeyOf(row, sort, compareTexts),
    }));
    const between = (a: (typeof keyed)[0], b: (typeof keyed)[0]) =>
      compareValues(a.partition, b.partition, compareTexts);
    const ordered = yield* sortedInTurns(keyed, (a, b) => between(a, b) || compareKeys(a.key, b.key));
    const partitions: Entry[][] = [];
    for (const [at, entry] of ordered.entries()) {
      if (at % turnRows === 0) yield undefined;
      const before = ordered[at - 1];
      if (!before || between(before, entry) !== 0) partitions.push([]);
      const partition = partitions.at(-1) ?? [];
      partition.push({
        row: entry.row,
        isTied: !!before && partition.length > 0 && compareKeys(before.key, entry.key) === 0,
      });
    }
    for (const partition of partitions) {
      const running = columns.map(({ path, column }) => ({ path, values: column(partition) }));
      for (const [at, { row }] of partition.entries()) {
        let told = row;
        for (const { path, values } of running) {
          let next = values.next();
          for (; !next.done && next.value === undefined; next = values.next()) yield undefined;
          told = withField(told, path, next.done ? undefined : next.value);
        }
        yield told;
        if (at % turnRows === 0) yield undefined;
      }
    }
  };
};

function columnOf(name: string, given: Value, variables: Variables, isSorted: boolean): Column {
  const window = isDoc(given) ? given.get('window') : undefined;
  const [[operator, operand] = ['', null], other] = isDoc(given)
    ? [...given].filter(([each]) => each !== 'window')
    : [];
  if (other) throw failedToParse(`an output field must have one window function: ${name}`);
  const numbering = numberings.get(operator);
  if (!numbering && operator !== '$shift')
    return accumulating(memberOf('value', new Map([[operator, operand]]), variables), boundsOf(name, window));
  if (window !== undefined) throw failedToParse(`${operator} does not take a window`);
  if (!isSorted) throw new CommandError(5371602, `${operator} must be specified with a sortBy`);
  return numbering ?? shifting(specOf(operator, operand, ['output', 'by', 'default']), variables);
}

/** Documents numbered: all of them, or those that sort differently with gaps and without. */
function numbering(next: (at: number, last: number, isTied: boolean) => number): Column {
  return function* (entries) {
    let last = 0;
    for (const [at, { isTied }] of entries.entries()) yield int((last = next(at, last, isTied)));
  };
}

const numberings = new Map([
  ['$documentNumber', numbering((at) => at + 1)],
  ['$rank', numbering((at, last, isTied) => (isTied ? last : at + 1))],
  ['$denseRank', numbering((_, last, isTied) => (isTied ? last : last + 1))],
]);

function shifting(spec: Doc, variables: Variables): Column {
  const value = compile(spec.get('output') ?? null, variables);
  const otherwise = compile(spec.get('default') ?? null, variables)(new Map()) ?? null;
  const by = wholeNumber(spec.get('by'));
  if (by === undefined) throw failedToParse("$shift needs a whole number 'by'");
  return function* (entries) {
    for (const at of entries.keys()) {
      const other = entries[at + by];
      yield other ? (value(other.row) ?? null) : otherwise;
    }
  };
}

/** How far a window reaches before and behind its document. */
function boundsOf(name: string, window: Value | undefined): [low: number, high: number] {
  if (window === undefined) return [-Infinity, Infinity];
  const edges = isDoc(window) && window.size === 1 ? window.get('documents') : undefined;
  const [low, high] = (Array.isArray(edges) ? edges : []).map((edge, at) => {
    if (edge === 'unbounded') return at === 0 ? -Infinity : Infinity;
    return edge === 'current' ? 0 : wholeNumber(edge);
  });
  if (low === undefined || high === undefined)
    throw failedToParse(`a window has two bounds of 'documents' in this store: ${name}`);
  return [low, high];
}

/** Goes on gathering while the window only grows, and begins anew where it leaves a document behind. */
function accumulating({ value, make }: Member, [low, high]: [number, number]): Column {
  return function* (entries) {
    let told: Value = null;
    let accumulator = make();
    let [first, next, taken] = [0, 0, 0];
    for (const at of entries.keys()) {
      const [from, to] = [Math.max(0, at + low), Math.min(entries.length, at + high + 1)];
      const isSame = at > 0 && from === first && to === next;
      if (from !== first) {
        accumulator = make();
        first = next = from;
      }
      for (; next < to; next++) {
        const entry = entries[next];
        if (entry) accumulator.take(value(entry.row));
        if (++taken % turnRows === 0) yield undefined;
      }
      if (!isSame) told = accumulator.result();
      yield told;
    }
  };
}
