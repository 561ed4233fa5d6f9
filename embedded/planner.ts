/** Chooses how a query reads: which index, within which bounds, in which order. */
import { doc, isDoc, Opaque, kinds, Regex, type Doc, type Value } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import type { Collation } from './collation.ts';
import { badValue } from './errors.ts';
import { compile, type Variables } from './expressions.ts';
import { encodeKey, rankKey } from './keys.ts';
import { Filter, isOperators, regexOf } from './matcher.ts';
import type { SortField } from './sort.ts';
import { prefixRange, type KeyRange } from './storage.ts';
import { compareValues, equalValues, isNumeric, isTrue, rankOf, toDouble, wholeNumber } from './values.ts';

export type Plan =
  | { kind: 'collection'; forward: boolean; providesSort: false }
  | { kind: 'index'; index: Index; ranges: KeyRange[]; forward: boolean; providesSort: boolean; bounds: Bound[][] }
  | { kind: 'either'; plans: Plan[]; providesSort: false };

/** What an index field must lie within. */
export type Bound = { point: Value } | { low?: Edge; high?: Edge; rank: number };

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
  const hinted = hintedIndex(collection, request.hint);
  if (hinted === 'forward' || hinted === 'backward')
    return { kind: 'collection', forward: hinted === 'forward', providesSort: false };
  const candidates = hinted
    ? [hinted]
    : collection.indexes.filter((index) => index.isReady && !isTrue(index.spec.get('hidden')));
  const conditions = conditionsByPath(request.query, request.variables);
  let best: { plan: Plan; score: number } | undefined;
  for (const index of candidates) {
    const candidate = planIndex(index, conditions, request, hinted !== undefined);
    if (candidate && (!best || candidate.score > best.score)) best = candidate;
  }
  if (best) return best.plan;
  return planEither(collection, request) ?? { kind: 'collection', forward: true, providesSort: false };
}

function hintedIndex(collection: Collection, hint: Value | undefined): Index | 'forward' | 'backward' | undefined {
  if (hint === undefined || (isDoc(hint) && hint.size === 0)) return undefined;
  if (isDoc(hint) && hint.has('$natural')) return (wholeNumber(hint.get('$natural')) ?? 1) < 0 ? 'backward' : 'forward';
  const found = collection.indexes.find(
    (index) =>
      index.isReady && (index.name === hint || (isDoc(hint) && equalValues(index.spec.get('key') ?? null, hint))),
  );
  if (!found)
    throw badValue(
      'error processing query: planner returned error: hint provided does not correspond to an existing index',
    );
  return found;
}

/** An `$or` whose every branch has an index reads them one after another. */
function planEither(collection: Collection, request: PlanRequest): Plan | undefined {
  const branches = request.query.get('$or');
  if (!Array.isArray(branches) || request.hint !== undefined) return undefined;
  const plans: Plan[] = [];
  for (const branch of branches) {
    if (!isDoc(branch)) return undefined;
    const chosen = plan(collection, { query: branch, sort: [], collation: request.collation });
    if (chosen.kind === 'collection') return undefined;
    plans.push(chosen);
  }
  return { kind: 'either', plans, providesSort: false };
}

/** The conditions that every match fulfils, by path. */
function conditionsByPath(
  query: Doc,
  variables: Variables = new Map(),
  into = new Map<string, Value[]>(),
): Map<string, Value[]> {
  const note = (path: string, condition: Value) => {
    const held = into.get(path);
    if (held) held.push(condition);
    else into.set(path, [condition]);
  };
  for (const [name, condition] of query) {
    if (name === '$and' && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) conditionsByPath(branch, variables, into);
    } else if (name === '$expr') noteEqualities(condition, variables, note);
    else if (!name.startsWith('$')) note(name, condition);
  }
  return into;
}

/** `{ $eq: ['$path', scalar] }` holds only where the path has just that value: an index on it may be used. */
function noteEqualities(expression: Value, variables: Variables, note: (path: string, condition: Value) => void): void {
  if (!isDoc(expression)) return;
  const both = expression.get('$and');
  if (Array.isArray(both)) for (const part of both) noteEqualities(part, variables, note);
  const pair = expression.get('$eq');
  if (!Array.isArray(pair) || pair.length !== 2) return;
  for (const [path, other] of [pair, pair.toReversed()]) {
    if (typeof path !== 'string' || !/^\$[^$]/.test(path)) continue;
    const isConstant =
      typeof other === 'string'
        ? !/^\$[^$]/.test(other) && !/^\$\$(ROOT|CURRENT)/.test(other)
        : !isDoc(other) && !Array.isArray(other);
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
  let pinned = 0;
  let score = 0;
  let usesMultikey = false;
  let isRange = false;
  for (const [position, field] of index.fields.entries()) {
    // Two fields of one array may be fulfilled by different elements: bound only the first of them.
    if (index.multikey[position] && usesMultikey) break;
    const found = boundsFor(
      conditions.get(field.name) ?? [],
      index,
      request.collation,
      index.multikey[position] === true,
    );
    if (!found) break;
    usesMultikey ||= index.multikey[position] === true;
    const combined = bounds.reduce((product, each) => product * each.length, found.length);
    if (combined > rangesMax) break;
    bounds.push(found);
    isRange = found.some((bound) => !('point' in bound));
    score += isRange ? 40 : 100;
    if (isRange) break;
    if (found.length === 1) pinned = pinned === position ? position + 1 : pinned;
  }
  if (index.isSparse && !bounds[0]) return isHinted ? fullScan(index) : undefined;
  const order = sortOrder(index, pinned, request);
  const providesSort = order !== undefined && bounds.slice(pinned).every((each) => each.length === 1);
  if (providesSort && request.sort.length > 0) score += 30;
  if (score === 0 && !isHinted) return undefined;
  if (index.isUnique && !isRange && bounds.length === index.fields.length) score += 1000;
  const forward = providesSort ? order : true;
  return {
    plan: { kind: 'index', index, ranges: rangesOf(index, bounds, forward), forward, providesSort, bounds },
    score,
  };
}

function fullScan(index: Index): { plan: Plan; score: number } {
  return {
    plan: { kind: 'index', index, ranges: rangesOf(index, [], true), forward: true, providesSort: false, bounds: [] },
    score: 1,
  };
}

/** Whether reading the index gives the wanted order: forward, backward, or not at all (undefined). */
function sortOrder(index: Index, pinned: number, request: PlanRequest): boolean | undefined {
  if (request.sort.length === 0 || index.isMultikey || index.collation || request.collation) return undefined;
  const pinnedNames = new Set(index.fields.slice(0, pinned).map((field) => field.name));
  let at = pinned;
  let forward: boolean | undefined;
  for (const { path, direction } of request.sort) {
    const name = path.join('.');
    if (pinnedNames.has(name)) continue;
    const field = index.fields[at++];
    if (field?.name !== name) return undefined;
    const agrees = field.direction === direction;
    if (forward !== undefined && forward !== agrees) return undefined;
    forward = agrees;
  }
  return forward ?? true;
}

function rangesOf(index: Index, bounds: Bound[][], forward: boolean): KeyRange[] {
  let prefixes: Buffer[] = [Buffer.alloc(0)];
  let ranges: KeyRange[] | undefined;
  for (const [position, alternatives] of bounds.entries()) {
    const direction = index.fields[position]?.direction ?? 1;
    const encoded = alternatives.map((bound) => rangeOf(bound, direction, index));
    if (alternatives.every((bound) => 'point' in bound)) {
      prefixes = prefixes.flatMap((prefix) => encoded.map((range) => Buffer.concat([prefix, range.from])));
      continue;
    }
    ranges = prefixes.flatMap((prefix) =>
      encoded.map(({ from, to }) => ({ from: Buffer.concat([prefix, from]), to: Buffer.concat([prefix, to]) })),
    );
  }
  ranges ??= prefixes.map(prefixRange);
  ranges.sort((a, b) => Buffer.compare(a.from, b.from));
  return forward ? ranges : ranges.reverse();
}

function rangeOf(bound: Bound, direction: 1 | -1, index: Index): KeyRange {
  const key = (value: Value) => encodeKey([value], [direction], index.collation?.fold);
  if ('point' in bound) return prefixRange(key(bound.point));
  const before = (edge: Edge) => (edge.inclusive ? prefixRange(key(edge.value)).to : key(edge.value));
  const after = (edge: Edge) => (edge.inclusive ? key(edge.value) : prefixRange(key(edge.value)).to);
  const rank = prefixRange(direction > 0 ? rankKey(bound.rank) : rankKey(0xff - bound.rank));
  const [first, last] = direction > 0 ? [bound.low, bound.high] : [bound.high, bound.low];
  return { from: first ? after(first) : rank.from, to: last ? before(last) : rank.to };
}

/** The bounds that conditions on one field allow; undefined when they bound nothing. */
function boundsFor(
  conditions: Value[],
  index: Index,
  collation: Collation | undefined,
  isMultikey: boolean,
): Bound[] | undefined {
  let best: Bound[] | undefined;
  const ranges: Bound[] = [];
  const consider = (found: Bound[] | undefined) => {
    if (!found?.every((bound) => isUsable(bound, index, collation))) return;
    const [only] = found;
    if (only && found.length === 1 && !('point' in only)) ranges.push(only);
    else if (!best || found.length < best.length) best = found;
  };
  for (const condition of conditions) {
    if (!isOperators(condition))
      consider(condition instanceof Regex ? regexBounds(condition) : pointBounds([condition]));
    else for (const [operator, operand] of condition) consider(operatorBounds(operator, operand, condition));
  }
  if (best) return best;
  const [first, ...others] = ranges;
  if (!first || 'point' in first) return undefined;
  // Different elements of an array may fulfil the two sides of a range.
  if (isMultikey) return [first];
  return [others.reduce<Bound>(intersect, first)];
}

function intersect(a: Bound, b: Bound): Bound {
  if ('point' in a || 'point' in b || a.rank !== b.rank) return a;
  const tighter = (x: Edge | undefined, y: Edge | undefined, sign: 1 | -1) => {
    if (!x || !y) return x ?? y;
    const order = compareValues(x.value, y.value) * sign;
    return order > 0 ? x : order < 0 ? y : x.inclusive ? y : x;
  };
  const low = tighter(a.low, b.low, 1);
  const high = tighter(a.high, b.high, -1);
  return { rank: a.rank, ...(low && { low }), ...(high && { high }) };
}

function operatorBounds(operator: string, operand: Value, siblings: Doc): Bound[] | undefined {
  switch (operator) {
    case '$eq':
      return operand instanceof Regex ? undefined : pointBounds([operand]);
    case '$in':
      return Array.isArray(operand) ? pointBounds(operand) : undefined;
    case '$gt':
    case '$gte':
    case '$lt':
    case '$lte': {
      const rank = rankOf(operand);
      if (
        operand === null ||
        rank === 1 ||
        rank === 127 ||
        Array.isArray(operand) ||
        (isNumeric(operand) && Number.isNaN(toDouble(operand)))
      )
        return undefined;
      const edge = { value: operand, inclusive: operator.endsWith('e') };
      return [operator.startsWith('$g') ? { low: edge, rank } : { high: edge, rank }];
    }
    case '$regex':
      return regexBounds(regexOf(operand, siblings.get('$options')));
    default:
      return undefined;
  }
}

function pointBounds(values: readonly Value[]): Bound[] | undefined {
  if (
    values.some(
      (value) =>
        Array.isArray(value) || value instanceof Regex || (value instanceof Opaque && value.kind === kinds.undefined),
    )
  )
    return undefined;
  return values.map((point) => ({ point }));
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
  return [{ rank: 15, low: { value: text, inclusive: true }, high: { value: afterText(text), inclusive: false } }];
}

/** A text after all that begin with this one. */
function afterText(text: string): string {
  return `${text}\u{10FFFF}\u{10FFFF}`;
}

function isUsable(bound: Bound, index: Index, collation: Collation | undefined): boolean {
  const isPoint = 'point' in bound;
  const rank = isPoint ? rankOf(bound.point) : bound.rank;
  if (isPoint && bound.point === null) return !index.isSparse;
  const isText = rank === 15 || rank === 20;
  if (!isText) return true;
  const same = equalValues(index.collation?.spec ?? null, collation?.spec ?? null);
  return same && (isPoint || !index.collation);
}

/** Whether whatever fulfils the query's conditions fulfils a partial index's expression too. */
function isImplied(partial: Doc, conditions: Map<string, Value[]>): boolean {
  for (const [name, wanted] of partial) {
    if (name === '$and' && Array.isArray(wanted)) {
      if (!wanted.every((branch) => isDoc(branch) && isImplied(branch, conditions))) return false;
      continue;
    }
    const held = conditions.get(name);
    if (!held?.some((condition) => implies(condition, wanted))) return false;
  }
  return true;
}

function implies(condition: Value, wanted: Value): boolean {
  if (equalValues(condition, wanted)) return true;
  const points = !isOperators(condition) ? [condition] : (condition.get('$in') ?? [condition.get('$eq')]);
  if (
    Array.isArray(points) &&
    points.length > 0 &&
    points.every((point) => point !== undefined && point !== null && !(point instanceof Regex))
  ) {
    const test = new Filter(new Map([['v', wanted]]));
    return points.every((point) => point !== undefined && test.matches(new Map([['v', point]])));
  }
  if (!isOperators(condition) || !isOperators(wanted)) return false;
  return [...wanted].every(([operator, operand]) => {
    const same = condition.get(operator);
    if (same !== undefined) {
      const order = rankOf(same) === rankOf(operand) ? compareValues(same, operand) : NaN;
      return operator.startsWith('$gt') ? order >= 0 : operator.startsWith('$lt') ? order <= 0 : order === 0;
    }
    return (
      operator === '$exists' &&
      isTrue(operand) &&
      ['$gt', '$gte', '$lt', '$lte'].some((range) => (condition.get(range) ?? null) !== null)
    );
  });
}
