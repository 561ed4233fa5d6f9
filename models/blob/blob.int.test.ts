/** One contract over both stores of files: the database, and a store that speaks S3. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
// The models know no store; their tests need one.
import { startEmbeddedStore, type EmbeddedStore } from '#embedded/index.ts';
import { createGridFsBlobs } from './blob.gridfs.ts';
import { createS3Blobs, S3_PART_BYTES } from './blob.s3.ts';
import type { BlobStore } from './blob.ts';
import { startTestS3, type TestS3 } from './s3.testing.ts';

const folder = mkdtempSync(join(tmpdir(), 'svod-blobs-'));
let database: EmbeddedStore;
let client: MongoClient;
let s3: TestS3;

beforeAll(async () => {
  database = await startEmbeddedStore({ dataDir: folder });
  client = await MongoClient.connect(database.uri);
  s3 = await startTestS3();
});
afterAll(async () => {
  await s3.stop();
  await client.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ABOUT = { type: 'image/tiff' };
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** In pieces of odd lengths, as a line delivers them; ends in the midst when it is to break. */
async function* inPieces(bytes: Uint8Array, breaksAt = Infinity): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700_001) {
    if (at >= breaksAt) throw new Error('the line broke');
    await Promise.resolve();
    yield bytes.subarray(at, at + 700_001);
  }
}
async function whole(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

/** Each with a count of what is kept of a file that is not whole. */
describe.each<[string, () => BlobStore, (id: string) => Promise<number>]>([
  [
    'in the database',
    () => createGridFsBlobs(client.db('blobs')),
    (id) =>
      client
        .db('blobs')
        .collection('blobs.chunks')
        .countDocuments({ files_id: { $eq: id as never } }),
  ],
  ['in a store that speaks S3', () => createS3Blobs(s3.options), () => Promise.resolve(s3.uploads.size)],
])('files %s', (_name, open, left) => {
  it('are given back as they came, whole and in part, with their hash', async () => {
    const blobs = open();
    for (const length of [0, 1, 2 ** 20, S3_PART_BYTES, S3_PART_BYTES + 1, 2 * S3_PART_BYTES + 12_345]) {
      const bytes = randomBytes(length);
      const id = `file-${length}`;
      expect(await blobs.put(id, inPieces(bytes), ABOUT)).toEqual({ bytes: length, sha256: sha256(bytes) });
      expect(await blobs.find(id)).toEqual({ bytes: length, ...ABOUT });
      expect(sha256(await whole(blobs.read(id)))).toBe(sha256(bytes));
      const range = { from: Math.floor(length / 3), to: Math.floor(length / 2) };
      expect((await whole(blobs.read(id, range))).equals(bytes.subarray(range.from, range.to))).toBe(true);
    }
  });

  it('are not there while they are put, nor after the put broke off, and can be put again', async () => {
    const blobs = open();
    const bytes = randomBytes(2 * S3_PART_BYTES);
    const seen: unknown[] = [];
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of inPieces(bytes, 1.5 * S3_PART_BYTES)) {
        seen.push(await blobs.find('broken'));
        yield piece;
      }
    };
    await expect(blobs.put('broken', watched(), ABOUT)).rejects.toThrow('the line broke');
    expect(new Set(seen)).toEqual(new Set([null]));
    expect(await blobs.find('broken')).toBeNull();
    await expect(whole(blobs.read('broken'))).rejects.toMatchObject({ code: 'not_found' });
    expect(await left('broken')).toBe(0);
    await blobs.put('broken', inPieces(bytes), ABOUT);
    expect(sha256(await whole(blobs.read('broken')))).toBe(sha256(bytes));
  });

  it('are gone when they are removed, and removing what is not there is nothing', async () => {
    const blobs = open();
    await blobs.put('gone', inPieces(randomBytes(10)), ABOUT);
    await blobs.remove('gone');
    await blobs.remove('gone');
    expect(await blobs.find('gone')).toBeNull();
    await expect(whole(blobs.read('gone'))).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are listed by id with their moment, a page at a time', async () => {
    const blobs = open();
    for (const id of ['list-b', 'list-a', 'list-c']) await blobs.put(id, inPieces(randomBytes(10)), ABOUT);
    const first = await blobs.list('list-', 2);
    expect(first.map(({ id }) => id)).toEqual(['list-a', 'list-b']);
    expect(first.every(({ sinceMs }) => Math.abs(Date.now() - sinceMs) < 60_000)).toBe(true);
    expect((await blobs.list('list-b', 1)).map(({ id }) => id)).toEqual(['list-c']);
  });
});

it('what a node that died has left of a put is thrown away by the next one', async () => {
  const chunks = client.db('blobs').collection<{ files_id: string; n: number }>('blobs.chunks');
  await chunks.insertOne({ files_id: 'died', n: 0 });
  const inDatabase = createGridFsBlobs(client.db('blobs'));
  await inDatabase.put('died', inPieces(randomBytes(10)), ABOUT);
  expect((await inDatabase.find('died'))?.bytes).toBe(10);

  s3.uploads.set('left', { key: 'scans/died', type: '', parts: new Map() });
  s3.uploads.set('other', { key: 'scans/died-other', type: '', parts: new Map() });
  await createS3Blobs(s3.options).remove('died');
  expect([...s3.uploads.keys()]).toEqual(['other']);
  s3.uploads.clear();
});

it('a store of files that is busy for a moment is asked again; a wrong key is refused', async () => {
  s3.fail.next = 2;
  const bytes = randomBytes(100);
  expect((await createS3Blobs(s3.options).put('busy', inPieces(bytes), ABOUT)).sha256).toBe(sha256(bytes));
  expect(s3.refused).toEqual([]);
  const stranger = createS3Blobs({ ...s3.options, secretKey: 'another' });
  await expect(stranger.put('foreign', inPieces(bytes), ABOUT)).rejects.toThrow('403');
  expect(s3.refused).toHaveLength(1);
});
