/** How publications are kept: what they say, who is told, who has them, and their files in pieces. */
import { Binary, type ClientSession } from 'mongodb';
import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Dispatch, Receipt } from './publication-dispatch.ts';
import type { AttachedFile, FormerEdition, Publication } from './publication.ts';

export const createPublicationStore = (connection: Connection): Promise<EntityStore<Publication>> => {
  const schema = new Schema({
    _id: String,
    status: String,
    releaseAtMs: Number,
    unit: String,
    kind: String,
    createdAtMs: Number,
  });
  schema.index({ status: 1, releaseAtMs: 1 });
  schema.index({ unit: 1, kind: 1, createdAtMs: -1 });
  return createEntityStore<Publication>(connection, 'publications', schema);
};

export const createFormerEditionStore = (connection: Connection): Promise<EntityStore<FormerEdition>> => {
  const schema = new Schema({ _id: String, publication: String, edition: Number });
  schema.index({ publication: 1, edition: -1 });
  return createEntityStore<FormerEdition>(connection, 'publicationEditions', schema);
};

export const createDispatchStore = (connection: Connection): Promise<EntityStore<Dispatch>> => {
  const schema = new Schema({ _id: String, publication: String, unit: String, status: String, atMs: Number });
  schema.index({ status: 1, atMs: 1 });
  schema.index({ unit: 1, atMs: -1 });
  schema.index({ publication: 1 });
  return createEntityStore<Dispatch>(connection, 'publicationDispatches', schema);
};

export const createReceiptStore = (connection: Connection): Promise<EntityStore<Receipt>> => {
  const schema = new Schema({ _id: String, publication: String, unit: String, from: String, deliveredAtMs: Number });
  schema.index({ unit: 1, deliveredAtMs: -1 });
  schema.index({ publication: 1, from: 1 });
  return createEntityStore<Receipt>(connection, 'publicationReceipts', schema);
};

/** A file that was sent; it belongs to whoever sent it until a publication takes it. */
export interface KeptFile extends Entity, AttachedFile {
  unit: string;
  by: string;
  atMs: number;
  /** Null until a publication takes it. */
  publication: string | null;
  isWhole: boolean;
}

export interface PublicationFileStore extends EntityStore<KeptFile> {
  /** Keeps the bytes in pieces; until all of them are there the file is not whole, and nobody's to use. */
  keep(file: KeptFile, bytes: Uint8Array): Promise<void>;
  bytes(file: string): Promise<Uint8Array | null>;
  /** Throws one away that no publication took. */
  drop(file: string): Promise<void>;
  /** Throws away files from before a moment that no publication took. */
  forget(untilMs: number): Promise<void>;
  take(files: readonly KeptFile[], publication: string, session: ClientSession): Promise<void>;
}

/** A piece of a file (bytes): small beside the largest document that the store takes. */
export const PIECE_BYTES = 2 ** 20;
const FORGOTTEN_AT_ONCE_MAX = 200;

export async function createPublicationFileStore(connection: Connection): Promise<PublicationFileStore> {
  const schema = new Schema({ _id: String, publication: String, by: String, unit: String, atMs: Number });
  schema.index({ publication: 1, atMs: 1 });
  schema.index({ by: 1, publication: 1 });
  const files = await createEntityStore<KeptFile>(connection, 'publicationFiles', schema);
  const pieces = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; file: string; n: number; bytes: Binary }>('publicationPieces');
  await pieces.createIndex({ file: 1, n: 1 }, { unique: true }, {});
  const store: PublicationFileStore = {
    ...files,
    async keep(file, bytes) {
      await files.save({ ...file, isWhole: false });
      for (let at = 0, n = 0; at < bytes.length; at += PIECE_BYTES, n += 1)
        await pieces.insertOne({
          ...{ _id: `${file.id}.${n}`, file: file.id, n },
          bytes: new Binary(bytes.subarray(at, at + PIECE_BYTES)),
        });
      await files.save({ ...file, rev: file.rev + 1, isWhole: true });
    },
    async bytes(file) {
      const kept = await files.find(file);
      if (!kept) return null;
      const whole = new Uint8Array(kept.bytes);
      let at = 0;
      for await (const { bytes } of pieces.find({ file }).sort({ n: 1 })) {
        whole.set(bytes.buffer, at);
        at += bytes.length();
      }
      return at === kept.bytes ? whole : null;
    },
    async drop(file) {
      // It is nobody's to take from here on; the pieces next, so that what is left after a crash is still found by its file.
      const kept = await files.get(file);
      if (kept.publication !== null) throw new HubError('stale_write');
      await files.save({ ...kept, rev: kept.rev + 1, isWhole: false });
      await pieces.deleteMany({ file });
      await files.remove({ _id: file });
    },
    async forget(untilMs) {
      const left = await files.list({ publication: null, atMs: { $lte: untilMs } }, { limit: FORGOTTEN_AT_ONCE_MAX });
      for (const { id } of left) await store.drop(id);
    },
    async take(taken, publication, session) {
      await files.saveMany(
        taken.map((file) => ({ ...file, rev: file.rev + 1, publication })),
        session,
      );
    },
  };
  return store;
}
