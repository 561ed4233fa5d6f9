/** The embedded store beside bare `node:sqlite`, the same reads and writes in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { serialize } from 'bson';
import { MongoClient, type Collection } from 'mongodb';
import { startEmbeddedStore } from '#embedded/index.ts';

interface Row {
  _id: number;
  k: number;
  n: number;
  text: string;
}

const writesPerClient = 60;
const readsPerClient = 400;
const scanned = 100_000;

function row(_id: number): Row {
  return { _id, k: _id % 1000, n: 0, text: 'x'.repeat(120) };
}

/** Deeds per second of so many clients, each doing its deeds one after another. */
async function rate(clients: number, each: number, deed: (at: number) => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      for (let done = 0; done < each; done++) await deed(client * each + done);
    }),
  );
  return Math.round((clients * each * 1000) / (performance.now() - began));
}

/** The same durable deeds in SQLite alone: each its own transaction, or so many in one as there are clients. */
function bareRates(path: string): Record<string, number> {
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, k INTEGER, bson BLOB); CREATE INDEX tk ON t (k)',
  );
  const insert = database.prepare('INSERT INTO t VALUES (?, ?, ?)');
  const update = database.prepare('UPDATE t SET bson = ? WHERE id = ?');
  const find = database.prepare('SELECT bson FROM t WHERE k = ?');
  let next = 0;
  const inGroups = (size: number, total: number, deed: (at: number) => void) => {
    const began = performance.now();
    for (let at = 0; at < total; at += size) {
      database.exec('BEGIN');
      for (let inner = at; inner < at + size; inner++) deed(inner);
      database.exec('COMMIT');
    }
    return Math.round((total * 1000) / (performance.now() - began));
  };
  const add = () => {
    const made = row(next++);
    insert.run(made._id, made.k, serialize(made));
  };
  const rates = {
    inserts1: inGroups(1, writesPerClient * 4, add),
    inserts32: inGroups(32, writesPerClient * 32, add),
    inc1: inGroups(1, writesPerClient * 4, (at) => update.run(serialize({ ...row(at), n: 1 }), at)),
    inc32: inGroups(32, writesPerClient * 32, (at) => update.run(serialize({ ...row(at), n: 1 }), at)),
    finds: 0,
  };
  const began = performance.now();
  for (let at = 0; at < readsPerClient * 8; at++) find.all(at % 1000);
  rates.finds = Math.round((readsPerClient * 8 * 1000) / (performance.now() - began));
  database.close();
  return rates;
}

async function storeRates(rows: Collection<Row>): Promise<Record<string, number>> {
  let next = 0;
  const insert = () => rows.insertOne(row(next++));
  const increment = (at: number) => rows.updateOne({ _id: at }, { $inc: { n: 1 } });
  const find = (at: number) => rows.find({ k: at % 1000 }).toArray();
  await rows.createIndexes([{ key: { k: 1 } }]);
  return {
    inserts1: await rate(1, writesPerClient * 4, insert),
    inserts32: await rate(32, writesPerClient, insert),
    inc1: await rate(1, writesPerClient * 4, increment),
    inc32: await rate(32, writesPerClient, increment),
    finds1: await rate(1, readsPerClient, find),
    finds32: await rate(32, readsPerClient / 4, find),
  };
}

/** How long another client waits at most while 100,000 documents are worked on; beside it, how long when nobody works. */
async function longestWaits(client: MongoClient, rows: Collection<Row>): Promise<Record<string, number>> {
  for (let at = 0; at < scanned; at += 10_000)
    await rows.insertMany(Array.from({ length: 10_000 }, (_, inner) => row(1_000_000 + at + inner)));
  const watch = async (until: () => boolean) => {
    let longest = 0;
    while (!until()) {
      const asked = performance.now();
      await client.db('other').command({ ping: 1 });
      longest = Math.max(longest, performance.now() - asked);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    return Math.round(longest);
  };
  const quietUntil = performance.now() + 1000;
  const waits: Record<string, number> = { quietMs: await watch(() => performance.now() > quietUntil) };
  // The work is done in the store: next to nothing of it travels, so that this process can watch the clock.
  const deeds: Record<string, () => Promise<unknown>> = {
    readingMs: () => rows.countDocuments({ text: { $ne: 'y' } }),
    findingMs: () => rows.find({ n: -1 }).toArray(),
    sortingMs: () => rows.aggregate([{ $sort: { text: 1, n: 1 } }, { $skip: scanned - 1 }]).toArray(),
    groupingMs: () => rows.aggregate([{ $group: { _id: '$_id', n: { $sum: 1 } } }, { $count: 'n' }]).toArray(),
    validatingMs: () => client.db().command({ validate: 'rows' }),
  };
  for (const [name, deed] of Object.entries(deeds)) {
    let isDone = false;
    const work = deed().then(() => (isDone = true));
    waits[name] = await watch(() => isDone);
    await work;
  }
  return waits;
}

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-embedded-'));
  const store = await startEmbeddedStore({ dataDir: join(folder, 'store') });
  const client = await MongoClient.connect(store.uri, { maxPoolSize: 40 });
  try {
    const rows = client.db().collection<Row>('rows');
    await rows.drop();
    const bare = bareRates(join(folder, 'bare.db'));
    const embedded = await storeRates(rows);
    const waits = await longestWaits(client, rows);
    const result = { embedded, bare, waits };
    if (!json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    await client.close();
    await store.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
