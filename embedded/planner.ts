/** Chooses how a query reads: which index, within which bounds, in which order; and tells it in MongoDB's words. */
import { doc, isDoc, Opaque, kinds, Regex, type Doc, type Value } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import type { Collation } from './collation.ts';
import { badValue } from './errors.ts';
import { compile, type Variables } from './expressions.ts';
import { docOf, listOf } from './fields.ts';
import { encodeKey, rankKey } from './keys.ts';
import { Filter, isOperators, regexOf } from './matcher.ts';
import type { SortField } from './sort.ts';
import { prefixRange, type KeyRange } from './storage.ts';
import { compareValues, equalValues, isNumeric, isTrue, rankOf, toDouble, wholeNumber } from './values.ts';

export type Plan =
  | { kind: 'collection'; forward: boolean; providesSort: boolean }
  | { kind: 'index'; index: Index; ranges: KeyRange[]; forward: boolean; providesSort: boolean; bounds: Bound[][] }
  | { kind: 'either'; plans: Plan[]; providesSort: false };

/** What an index field must lie within, among the values of one type. */
interface Bound {
  rank: number;
  low?: Edge | undefined;
  high?: Edge | undefined;
}

interface Edge {
  value: Value;
  inclusive: boolean;
}

const rangesMax = 2000;

export interface PlanRequest {
  query: Doc;
  sort: SortField[];
  collation: Collation | undefined;
  hint?: Value | undefined;
  /** What `$expr` may name. */
  variables?: Variables | undefined;
}

export function plan(collection: Collection, request: PlanRequest): Plan {
  const natural = naturalDirection(request);
  if (natural !== undefined) {
    const isSorted = request.sort.every(({ path }) => path[0] === '$natural');
    return { kind: 'collection', forward: natural > 0, providesSort: isSorted };
  }
  const hinted = hintedIndex(collection, request.hint);
  const candidates = hinted ?? collection.indexes.filter((index) => index.isReady && !isTrue(index.spec.get('hidden')));
  const conditions = conditionsByPath(request.query, request.variables);
  let best: { plan: Plan; score: number } | undefined;
  for (const index of candidates) {
    const candidate = planIndex(index, conditions, request, hinted !== undefined);
    if (candidate && (!best || candidate.score > best.score)) best = candidate;
  }
  return best?.plan ?? planEither(collection, request) ?? { kind: 'collection', forward: true, providesSort: false };
}

function naturalDirection({ sort, hint }: PlanRequest): number | undefined {
  const hinted = isDoc(hint) ? hint.get('$natural') : undefined;
  const sorted = sort.find(({ path }) => path[0] === '$natural')?.direction;
  return sorted ?? (hinted === undefined ? undefined : (wholeNumber(hinted) ?? 1));
}

function hintedIndex(collection: Collection, hint: Value | undefined): Index[] | undefined {
  if (hint === undefined || (isDoc(hint) && hint.size === 0)) return undefined;
  const found = collection.indexes.find(
    (index) =>
      index.isReady && (index.name === hint || (isDoc(hint) && equalValues(docOf(index.spec.get('key')), hint))),
  );
  if (!found)
    throw badValue(
      'error processing query: planner returned error: hint provided does not correspond to an existing index',
    );
  return [found];
}

/** An `$or` whose every branch has an index reads them one after another. */
function planEither(collection: Collection, request: PlanRequest): Plan | undefined {
  const branches = request.query.get('$or');
  if (!Array.isArray(branches) || request.hint !== undefined) return undefined;
  const plans = branches.map((branch) =>
    plan(collection, { query: docOf(branch), sort: [], collation: request.collation }),
  );
  if (plans.some(({ kind }) => kind === 'collection')) return undefined;
  return { kind: 'either', plans, providesSort: false };
}

/** The conditions that every match fulfils, by path. */
function conditionsByPath(
  query: Doc,
  variables: Variables = new Map(),
  into = new Map<string, Value[]>(),
): Map<string, Value[]> {
  const note = (path: string, condition: Value) => into.set(path, [...(into.get(path) ?? []), condition]);
  for (const [name, condition] of query) {
    if (name === '$and') for (const branch of listOf(condition)) conditionsByPath(docOf(branch), variables, into);
    else if (name === '$expr') noteEqualities(docOf(condition), variables, note);
    else if (!name.startsWith('$')) note(name, condition);
  }
  return into;
}

/** `{ $eq: ['$path', scalar] }` holds only where the path has just that value: an index on it may be used. */
function noteEqualities(expression: Doc, variables: Variables, note: (path: string, condition: Value) => void): void {
  for (const part of listOf(expression.get('$and'))) noteEqualities(docOf(part), variables, note);
  const pair = listOf(expression.get('$eq'));
  for (const [path, other] of [pair, pair.toReversed()]) {
    if (pair.length !== 2 || typeof path !== 'string' || !/^\$[^$]/.test(path)) continue;
    const isConstant =
      typeof other === 'string' ? !/^\$([^$]|\$(ROOT|CURRENT))/.test(other) : !isDoc(other) && !Array.isArray(other);
    const value = isConstant && other !== undefined ? compile(other, variables)(new Map()) : undefined;
    if (value !== undefined && value !== null && !isDoc(value) && !Array.isArray(value))
      note(path.slice(1), doc({ $eq: value }));
  }
}

function planIndex(
  index: Index,
  conditions: Map<string, Value[]>,
  request: PlanRequest,
  isHinted: boolean,
): { plan: Plan; score: number } | undefined {
  if (index.partial && !isImplied(index.partial.query, conditions)) return undefined;
  const bounds: Bound[][] = [];
  let score = 0;
  let usesMultikey = false;
  let ranges = 1;
  let endsInRange = false;
  for (const [position, field] of index.fields.entries()) {
    const isMultikey = index.multikey[position] === true;
    // Two fields of one array may be fulfilled by different elements: bound only the first of them.
    if (endsInRange || (isMultikey && usesMultikey)) break;
    const found = boundsFor(conditions.get(field.name) ?? [], index, request.collation, isMultikey);
    if (!found || ranges * found.length > rangesMax) break;
    usesMultikey ||= isMultikey;
    ranges *= found.length;
    bounds.push(found);
    endsInRange = !found.every(isPoint);
    score += endsInRange ? 40 : 100;
  }
  // A sparse index lacks the documents that a query without bounds wants.
  if (index.isSparse && !bounds[0] && !isHinted) return undefined;
  const wanted = sortDirection(index, bounds, request);
  const providesSort = wanted !== undefined;
  if (providesSort) score += 30;
  if (score === 0 && !isHinted) return undefined;
  if (index.isUnique && !endsInRange && bounds.length === index.fields.length) score += 1000;
  const forward = wanted ?? true;
  return {
    plan: { kind: 'index', index, ranges: rangesOf(index, bounds, forward), forward, providesSort, bounds },
    score,
  };
}

/** Whether reading the index gives the wanted order: forward, backward, or not at all (undefined). */
function sortDirection(index: Index, bounds: Bound[][], { sort, collation }: PlanRequest): boolean | undefined {
  if (sort.length === 0 || index.isMultikey || index.collation || collation) return undefined;
  if (bounds.some((alternatives) => alternatives.length !== 1)) return undefined;
  const pinned = bounds.filter(([bound]) => bound && isPoint(bound)).length;
  const pinnedNames = index.fields.slice(0, pinned).map((field) => field.name);
  let at = pinned;
  let forward: boolean | undefined;
  for (const { path, direction } of sort) {
    const name = path.join('.');
    if (pinnedNames.includes(name)) continue;
    const field = index.fields[at++];
    const agrees = field?.direction === direction;
    if (field?.name !== name || (forward !== undefined && forward !== agrees)) return undefined;
    forward = agrees;
  }
  return forward ?? true;
}

function rangesOf(index: Index, bounds: Bound[][], forward: boolean): KeyRange[] {
  let ranges: KeyRange[] = [prefixRange(Buffer.alloc(0))];
  for (const [position, alternatives] of bounds.entries()) {
    const direction = index.fields[position]?.direction ?? 1;
    const own = alternatives.map((bound) => rangeOf(bound, direction, index));
    // All but the last are points: the key so far is the prefix of what follows.
    ranges = ranges.flatMap(({ from: prefix }) =>
      own.map(({ from, to }) => ({ from: Buffer.concat([prefix, from]), to: Buffer.concat([prefix, to]) })),
    );
  }
  ranges.sort((a, b) => Buffer.compare(a.from, b.from));
  return forward ? ranges : ranges.reverse();
}

function rangeOf(bound: Bound, direction: 1 | -1, index: Index): KeyRange {
  const key = (edge: Edge) => prefixRange(encodeKey([edge.value], [direction], index.collation?.fold));
  const rank = prefixRange(rankKey(direction > 0 ? bound.rank : 0xff - bound.rank));
  const [first, last] = direction > 0 ? [bound.low, bound.high] : [bound.high, bound.low];
  return {
    from: first ? key(first)[first.inclusive ? 'from' : 'to'] : rank.from,
    to: last ? key(last)[last.inclusive ? 'to' : 'from'] : rank.to,
  };
}

/** The bounds that conditions on one field allow; undefined when they bound nothing. */
function boundsFor(
  conditions: Value[],
  index: Index,
  collation: Collation | undefined,
  isMultikey: boolean,
): Bound[] | undefined {
  const found = conditions
    .flatMap((condition) => {
      if (condition instanceof Regex) return [regexBounds(condition)];
      if (!isOperators(condition)) return [pointBounds([condition])];
      return [...condition].map(([operator, operand]) => operatorBounds(operator, operand, condition));
    })
    .filter((bounds) => bounds?.every((bound) => isUsable(bound, index, collation)) === true)
    .filter((bounds) => bounds !== undefined);
  const [points] = found.filter((bounds) => bounds.every(isPoint)).sort((a, b) => a.length - b.length);
  const [first, ...others] = found.flat();
  // Different elements of an array may fulfil the two sides of a range.
  return points ?? (first && [isMultikey ? first : others.reduce(intersection, first)]);
}

function isPoint({ low, high }: Bound): boolean {
  return low !== undefined && low === high;
}

function intersection(a: Bound, b: Bound): Bound {
  if (a.rank !== b.rank) return a;
  const tighter = (x: Edge | undefined, y: Edge | undefined, sign: 1 | -1) => {
    if (!x || !y) return x ?? y;
    const order = compareValues(x.value, y.value) * sign;
    return order > 0 ? x : order < 0 ? y : x.inclusive ? y : x;
  };
  return { rank: a.rank, low: tighter(a.low, b.low, 1), high: tighter(a.high, b.high, -1) };
}

function operatorBounds(operator: string, operand: Value, siblings: Doc): Bound[] | undefined {
  switch (operator) {
    case '$eq':
      return pointBounds([operand]);
    case '$in':
      return Array.isArray(operand) ? pointBounds(operand) : undefined;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte': {
      const rank = rankOf(operand);
      const isNaN = isNumeric(operand) && Number.isNaN(toDouble(operand));
      // Null, MinKey, MaxKey, arrays and NaN compare in ways of their own.
      if (operand === null || rank === 1 || rank === 127 || Array.isArray(operand) || isNaN) return undefined;
      return [
        { rank, [operator.startsWith('$g') ? 'low' : 'high']: { value: operand, inclusive: operator.endsWith('e') } },
      ];
    }
    case '$regex':
      return regexBounds(regexOf(operand, siblings.get('$options')));
    default:
      return undefined;
  }
}

function pointBounds(values: readonly Value[]): Bound[] | undefined {
  const isPlain = (value: Value) =>
    !Array.isArray(value) && !(value instanceof Regex) && !(value instanceof Opaque && value.kind === kinds.undefined);
  if (!values.every(isPlain)) return undefined;
  return values.map((value) => {
    const edge = { value, inclusive: true };
    return { rank: rankOf(value), low: edge, high: edge };
  });
}

/** An anchored pattern that begins with plain text reads only what begins so. */
function regexBounds(regex: Regex): Bound[] | undefined {
  if (regex.flags !== '' || regex.pattern.includes('|')) return undefined;
  const literal = /^\^((?:[^\\^$.|?*+()[\]{}]|\\[^a-zA-Z0-9])+)/.exec(regex.pattern);
  let text = literal?.[1] ?? '';
  const next = regex.pattern.charAt(1 + text.length);
  if (next === '?' || next === '*' || next === '{') text = text.replace(/(?:\\.|[^\\])$/su, '');
  text = text.replaceAll(/\\(.)/gsu, '$1');
  if (text === '') return undefined;
  const afterAll = `${text}\u{10FFFF}\u{10FFFF}`;
  return [{ rank: 15, low: { value: text, inclusive: true }, high: { value: afterAll, inclusive: false } }];
}

function isUsable(bound: Bound, index: Index, collation: Collation | undefined): boolean {
  if (isPoint(bound) && bound.low?.value === null) return !index.isSparse;
  if (bound.rank !== 15 && bound.rank !== 20) return true;
  const isSame = equalValues(index.collation?.spec ?? null, collation?.spec ?? null);
  return isSame && (isPoint(bound) || !index.collation);
}

/** Whether whatever fulfils the query's conditions fulfils a partial index's expression too. */
function isImplied(partial: Doc, conditions: Map<string, Value[]>): boolean {
  return [...partial].every(([name, wanted]) =>
    name === '$and'
      ? listOf(wanted).every((branch) => isImplied(docOf(branch), conditions))
      : conditions.get(name)?.some((condition) => implies(condition, wanted)) === true,
  );
}

function implies(condition: Value, wanted: Value): boolean {
  if (equalValues(condition, wanted)) return true;
  const points = isOperators(condition) ? (condition.get('$in') ?? [condition.get('$eq') ?? null]) : [condition];
  if (Array.isArray(points) && points.length > 0 && !points.some((point) => point === null || point instanceof Regex)) {
    const test = new Filter(new Map([['v', wanted]]));
    return points.every((point) => test.matches(new Map([['v', point]])));
  }
  if (!isOperators(condition) || !isOperators(wanted)) return false;
  return [...wanted].every(([operator, operand]) => {
    const same = condition.get(operator);
    if (same !== undefined) {
      const order = rankOf(same) === rankOf(operand) ? compareValues(same, operand) : NaN;
      return operator.startsWith('$gt') ? order >= 0 : operator.startsWith('$lt') ? order <= 0 : order === 0;
    }
    const isBounded = ['$gt', '$gte', '$lt', '$lte'].some((range) => (condition.get(range) ?? null) !== null);
    return operator === '$exists' && isTrue(operand) && isBounded;
  });
}

/** The plan as `explain` shows it. */
export function describePlan(plan: Plan, query: Doc): Doc {
  const direction = (forward: boolean) => (forward ? 'forward' : 'backward');
  switch (plan.kind) {
    case 'collection':
      return doc({ stage: 'COLLSCAN', filter: query, direction: direction(plan.forward) });
    case 'either':
      return doc({ stage: 'OR', inputStages: plan.plans.map((each) => describePlan(each, query)) });
    case 'index': {
      const { index, bounds, forward } = plan;
      const indexBounds: Doc = new Map(
        index.fields.map(({ name }, position) => [name, bounds[position]?.map(describeBound) ?? ['[MinKey, MaxKey]']]),
      );
      const inputStage = doc({
        stage: 'IXSCAN',
        keyPattern: index.spec.get('key'),
        indexName: index.name,
        isMultiKey: index.isMultikey,
        isUnique: index.isUnique,
        isSparse: index.isSparse,
        isPartial: index.partial !== undefined,
        direction: direction(forward),
        indexBounds,
      });
      return doc({ stage: 'FETCH', filter: query, inputStage });
    }
    default:
      return plan satisfies never;
  }
}

function describeBound({ low, high }: Bound): Value {
  const edges = { from: low?.value, to: high?.value };
  return doc({ ...edges, includesFrom: low?.inclusive, includesTo: high?.inclusive });
}
