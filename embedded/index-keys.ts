/** Which keys a document has in an index. */
import { isDoc, undefinedValue, type Doc, type Value } from './bson.ts';
import type { Index } from './catalog.ts';
import { CommandError } from './errors.ts';
import { encodeKey } from './keys.ts';
import { isPosition } from './paths.ts';

/** One field on its way through a document: arrived at a value, or before an array with some of its path left. */
interface Cursor {
  value: Value | undefined;
  rest?: string[];
}

type Tuple = (Value | undefined)[];

/** The document's keys, and for each field of the index whether it passed an array. */
export function keysOf(index: Index, fields: Doc): { keys: Buffer[]; multikey: boolean[] } {
  const multikey = index.fields.map(() => false);
  if (index.partial && !index.partial.matches(fields)) return { keys: [], multikey };
  const cursors = index.fields.map((field) => descend(fields, field.path));
  const tuples = expanded(cursors, multikey);
  if (index.isSparse && tuples.flat().every((value) => value === undefined)) return { keys: [], multikey };
  const keys = new Map<string, Buffer>();
  for (const tuple of tuples) {
    const values = tuple.map((value) => value ?? null);
    const key = encodeKey(values, index.directions, index.collation?.fold);
    if (tuples.length === 1) return { keys: [key], multikey };
    keys.set(key.toString('latin1'), key);
  }
  return { keys: [...keys.values()], multikey };
}

/** What an index of this one field would hold of a document: sorting in memory goes by the same values. */
export function valuesAt(fields: Doc, path: string[]): Tuple {
  const cursor = descend(fields, path);
  return cursor.rest ? expanded([cursor], []).flat() : [cursor.value];
}

function descend(from: Value | undefined, path: string[]): Cursor {
  let value = from;
  for (const [depth, part] of path.entries()) {
    if (Array.isArray(value)) {
      const item: Value | undefined = isPosition(part) ? value[Number(part)] : undefined;
      if (item === undefined) return { value, rest: path.slice(depth) };
      value = item;
    } else value = isDoc(value) ? value.get(part) : undefined;
  }
  return Array.isArray(value) ? { value, rest: [] } : { value };
}

/** One tuple for each element of the array that the fields share. Errors: two arrays side by side. */
function expanded(cursors: Cursor[], multikey: boolean[]): Tuple[] {
  const array = cursors.find((cursor) => cursor.rest)?.value;
  if (!Array.isArray(array)) return [cursors.map((cursor) => cursor.value)];
  for (const [position, cursor] of cursors.entries()) {
    if (!cursor.rest) continue;
    if (cursor.value !== array) throw new CommandError('CannotIndexParallelArrays', 'cannot index parallel arrays');
    multikey[position] = true;
  }
  const within = (step: (rest: string[]) => Cursor) =>
    expanded(
      cursors.map((cursor) => (cursor.rest ? step(cursor.rest) : cursor)),
      multikey,
    );
  if (array.length === 0) return within((rest) => ({ value: rest.length === 0 ? undefinedValue : null }));
  return array.flatMap((item) =>
    within((rest) => {
      if (rest.length === 0) return { value: item };
      return isDoc(item) ? descend(item, rest) : { value: undefined };
    }),
  );
}
