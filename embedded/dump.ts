/**
 * A dump is one file of BSON documents, as mongodump's archives are in spirit: a head, then for each collection its
 * description followed by its documents, each wrapped as `{ d: document }` so that no document can be taken for a head.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { decode, doc, documentBytesMax, encode, int, isDoc, RawDoc, type Doc } from './bson.ts';
import { Catalog, Index, type Collection } from './catalog.ts';
import { docOf, listOf } from './fields.ts';
import { scanCollection } from './reading.ts';
import { Storage } from './storage.ts';
import { EmbeddedStoreError } from './store-error.ts';
import { Direct } from './transactions.ts';
import { nameOf } from './values.ts';
import { insertDocument } from './writing.ts';

const format = 'svod-embedded-dump';

export interface DumpCounts {
  collections: number;
  documents: number;
}

/** Writes all that a data folder holds into a file. The folder must not be in use. */
export async function dump(dataDir: string, file: string): Promise<DumpCounts> {
  const storage = new Storage(dataDir);
  const counts = { collections: 0, documents: 0 };
  try {
    const out = await open(file, 'w', 0o600);
    const write = (fields: Doc) => out.write(encode(fields));
    await write(doc({ format, version: int(1), at: new Date() }));
    for (const collection of new Catalog(storage).all()) {
      counts.collections++;
      const { db, name, options } = collection;
      const indexes = collection.indexes.filter((index) => index.name !== '_id_').map((index) => index.spec);
      await write(doc({ collection: doc({ db, name, options, indexes }) }));
      for (const row of scanCollection(storage, collection)) {
        if (!row) continue;
        counts.documents++;
        await write(doc({ d: new RawDoc(row.bytes) }));
      }
    }
    await write(doc({ end: true, documents: int(counts.documents) }));
    await out.sync();
    await out.close();
  } finally {
    storage.close();
  }
  return counts;
}

/** Fills an empty data folder from a dump. Errors: the folder has collections; the file is no dump, or cut short. */
export async function restore(dataDir: string, file: string): Promise<DumpCounts> {
  const storage = new Storage(dataDir);
  const catalog = new Catalog(storage);
  const direct = new Direct(storage, catalog);
  storage.beforeCommit = () => catalog.writeChanges();
  const counts = { collections: 0, documents: 0 };
  try {
    if (catalog.all().length > 0) throw unusable(`The data folder ${dataDir} is not empty. Restore into a new one.`);
    let collection: Collection | undefined;
    let isFirst = true;
    let isEnded = false;
    for await (const fields of documentsIn(file)) {
      if (isFirst && fields.get('format') !== format) throw unusable(`${file} is not a dump of this store.`);
      isFirst = false;
      const described = fields.get('collection');
      const content = fields.get('d');
      if (isDoc(described)) {
        collection = describedCollection(catalog, described);
        counts.collections++;
      } else if (content !== undefined && collection) {
        insertDocument(direct, collection, content);
        if (++counts.documents % 500 === 0) await storage.durable();
      }
      isEnded = fields.get('end') === true;
    }
    if (!isEnded) throw unusable(`${file} is cut short: ${counts.documents} documents were restored.`);
    await storage.durable();
  } finally {
    storage.close();
  }
  return counts;
}

function unusable(message: string): EmbeddedStoreError {
  return new EmbeddedStoreError('data_folder_unusable', message);
}

function describedCollection(catalog: Catalog, described: Doc): Collection {
  const [db, name] = [nameOf(described.get('db')), nameOf(described.get('name'))];
  const collection = catalog.make(db, name, docOf(described.get('options')));
  for (const spec of listOf(described.get('indexes')))
    collection.indexes.push(new Index(catalog.newId(), docOf(spec), true));
  catalog.add(collection);
  return collection;
}

async function* documentsIn(file: string): AsyncGenerator<Doc> {
  let held = Buffer.alloc(0);
  for await (const chunk of createReadStream(file)) {
    held = Buffer.concat([held, chunk as Buffer]);
    while (held.length >= 4) {
      const size = held.readInt32LE(0);
      if (size < 5 || size > documentBytesMax + 64) throw unusable(`${file} is damaged.`);
      if (held.length < size) break;
      yield decode(held.subarray(0, size));
      held = held.subarray(size);
    }
  }
}
