/** TTL indexes: what is older than its index allows is removed by the same `delete` that a client would send. */
import { doc, int } from './bson.ts';
import { perform } from './commands.ts';
import type { Engine } from './request.ts';

export async function removeExpired(engine: Engine, nowMs: number): Promise<void> {
  for (const { db, name, indexes } of engine.catalog.all())
    for (const { isReady, ttlSeconds, fields, partial, name: hint } of indexes) {
      const [field] = fields;
      if (!isReady || ttlSeconds === undefined || !field) continue;
      const expired = new Map([[field.name, doc({ $lt: new Date(nowMs - ttlSeconds * 1000) })]]);
      const q = partial ? doc({ $and: [expired, partial.query] }) : expired;
      await perform(engine, doc({ delete: name, deletes: [doc({ q, limit: int(0), hint })], $db: db }), 0, '');
    }
}
