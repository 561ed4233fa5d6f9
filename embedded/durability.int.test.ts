/** What survives, what is refused, and that the store agrees with the naive model; the full counts are `embedded:check`'s. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { MongoClient, MongoServerError } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { Chance } from '#chance/chance.ts';
import { dump, restore } from './dump.ts';
import { EmbeddedStoreError, startEmbeddedStore } from './index.ts';
import { runLane } from './proof/differential.ts';
import { indexErrors, runKills } from './proof/kills.ts';
import { startServer } from './server.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-durability-'));
const seed = Date.now() % 1_000_000;

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function withStore<T>(name: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const store = await startEmbeddedStore({ dataDir: join(folder, name) });
  const client = await MongoClient.connect(store.uri);
  try {
    return await use(client);
  } finally {
    await client.close();
    await store.stop();
  }
}

describe('a data folder', () => {
  it('keeps documents, indexes and retried writes over a stop', async () => {
    await withStore('kept', async (client) => {
      const rows = client.db().collection<{ _id: number; a: number[] }>('rows');
      await rows.createIndexes([{ key: { a: 1 } }, { key: { b: 1 }, unique: true, sparse: true }]);
      await rows.insertMany([
        { _id: 1, a: [1, 2] },
        { _id: 2, a: [2] },
      ]);
    });
    await withStore('kept', async (client) => {
      const rows = client.db().collection<{ _id: number; a: number[] }>('rows');
      expect(await rows.find({ a: 2 }).sort({ a: -1, _id: 1 }).toArray()).toHaveLength(2);
      expect((await rows.indexes()).map((index) => index.name)).toEqual(['_id_', 'a_1', 'b_1']);
      await rows.insertOne({ _id: 3, a: [] });
      expect(await indexErrors(client.db())).toBe(0);
    });
  });

  it('that is in use is refused, whoever uses it', async () => {
    await withStore('held', async () => {
      const error: unknown = await startEmbeddedStore({ dataDir: join(folder, 'held') }).catch(
        (caught: unknown) => caught,
      );
      expect(error).toBeInstanceOf(EmbeddedStoreError);
      expect(error).toMatchObject({ code: 'data_folder_held' });
      const main = fileURLToPath(new URL('./main.ts', import.meta.url));
      const other = spawnSync(process.execPath, [main, '--data', join(folder, 'held')], {
        encoding: 'utf8',
        timeout: 30_000,
      });
      expect(other.status).toBe(1);
      expect(other.stderr).toMatch(/in use by another process/);
      expect(other.stdout).toBe('');
    });
  });

  it('that a newer version wrote is refused', async () => {
    await withStore('newer', () => Promise.resolve());
    const database = new DatabaseSync(join(folder, 'newer', 'store.db'));
    database.exec('PRAGMA user_version = 1000');
    database.close();
    await expect(startEmbeddedStore({ dataDir: join(folder, 'newer') })).rejects.toMatchObject({
      code: 'data_folder_newer',
    });
  });

  it('is dumped and restored whole', async () => {
    await withStore('source', async (client) => {
      await client
        .db('one')
        .collection('rows')
        .insertMany(Array.from({ length: 300 }, (_, n) => ({ n, text: 'х'.repeat(n) })));
      await client
        .db('two')
        .collection('rows')
        .createIndexes([{ key: { n: 1 }, unique: true }]);
    });
    const file = join(folder, 'all.dump');
    expect(await dump(join(folder, 'source'), file)).toEqual({ collections: 2, documents: 300 });
    expect(await restore(join(folder, 'target'), file)).toEqual({ collections: 2, documents: 300 });
    await expect(restore(join(folder, 'target'), file)).rejects.toThrow(/not empty/);
    await withStore('target', async (client) => {
      expect(
        await client
          .db('one')
          .collection('rows')
          .countDocuments({ n: { $lt: 100 } }),
      ).toBe(100);
      expect((await client.db('two').collection('rows').indexes()).map((index) => index.name)).toEqual(['_id_', 'n_1']);
    });
  });
});

it('documents older than their TTL index allows go, others stay', async () => {
  const server = await startServer({ dataDir: join(folder, 'ttl'), port: 0, housekeepingMs: 50 });
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${server.port}/svod?replicaSet=embedded`);
  const rows = client.db().collection<{ _id: number; at?: Date | string }>('rows');
  await rows.createIndexes([{ key: { at: 1 }, expireAfterSeconds: 60 }]);
  const now = Date.now();
  await rows.insertMany([
    { _id: 1, at: new Date(now - 61_000) },
    { _id: 2, at: new Date(now) },
    { _id: 3, at: 'text' },
    { _id: 4 },
  ]);
  await expect.poll(() => rows.countDocuments(), { timeout: 10_000 }).toBe(3);
  await client.db().command({ collMod: 'rows', index: { keyPattern: { at: 1 }, expireAfterSeconds: 1_000_000 } });
  await rows.insertOne({ _id: 5, at: new Date(now - 61_000) });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect((await rows.find().sort({ _id: 1 }).toArray()).map((row) => row._id)).toEqual([2, 3, 4, 5]);
  await client.close();
  await server.stop();
});

it('an idle transaction is ended, and what it held is free', async () => {
  const server = await startServer({ dataDir: join(folder, 'idle'), port: 0, transactionIdleMs: 200 });
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${server.port}/svod?replicaSet=embedded`);
  const rows = client.db().collection<{ _id: number; n: number }>('rows');
  await rows.insertOne({ _id: 1, n: 0 });
  const session = client.startSession();
  session.startTransaction();
  await rows.updateOne({ _id: 1 }, { $set: { n: 5 } }, { session });
  await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } });
  await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 });
  await session.endSession();
  expect(await rows.findOne()).toEqual({ _id: 1, n: 1 });
  await client.close();
  await server.stop();
});

it('a transaction that is ended while a command works in it ends that command too, and the next one sees nothing of it', async () => {
  const server = await startServer({ dataDir: join(folder, 'ended'), port: 0, transactionIdleMs: 50 });
  const client = await MongoClient.connect(`mongodb://127.0.0.1:${server.port}/svod?replicaSet=embedded`);
  const rows = client.db().collection<{ _id: number; text: string; n?: number }>('rows');
  await rows.insertMany(Array.from({ length: 20_000 }, (_, _id) => ({ _id, text: 'x'.repeat(100) })));
  const [killed, idle] = [client.startSession(), client.startSession()];
  for (const session of [killed, idle]) session.startTransaction();
  await rows.findOne({ _id: 1 }, { session: killed });
  const updating = rows.updateMany({}, { $set: { n: 1 } }, { session: killed }).catch((error: unknown) => error);
  await client.db().command({ ping: 1 });
  await client.db('admin').command({ killSessions: [killed.id] });
  expect(await updating).toBeInstanceOf(MongoServerError);
  // Longer at work than it may be idle: it goes on.
  expect((await rows.updateMany({}, { $set: { n: 2 } }, { session: idle })).modifiedCount).toBe(20_000);
  await idle.abortTransaction();
  expect(await rows.countDocuments({ n: { $exists: true } })).toBe(0);
  await client.withSession((session) =>
    session.withTransaction(async () => {
      expect(await rows.countDocuments({ n: { $exists: true } }, { session })).toBe(0);
      await rows.updateOne({ _id: 1 }, { $set: { n: 3 } }, { session });
    }),
  );
  expect(await rows.countDocuments({ n: { $exists: true } })).toBe(1);
  for (const session of [killed, idle]) await session.endSession();
  await client.close();
  await server.stop();
}, 60_000);

it(`random deeds come to the same as in the naive model (seed ${seed})`, async () => {
  await withStore('differential', async (client) => {
    const lanes = [0, 1, 2, 3].map((lane) =>
      runLane(client.db().collection(`lane${lane}`), new Chance(seed * 4 + lane), 500),
    );
    const results = await Promise.all(lanes);
    expect(results.flatMap((result) => result.mismatches)).toEqual([]);
    expect(await indexErrors(client.db())).toBe(0);
  });
});

it(`kill -9 loses no acknowledged write and tears no transaction (seed ${seed})`, async () => {
  const result = await runKills(join(folder, 'kills'), new Chance(seed), 3);
  expect(result).toMatchObject({ kills: 3, lostWrites: 0, tornTransactions: 0, indexErrors: 0 });
  expect(result.acknowledged).toBeGreaterThan(0);
});
