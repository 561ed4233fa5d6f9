/** `validate`: walks a collection and its indexes and tells where they disagree. */
import { decode, doc, int, type Doc, type Value } from './bson.ts';
import { keysOf } from './index-keys.ts';
import type { Request } from './request.ts';
import { everyKey, type Entry } from './storage.ts';
import { rowsOf } from './reading.ts';

/** In one go, for a pause would let writes in between: not for a busy hour. */
export function validate(request: Request): Doc {
  const collection = request.existing();
  const { view } = request.scope;
  const errors: Value[] = [];
  const wanted = new Map<number, Set<string>>(collection.indexes.map((index) => [index.id, new Set()]));
  let records = 0;
  for (const row of rowsOf(view, collection, { kind: 'collection', forward: true, providesSort: false })) {
    if (!row) continue;
    records++;
    const fields = decode(row.bytes);
    for (const index of collection.indexes)
      for (const key of keysOf(index, fields).keys) wanted.get(index.id)?.add(`${row.key}:${key.toString('latin1')}`);
  }
  const keysPerIndex: Doc = new Map();
  for (const index of collection.indexes) {
    const keys = wanted.get(index.id) ?? new Set<string>();
    let found = 0;
    let last: Entry | undefined;
    for (let after: Entry | undefined; ;) {
      const entries = view.entries(index.id, everyKey, true, after);
      after = entries.at(-1);
      if (!after) break;
      for (const entry of entries) {
        found++;
        if (!keys.delete(`${entry.document}:${entry.key.toString('latin1')}`))
          errors.push(`${index.name}: an entry without its document ${entry.document}`);
        if (index.isUnique && last?.key.equals(entry.key)) errors.push(`${index.name}: the same key twice`);
        last = entry;
      }
    }
    for (const key of keys) errors.push(`${index.name}: the document ${key.slice(0, key.indexOf(':'))} has no entry`);
    keysPerIndex.set(index.name, int(found));
  }
  return doc({
    ns: collection.namespace,
    nrecords: int(records),
    nIndexes: int(collection.indexes.length),
    keysPerIndex,
    valid: errors.length === 0,
    errors: errors.slice(0, 100),
  });
}
