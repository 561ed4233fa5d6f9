/** The store under its users: better-auth, Mongoose, GridFS, many connections, a long scan beside short deeds. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { betterAuth } from 'better-auth';
import { mongodbAdapter } from 'better-auth/adapters/mongodb';
import { GridFSBucket, MongoClient } from 'mongodb';
import mongoose from 'mongoose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from './index.ts';

const folder = mkdtempSync(join(tmpdir(), 'embedded-usage-'));
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

it('GridFS gives back what it was given', async () => {
  const bucket = new GridFSBucket(client.db('files'));
  const content = randomBytes(6 * 1024 * 1024);
  const upload = bucket.openUploadStream('scan.tif');
  await pipeline(Readable.from([content]), upload);
  const hash = createHash('sha256');
  await pipeline(bucket.openDownloadStream(upload.id), hash);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  await bucket.delete(upload.id);
  expect(await client.db('files').collection('fs.chunks').countDocuments()).toBe(0);
});

it('two hundred connections work at once', async () => {
  const many = await MongoClient.connect(store.uri, { minPoolSize: 200, maxPoolSize: 200 });
  const rows = many.db('many').collection<{ _id: number }>('rows');
  await Promise.all(Array.from({ length: 200 }, (_, _id) => rows.insertOne({ _id })));
  expect(await rows.countDocuments()).toBe(200);
  await many.close();
});

it('a scan of many documents does not keep short deeds waiting', async () => {
  const rows = client.db('scan').collection<{ _id: number; text: string }>('rows');
  await rows.insertMany(Array.from({ length: 30_000 }, (_, _id) => ({ _id, text: 'x'.repeat(200) })));
  const state = { isRead: false };
  const reading = Promise.all([
    rows.countDocuments({ text: /y$/ }),
    rows.aggregate([{ $group: { _id: { $toUpper: '$text' }, n: { $sum: 1 } } }]).toArray(),
    rows.find({ text: 'y' }).sort({ text: 1 }).toArray(),
    rows.updateMany({ text: 'y' }, { $set: { a: 1 } }),
  ]).then(() => (state.isRead = true));
  let longest = 0;
  let answered = 0;
  while (!state.isRead) {
    const asked = performance.now();
    await client.db('other').command({ ping: 1 });
    longest = Math.max(longest, performance.now() - asked);
    answered++;
  }
  await reading;
  // On a quiet machine it is a few milliseconds; a store that reads in one go makes one ping wait for all of it.
  expect(answered).toBeGreaterThan(10);
  expect(longest).toBeLessThan(1000);
});
