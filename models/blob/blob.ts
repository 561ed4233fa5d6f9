/** Large files, kept outside of the entities that name them: streamed in, streamed out, never a whole one in memory. */

/** What a file says of itself beside its bytes. */
export interface BlobAbout {
  /** Media type. */
  type: string;
}

export interface Blob extends BlobAbout {
  bytes: number;
}

/** What lies in the store, and since when. */
export interface KeptBlob {
  id: string;
  sinceMs: number;
}

/** Bytes `from` up to, and without, `to`. */
export interface BlobRange {
  from: number;
  to: number;
}

export interface BlobStore {
  /**
   * Keeps what the source gives, and answers with its length and its hash (hex). Until the last byte is kept nobody can read any of
   * it; a put that was broken off, by an error of the source or by the death of its node, leaves nothing to read and may be tried
   * again. An id is put once: whoever has other bytes takes another id.
   */
  put(id: string, source: AsyncIterable<Uint8Array>, about: BlobAbout): Promise<{ bytes: number; sha256: string }>;
  /** The bytes, or a part of them. Errors, at the first piece: HubError `not_found`. */
  read(id: string, range?: BlobRange): AsyncIterable<Uint8Array>;
  find(id: string): Promise<Blob | null>;
  /** What is kept, whole or left by a broken put, with ids behind `after`, in their order; `limit` at the most. */
  list(after: string, limit: number): Promise<KeptBlob[]>;
  /** Throws away a file, or what a broken put has left of it. Nothing happens when there is none. */
  remove(id: string): Promise<void>;
}

/** Ids are parts of addresses in a store that is reached by HTTP. */
const BLOB_ID = /^[\w-]{1,100}$/;
export function demandBlobId(id: string): void {
  if (!BLOB_ID.test(id)) throw new Error(`no id of a blob: ${id.slice(0, 100)}`);
}
