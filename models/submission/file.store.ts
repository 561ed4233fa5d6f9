/** The files institutions sent, byte for byte. Small by their limit (5 MB), so each is one document. */
import { Binary, type ClientSession, type Db } from 'mongodb';

interface FileDocument {
  _id: string;
  bytes: Binary;
}

export interface FileStore {
  save(id: string, bytes: Uint8Array, session: ClientSession): Promise<void>;
  /** The bytes, or null for an id that has none. */
  find(id: string): Promise<Uint8Array | null>;
}

export function createFileStore(db: Db): FileStore {
  const files = db.collection<FileDocument>('files');
  return {
    async save(id, bytes, session) {
      await files.insertOne({ _id: id, bytes: new Binary(bytes) }, { session });
    },
    async find(id) {
      const found = await files.findOne({ _id: id });
      return found ? new Uint8Array(found.bytes.buffer) : null;
    },
  };
}
