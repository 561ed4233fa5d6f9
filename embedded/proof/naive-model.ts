/**
 * A collection as an array of plain objects, with MongoDB's semantics written down in the most direct way. It shares no
 * code with the store: what both get wrong, they must get wrong independently.
 */
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type Fields = Record<string, Json>;
export type Condition = Record<string, Json>;

export class Refused extends Error {}

function rank(value: Json | undefined): number {
  if (value === undefined || value === null) return 5;
  if (typeof value === 'number') return 10;
  if (typeof value === 'string') return 15;
  if (typeof value === 'boolean') return 40;
  return Array.isArray(value) ? 25 : 20;
}

export function order(a: Json | undefined, b: Json | undefined): number {
  const byRank = rank(a) - rank(b);
  if (byRank !== 0) return byRank;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let at = 0; at < Math.min(a.length, b.length); at++) {
      const result = order(a[at], b[at]);
      if (result !== 0) return result;
    }
    return a.length - b.length;
  }
  if (isFields(a) && isFields(b)) {
    const [x, y] = [Object.entries(a), Object.entries(b)];
    for (let at = 0; at < Math.min(x.length, y.length); at++) {
      const [p, q] = [x[at], y[at]];
      if (!p || !q) break;
      const result = rank(p[1]) - rank(q[1]) || (p[0] < q[0] ? -1 : p[0] > q[0] ? 1 : 0) || order(p[1], q[1]);
      if (result !== 0) return result;
    }
    return x.length - y.length;
  }
  return 0;
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return order(a, b) === 0;
}

/** All that a path leads to; `whole` keeps arrays closed at its end. */
function reach(value: Json | undefined, path: string[], whole: boolean): (Json | undefined)[] {
  const [part, ...rest] = path;
  if (part === undefined) return Array.isArray(value) && !whole ? [...value, value] : [value];
  if (isFields(value)) return reach(value[part], rest, whole);
  if (Array.isArray(value)) return value.filter(isFields).flatMap((item) => reach(item, path, whole));
  return [undefined];
}

export function matches(fields: Json | undefined, query: Fields): boolean {
  return Object.entries(query).every(([name, condition]) => {
    if (name === '$and') return list(condition).every((branch) => matches(fields, branch));
    if (name === '$or') return list(condition).some((branch) => matches(fields, branch));
    if (name === '$nor') return !list(condition).some((branch) => matches(fields, branch));
    return fulfils(fields, name.split('.'), condition);
  });
}

function list(value: Json): Fields[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function isOperators(condition: Json): condition is Condition {
  return isFields(condition) && (Object.keys(condition)[0]?.startsWith('$') ?? false);
}

function fulfils(fields: Json | undefined, path: string[], condition: Json): boolean {
  if (!isOperators(condition)) return reach(fields, path, false).some((value) => same(value, condition));
  return Object.entries(condition).every(([operator, operand]) => holds(fields, path, operator, operand));
}

function holds(fields: Json | undefined, path: string[], operator: string, operand: Json): boolean {
  const any = (test: (value: Json | undefined) => boolean) => reach(fields, path, false).some(test);
  // A null operand is the one that a missing field compares with.
  const ordered = (test: (result: number) => boolean) =>
    any(
      (value) =>
        (value !== undefined || operand === null) && rank(value) === rank(operand) && test(order(value, operand)),
    );
  switch (operator) {
    case '$eq':
      return any((value) => same(value, operand));
    case '$ne':
      return !any((value) => same(value, operand));
    case '$gt':
      return ordered((result) => result > 0);
    case '$gte':
      return ordered((result) => result >= 0);
    case '$lt':
      return ordered((result) => result < 0);
    case '$lte':
      return ordered((result) => result <= 0);
    case '$in':
      return any((value) => Array.isArray(operand) && operand.some((item) => same(value, item)));
    case '$nin':
      return !any((value) => Array.isArray(operand) && operand.some((item) => same(value, item)));
    case '$exists':
      return any((value) => value !== undefined) === operand;
    case '$not':
      return !fulfils(fields, path, operand);
    case '$size':
      return reach(fields, path, true).some((value) => Array.isArray(value) && value.length === operand);
    case '$all':
      return Array.isArray(operand) && operand.length > 0 && operand.every((item) => any((value) => same(value, item)));
    case '$elemMatch':
      return reach(fields, path, true).some(
        (value) => Array.isArray(value) && value.some((item) => elementMatches(item, operand)),
      );
    case '$mod':
      return any(
        (value) =>
          typeof value === 'number' && Array.isArray(operand) && Math.trunc(value) % Number(operand[0]) === operand[1],
      );
    default:
      throw new Error(`the model does not know ${operator}`);
  }
}

function elementMatches(item: Json, operand: Json): boolean {
  if (isOperators(operand))
    return Object.entries(operand).every(([operator, inner]) =>
      holds({ v: Array.isArray(item) ? [item] : item }, ['v'], operator, inner),
    );
  return isFields(operand) && isFields(item) && matches(item, operand);
}

type Place = { holder: Fields; name: string };

/** The field a path names in an update; refuses what is no document on the way. */
function place(fields: Fields, path: string, creates: boolean): Place | undefined {
  const parts = path.split('.');
  let holder = fields;
  for (const part of parts.slice(0, -1)) {
    let next = holder[part];
    if (next === undefined) {
      if (!creates) return undefined;
      next = holder[part] = {};
    }
    if (!isFields(next)) {
      if (!creates) return undefined;
      throw new Refused(`no document at ${part}`);
    }
    holder = next;
  }
  return { holder, name: parts.at(-1) ?? '' };
}

/** The document after an update by operators; throws `Refused` where MongoDB refuses. */
export function updated(before: Fields, update: Record<string, Fields>): Fields {
  const fields = structuredClone(before);
  const steps = Object.entries(update).flatMap(([operator, members]) =>
    Object.entries(members).map(([path, operand]) => ({ operator, path, operand })),
  );
  steps.sort((a, b) => (a.path < b.path ? -1 : 1));
  for (const { operator, path, operand } of steps) apply(fields, operator, path, operand);
  return fields;
}

function apply(fields: Fields, operator: string, path: string, operand: Json): void {
  const removes = ['$unset', '$pull', '$pop'].includes(operator);
  const found = place(fields, path, !removes);
  if (!found) return;
  const { holder, name } = found;
  const value = holder[name];
  const items = () => {
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw new Refused(`no array at ${path}`);
    return [...value];
  };
  switch (operator) {
    case '$set':
      holder[name] = structuredClone(operand);
      break;
    case '$unset':
      Reflect.deleteProperty(holder, name);
      break;
    case '$inc':
    case '$mul':
      if (value !== undefined && typeof value !== 'number') throw new Refused(`no number at ${path}`);
      holder[name] = operator === '$inc' ? (value ?? 0) + Number(operand) : (value ?? 0) * Number(operand) || 0; // an Int32 has no -0
      break;
    case '$min':
      if (value === undefined || order(operand, value) < 0) holder[name] = operand;
      break;
    case '$max':
      if (value === undefined || order(operand, value) > 0) holder[name] = operand;
      break;
    case '$push':
      holder[name] = [...items(), structuredClone(operand)];
      break;
    case '$addToSet':
      holder[name] = items().some((item) => same(item, operand)) ? items() : [...items(), structuredClone(operand)];
      break;
    case '$pull':
      if (value !== undefined) holder[name] = items().filter((item) => !same(item, operand));
      break;
    case '$pop':
      if (value !== undefined) holder[name] = operand === 1 ? items().slice(0, -1) : items().slice(1);
      break;
    default:
      throw new Error(`the model does not know ${operator}`);
  }
}

/** What a field sorts by. An empty array stands before everything else here. */
function sortValue(fields: Fields, name: string, direction: number): { isEmpty: boolean; value: Json | undefined } {
  const [value] = reach(fields, name.split('.'), true);
  if (!Array.isArray(value)) return { isEmpty: false, value };
  const sorted = [...value].sort((a, b) => order(a, b) * direction);
  return { isEmpty: value.length === 0, value: sorted[0] };
}

export function sorted(rows: Fields[], sort: [string, number][]): Fields[] {
  return [...rows].sort((a, b) => {
    for (const [name, direction] of sort) {
      const [x, y] = [sortValue(a, name, direction), sortValue(b, name, direction)];
      const result = x.isEmpty || y.isEmpty ? Number(y.isEmpty) - Number(x.isEmpty) : order(x.value, y.value);
      if (result !== 0) return result * direction;
    }
    return 0;
  });
}
