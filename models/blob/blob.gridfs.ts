/** Files in the database itself, by the driver's GridFS: what a hub has that was given no other place. */
import { createHash } from 'node:crypto';
import { GridFSBucket, type Db, type ObjectId } from 'mongodb';
import { HubError } from '../error.ts';
import { demandBlobId, type BlobAbout, type BlobStore } from './blob.ts';

/** Bytes of one document of a file. */
const CHUNK_BYTES = 2 ** 20;

/** GridFS takes ids of any type; only its typings do not. */
const keyOf = (id: string): ObjectId => id as unknown as ObjectId;

export function createGridFsBlobs(db: Db): BlobStore {
  const bucket = new GridFSBucket(db, { bucketName: 'blobs', chunkSizeBytes: CHUNK_BYTES });
  const files = db.collection<{ _id: string; length: number; metadata: BlobAbout }>('blobs.files');
  const chunks = db.collection<{ _id: ObjectId; files_id: string; n: number }>('blobs.chunks');

  const store: BlobStore = {
    async put(id, source, about) {
      demandBlobId(id);
      // The document that makes a file readable is written last: chunks without it are what a broken put has left.
      if ((await files.countDocuments({ _id: id })) > 0) throw new Error(`a blob is put once: ${id}`);
      await chunks.deleteMany({ files_id: id });
      const upload = bucket.openUploadStreamWithId(keyOf(id), id, { metadata: { type: about.type } });
      const hash = createHash('sha256');
      let bytes = 0;
      // An error comes back by the write that met it.
      upload.on('error', () => undefined);
      const told = (work: (done: (error?: Error | null) => void) => void): Promise<void> =>
        new Promise((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
      try {
        // One write after the other: when the source breaks off, none is under way that would land after the cleaning.
        for await (const piece of source) {
          hash.update(piece);
          bytes += piece.length;
          await told((done) => upload.write(piece, done));
        }
        await told((done) => {
          upload.once('error', done);
          upload.end(() => done());
        });
      } catch (error) {
        await chunks.deleteMany({ files_id: id });
        throw error;
      }
      return { bytes, sha256: hash.digest('hex') };
    },
    async *read(id, range) {
      const found = await files.findOne({ _id: id });
      if (!found) throw new HubError('not_found');
      const from = range?.from ?? 0;
      const to = Math.min(range?.to ?? found.length, found.length);
      if (from >= to) return;
      const pieces = bucket.openDownloadStream(keyOf(id), { start: from, end: to }) as AsyncIterable<Uint8Array>;
      for await (const piece of pieces) yield piece;
    },
    async find(id) {
      const found = await files.findOne({ _id: id });
      return found && { bytes: found.length, type: found.metadata.type };
    },
    async list(after, limit) {
      // By first chunks: they are there of a file that is whole, and of what a broken put has left.
      const found = chunks
        .find({ files_id: { $gt: after }, n: 0 }, { projection: { files_id: 1 } })
        .sort({ files_id: 1 })
        .limit(limit);
      return (await found.toArray()).map(({ _id, files_id: id }) => ({ id, sinceMs: _id.getTimestamp().getTime() }));
    },
    async remove(id) {
      // Not readable from here on; the chunks next, so that what a crash leaves is removed by the next try.
      await files.deleteOne({ _id: id });
      await chunks.deleteMany({ files_id: id });
    },
  };
  return store;
}
