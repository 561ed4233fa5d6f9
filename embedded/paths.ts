/** Dotted paths through documents and arrays. */
import { isDoc, type Doc, type Value } from './bson.ts';

export function isPosition(part: string): boolean {
  return /^(0|[1-9]\d{0,8})$/.test(part);
}

/** Called with each value a path leads to, and the position in the outermost array passed (-1: none). Ends at `true`. */
export type Visit = (value: Value | undefined, position: number) => boolean;

/**
 * Walks a path as queries do: through arrays into the documents they hold, at the end into the elements and then the
 * array itself. A path that leads nowhere visits `undefined`. Returns whether a visit answered `true`.
 */
export function visitPath(fields: Doc, path: readonly string[], visit: Visit, opensLast = true): boolean {
  return walk(fields, path, 0, -1, visit, opensLast);
}

function walk(
  fields: Doc,
  path: readonly string[],
  depth: number,
  position: number,
  visit: Visit,
  opensLast: boolean,
): boolean {
  let value: Value | undefined = fields.get(path[depth] ?? '');
  let at = depth + 1;
  while (at < path.length && isDoc(value)) value = value.get(path[at++] ?? '');
  if (Array.isArray(value)) return walkArray(value, path, at, position, visit, opensLast);
  return visit(at < path.length ? undefined : value, position);
}

function walkArray(
  items: Value[],
  path: readonly string[],
  at: number,
  position: number,
  visit: Visit,
  opensLast: boolean,
): boolean {
  if (at === path.length) {
    if (opensLast)
      for (const [offset, item] of items.entries()) if (visit(item, position < 0 ? offset : position)) return true;
    return visit(items, position);
  }
  const part = path[at] ?? '';
  const wanted = isPosition(part) ? Number(part) : -1;
  for (const [offset, item] of items.entries()) {
    const outer = position < 0 ? offset : position;
    if (isDoc(item) && walk(item, path, at, outer, visit, opensLast)) return true;
    if (offset !== wanted) continue;
    if (at + 1 === path.length) {
      if (visit(item, outer)) return true;
    } else if (isDoc(item)) {
      if (walk(item, path, at + 1, outer, visit, opensLast)) return true;
    } else if (Array.isArray(item) && walkArray(item, path, at + 1, outer, visit, opensLast)) return true;
  }
  return false;
}

/** The value at a path of documents only, as `_id` and sort keys without arrays use it. */
export function valueAt(fields: Doc, path: readonly string[]): Value | undefined {
  let value: Value | undefined = fields;
  for (const part of path) {
    if (!isDoc(value)) return undefined;
    value = value.get(part);
  }
  return value;
}

/** A copy in which the path holds the value, or nothing; through arrays, in each element. */
export function withField(fields: Doc, [name = '', ...rest]: string[], value: Value | undefined): Doc {
  const copy: Doc = new Map(fields);
  const next = rest.length === 0 ? value : within(fields.get(name), rest, value);
  if (next === undefined) copy.delete(name);
  else copy.set(name, next);
  return copy;
}

function within(held: Value | undefined, path: string[], value: Value | undefined): Value {
  if (Array.isArray(held)) return held.map((item) => within(item, path, value));
  return withField(isDoc(held) ? held : new Map<string, Value>(), path, value);
}
