/**
 * The store under its users: better-auth, agenda, Mongoose, GridFS, many connections, long work beside short deeds.
 * With EMBEDDED_FULL=1 in full size (GridFS of 100 MB, 100,000 documents), otherwise smaller.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { MongoBackend } from '@agendajs/mongo-backend';
import { Agenda } from 'agenda';
import { betterAuth } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { GridFSBucket, MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-usage-'));
const isFull = process.env['EMBEDDED_FULL'] === '1';
let store: EmbeddedStore;
let client: MongoClient;

beforeAll(async () => {
  store = await startEmbeddedStore({ dataDir: folder });
  client = await MongoClient.connect(store.uri);
});

afterAll(async () => {
  await client.close();
  await store.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('better-auth signs up, in and out', async () => {
  const auth = betterAuth({
    database: mongodbAdapter(client.db('auth'), { client }),
    emailAndPassword: { enabled: true },
    secret: randomBytes(32).toString('base64'),
    baseURL: 'http://127.0.0.1',
    logger: { disabled: true },
  });
  const body = { email: 'person@example.org', password: 'long enough' };
  await auth.api.signUpEmail({ body: { ...body, name: 'Person' } });
  await expect(auth.api.signUpEmail({ body: { ...body, name: 'Person' } })).rejects.toThrow();
  await expect(auth.api.signInEmail({ body: { ...body, password: 'wrong' } })).rejects.toThrow();
  const { headers } = await auth.api.signInEmail({ body, returnHeaders: true });
  const cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  expect((await auth.api.getSession({ headers: new Headers({ cookie }) }))?.user.email).toBe(body.email);
  await auth.api.signOut({ headers: new Headers({ cookie }) });
  expect(await auth.api.getSession({ headers: new Headers({ cookie }) })).toBeNull();
});

it('Mongoose keeps its versions, indexes and transactions', async () => {
  const connection = await mongoose.createConnection(store.uri).asPromise();
  const schema = new mongoose.Schema<{ name: string; list: { q: number }[] }>(
    { name: String, list: [{ q: Number }] },
    { optimisticConcurrency: true, timestamps: true },
  );
  schema.index({ name: 1 }, { unique: true });
  const Thing = connection.model('Thing', schema);
  await Thing.init();
  const made = await Thing.create({ name: 'one', list: [{ q: 1 }] });
  const other = await Thing.findById(made._id).orFail();
  made.list.push({ q: 2 });
  await made.save();
  other.name = 'two';
  await expect(other.save()).rejects.toThrow(mongoose.Error.VersionError);
  await expect(Thing.create({ name: 'one' })).rejects.toMatchObject({ code: 11000 });
  await connection.transaction(async (session) => {
    await Thing.create([{ name: 'three' }], { session });
  });
  expect(await Thing.countDocuments({ 'list.q': 2 })).toBe(1);
  expect(await Thing.exists({ name: 'three' })).not.toBeNull();
  await connection.close();
});

it('agenda keeps its schedule: two workers do each job once, failures are kept, what repeats comes again', async () => {
  const done: string[] = [];
  const worker = () => {
    const agenda = new Agenda({ backend: new MongoBackend({ mongo: client.db('jobs') }), processEvery: 50 });
    agenda.define<{ n: number }>('once', (job) => {
      done.push(`once ${job.attrs.data.n}`);
      return Promise.resolve();
    });
    agenda.define('failing', () => Promise.reject(new Error('no such scan')));
    agenda.define('again', () => {
      done.push('again');
      return Promise.resolve();
    });
    return agenda;
  };
  const workers = [worker(), worker()];
  const [first, second] = workers;
  if (!first || !second) throw new Error('two workers');
  for (const each of workers) await each.start();
  const jobs = Array.from({ length: 20 }, (_, n) => n);
  await Promise.all(jobs.map((n) => first.now('once', { n })));
  await second.now('failing');
  await first.every(100, 'again');
  await first.every(100, 'again');
  const rows = client.db('jobs').collection('agendaJobs');
  await expect
    .poll(() => rows.countDocuments({ name: 'once', lastFinishedAt: { $ne: null } }), { timeout: 20_000 })
    .toBe(20);
  await expect
    .poll(() => rows.countDocuments({ name: 'failing', failReason: /no such scan/ }), { timeout: 20_000 })
    .toBe(1);
  await expect.poll(() => done.filter((name) => name === 'again').length, { timeout: 20_000 }).toBeGreaterThan(1);
  expect(done.filter((name) => name.startsWith('once')).sort()).toEqual(jobs.map((n) => `once ${n}`).sort());
  expect(await rows.countDocuments({ name: 'again' })).toBe(1);
  expect((await first.queryJobs({ name: 'once', limit: 5 })).total).toBe(20);
  expect(await first.cancel({ name: 'again' })).toBe(1);
  for (const each of workers) await each.stop(false);
  expect((await rows.indexes()).length).toBeGreaterThan(1);
}, 90_000);

it('GridFS gives back what it was given', async () => {
  const bucket = new GridFSBucket(client.db('files'));
  const pieces = Array.from({ length: isFull ? 100 : 10 }, () => randomBytes(1024 * 1024));
  const upload = bucket.openUploadStream('scan.tif');
  await pipeline(Readable.from(pieces), upload);
  const [given, taken] = [createHash('sha256'), createHash('sha256')];
  for (const piece of pieces) given.update(piece);
  await pipeline(bucket.openDownloadStream(upload.id), taken);
  expect(taken.digest('hex')).toBe(given.digest('hex'));
  await bucket.delete(upload.id);
  expect(await client.db('files').collection('fs.chunks').countDocuments()).toBe(0);
});

it('two hundred connections write, read and settle transactions at once', async () => {
  const many = await MongoClient.connect(store.uri, { minPoolSize: 200, maxPoolSize: 200 });
  const rows = many.db('many').collection<{ _id: number; n?: number }>('rows');
  await rows.insertOne({ _id: -1, n: 0 });
  await Promise.all(Array.from({ length: 200 }, (_, _id) => rows.insertOne({ _id })));
  await Promise.all(
    Array.from({ length: 200 }, (_, _id) =>
      many.withSession((session) =>
        session.withTransaction(async () => {
          await rows.updateOne({ _id }, { $set: { n: _id } }, { session });
          if (_id % 10 === 0) await rows.updateOne({ _id: -1 }, { $inc: { n: 1 } }, { session });
        }),
      ),
    ),
  );
  expect(await rows.countDocuments({ n: { $gte: 0 } })).toBe(201);
  expect(await rows.findOne({ _id: -1 })).toEqual({ _id: -1, n: 20 });
  await many.close();
}, 60_000);

it('short deeds have their turns while many documents are read, sorted, grouped and validated', async () => {
  const rows = client.db('scan').collection<{ _id: number; k: number; text: string }>('rows');
  const count = isFull ? 100_000 : 30_000;
  for (let at = 0; at < count; at += 10_000)
    await rows.insertMany(
      Array.from({ length: 10_000 }, (_, n) => ({ _id: at + n, k: (n * 7919) % 10_007, text: 'x'.repeat(200) })),
    );
  await rows.createIndexes([{ key: { k: 1 } }]);
  const deeds: [string, () => Promise<unknown>][] = [
    ['read', () => rows.countDocuments({ text: /y$/ })],
    ['grouped', () => rows.aggregate([{ $group: { _id: '$k', n: { $sum: 1 } } }, { $count: 'n' }]).toArray()],
    [
      'sorted',
      () =>
        rows
          .find({}, { projection: { _id: 1 } })
          .sort({ text: 1, k: -1 })
          .toArray(),
    ],
    ['updated', () => rows.updateMany({ text: 'y' }, { $set: { a: 1 } })],
    ['validated', () => client.db('scan').command({ validate: 'rows' })],
  ];
  for (const [name, deed] of deeds) {
    const state = { isDone: false };
    const work = deed().then(() => (state.isDone = true));
    let answered = 0;
    while (!state.isDone) {
      await client.db('other').command({ ping: 1 });
      answered++;
    }
    await work;
    // A store that works in one go answers one ping before it begins and one when it is done.
    expect({ name, answered: Math.min(answered, 3) }).toEqual({ name, answered: 3 });
  }
}, 120_000);
