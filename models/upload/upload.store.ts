/** How uploads are kept: what is known of each, and its bytes so far in parts, so that any node can go on with it. */
import { Binary, type ClientSession } from 'mongodb';
import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Upload } from './upload.ts';

export interface UploadStore extends EntityStore<Upload> {
  /** Keeps a part in the transaction that counts it. */
  keepPart(upload: string, offset: number, bytes: Uint8Array, session: ClientSession): Promise<void>;
  /** The bytes of an upload from the first one on, a part at a time. Throws when some are missing: a fault, parts are counted with their bytes. */
  parts(upload: Pick<Upload, 'id' | 'bytes'>): AsyncIterable<Uint8Array>;
  removeParts(upload: string): Promise<void>;
}

export async function createUploadStore(connection: Connection): Promise<UploadStore> {
  const schema = new Schema({
    _id: String,
    owner: String,
    purpose: String,
    target: String,
    status: String,
    dueAtMs: Number,
    touchedAtMs: Number,
    endedAtMs: Number,
    sha256: String,
    blob: String,
    storedAs: String,
  });
  schema.index({ owner: 1, status: 1 });
  schema.index({ purpose: 1, target: 1, status: 1, endedAtMs: -1 });
  schema.index({ purpose: 1, target: 1, sha256: 1 });
  schema.index({ blob: 1 });
  // One of two that bring the same bytes at the same moment is stored; the other one finds them there.
  schema.index({ storedAs: 1 }, { unique: true, sparse: true });
  schema.index({ dueAtMs: 1 });
  schema.index({ status: 1, touchedAtMs: 1 });
  const uploads = await createEntityStore<Upload>(connection, 'uploads', schema);
  const parts = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; upload: string; offset: number; bytes: Binary }>('uploadParts');
  await parts.createIndex({ upload: 1, offset: 1 }, { unique: true }, {});
  return {
    ...uploads,
    async keepPart(upload, offset, bytes, session) {
      const part = { _id: `${upload}.${offset}`, upload, offset, bytes: new Binary(bytes) };
      await parts.insertOne(part, { session });
    },
    async *parts({ id, bytes: whole }) {
      let at = 0;
      for await (const { offset, bytes } of parts.find({ upload: id }).sort({ offset: 1 })) {
        if (offset !== at) throw new Error(`upload ${id} has no part at ${at}`);
        at += bytes.length();
        yield bytes.buffer;
      }
      if (at !== whole) throw new Error(`upload ${id} has ${at} of ${whole} bytes`);
    },
    async removeParts(upload) {
      await parts.deleteMany({ upload });
    },
  };
}
