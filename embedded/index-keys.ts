/** Which keys a document has in an index. */
import { isDoc, undefinedValue, type Doc, type Value } from './bson.ts';
import type { Index } from './catalog.ts';
import { CommandError } from './errors.ts';
import { encodeKey } from './keys.ts';
import { isPosition } from './paths.ts';

/** One field on its way through a document: arrived at a value, or stopped before an array. */
interface Cursor {
  value: Value | undefined;
  array: Value[] | undefined;
  rest: string[];
}

/** The document's keys, and for each field of the index whether it passed an array. */
export function keysOf(index: Index, fields: Doc): { keys: Buffer[]; multikey: boolean[] } {
  const multikey = index.fields.map(() => false);
  if (index.partial && !index.partial.matches(fields)) return { keys: [], multikey };
  const tuples: (Value | undefined)[][] = [];
  expand(
    index.fields.map((field) => descend(fields, field.path)),
    multikey,
    tuples,
  );
  if (index.isSparse && tuples.every((tuple) => tuple.every((value) => value === undefined)))
    return { keys: [], multikey };
  const encoded = tuples.map((tuple) =>
    encodeKey(
      tuple.map((value) => value ?? null),
      index.directions,
      index.collation?.fold,
    ),
  );
  return { keys: encoded.length === 1 ? encoded : distinct(encoded), multikey };
}

/** What an index of this one field would hold of a document: sorting in memory goes by the same values. */
export function valuesAt(fields: Doc, path: string[]): (Value | undefined)[] {
  const cursor = descend(fields, path);
  if (!cursor.array) return [cursor.value];
  const tuples: (Value | undefined)[][] = [];
  expand([cursor], [false], tuples);
  return tuples.map(([value]) => value);
}

function distinct(keys: Buffer[]): Buffer[] {
  const byText = new Map<string, Buffer>();
  for (const key of keys) byText.set(key.toString('latin1'), key);
  return [...byText.values()];
}

function descend(from: Value | undefined, path: string[]): Cursor {
  let value = from;
  for (const [depth, part] of path.entries()) {
    if (isDoc(value)) value = value.get(part);
    else if (Array.isArray(value)) {
      const item: Value | undefined = isPosition(part) ? value[Number(part)] : undefined;
      if (item === undefined) return { value: undefined, array: value, rest: path.slice(depth) };
      value = item;
    } else return { value: undefined, array: undefined, rest: [] };
  }
  return Array.isArray(value) ? { value: undefined, array: value, rest: [] } : { value, array: undefined, rest: [] };
}

function expand(cursors: Cursor[], multikey: boolean[], tuples: (Value | undefined)[][]): void {
  const array = cursors.find((cursor) => cursor.array)?.array;
  if (!array) {
    tuples.push(cursors.map((cursor) => cursor.value));
    return;
  }
  for (const [position, cursor] of cursors.entries()) {
    if (!cursor.array) continue;
    if (cursor.array !== array) throw new CommandError('CannotIndexParallelArrays', 'cannot index parallel arrays');
    multikey[position] = true;
  }
  const ended = (value: Value | undefined): Cursor => ({ value, array: undefined, rest: [] });
  if (array.length === 0) {
    expand(
      cursors.map((cursor) => (cursor.array ? ended(cursor.rest.length === 0 ? undefinedValue : null) : cursor)),
      multikey,
      tuples,
    );
    return;
  }
  for (const item of array) {
    const next = cursors.map((cursor) => {
      if (!cursor.array) return cursor;
      if (cursor.rest.length === 0) return ended(item);
      return isDoc(item) ? descend(item, cursor.rest) : ended(undefined);
    });
    expand(next, multikey, tuples);
  }
}
