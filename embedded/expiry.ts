/** TTL indexes: what is older than its index allows is removed, a little at a time. */
import { doc } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { Pace } from './cursors.ts';
import { search, type Query } from './reading.ts';
import type { Engine } from './request.ts';
import { Busy } from './transactions.ts';
import { removeDocument } from './writing.ts';

/** Removes what has expired by now; what a transaction holds waits for the next time. */
export async function removeExpired(engine: Engine, nowMs: number): Promise<void> {
  for (const collection of engine.catalog.all())
    for (const index of collection.indexes)
      if (index.isReady && index.ttlSeconds !== undefined) await removeIn(engine, collection, index, nowMs);
}

async function removeIn(engine: Engine, collection: Collection, index: Index, nowMs: number): Promise<void> {
  const [field] = index.fields;
  if (!field || index.ttlSeconds === undefined) return;
  const expired = new Map([[field.name, doc({ $lt: new Date(nowMs - index.ttlSeconds * 1000) })]]);
  const query: Query = {
    query: index.partial ? doc({ $and: [expired, index.partial.query] }) : expired,
    sort: [],
    skip: 0,
    limit: 0,
    collation: undefined,
    hint: index.name,
  };
  const pace = new Pace();
  const context = { collation: undefined, variables: new Map(), read: () => [] };
  for (const row of search(engine.storage, collection, query, context).rows) {
    // Dropped, or changed, since it was read.
    if (engine.catalog.get(collection.db, collection.name) !== collection) return;
    if (row && engine.storage.document(row.key)?.equals(row.bytes)) {
      try {
        removeDocument(engine.direct, collection, row);
      } catch (error) {
        if (!(error instanceof Busy)) throw error;
      }
    }
    await pace.rest();
  }
}
