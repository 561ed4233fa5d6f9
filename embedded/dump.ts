/**
 * A dump is one file of BSON documents, as mongodump's archives are in spirit: a head, then for each collection its
 * description followed by its documents, each wrapped as `{ d: document }` so that no document can be taken for a head.
 */
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { decode, doc, documentBytesMax, encode, int, isDoc, RawDoc, type Doc, type Value } from './bson.ts';
import { Catalog, Index, type Collection } from './catalog.ts';
import { rowsOf } from './reading.ts';
import { Conflicts, Direct } from './scope.ts';
import { Storage } from './storage.ts';
import { EmbeddedStoreError } from './store-error.ts';
import { nameOf } from './values.ts';
import { insertDocument, rawOf } from './writing.ts';

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
    const out = createWriteStream(file, { mode: 0o600 });
    const write = async (fields: Doc) => {
      if (!out.write(encode(fields))) await once(out, 'drain');
    };
    await write(doc({ format, version: int(1), at: new Date() }));
    for (const collection of new Catalog(storage).all()) {
      counts.collections++;
      const indexes = collection.indexes.filter((index) => index.name !== '_id_').map((index) => index.spec);
      await write(
        doc({ collection: doc({ db: collection.db, name: collection.name, options: collection.options, indexes }) }),
      );
      for (const row of rowsOf(storage, collection, { kind: 'collection', forward: true, providesSort: false })) {
        if (!row) continue;
        counts.documents++;
        await write(doc({ d: new RawDoc(row.bytes) }));
      }
    }
    await write(doc({ end: true, documents: int(counts.documents) }));
    await new Promise<void>((resolve, reject) => {
      out.once('error', reject);
      out.end(resolve);
    });
  } finally {
    storage.close();
  }
  return counts;
}

/** Fills an empty data folder from a dump. Errors: the folder has collections; the file is no dump, or cut short. */
export async function restore(dataDir: string, file: string): Promise<DumpCounts> {
  const storage = new Storage(dataDir);
  const catalog = new Catalog(storage);
  storage.beforeCommit = () => catalog.writeChanges();
  const counts = { collections: 0, documents: 0 };
  let isEnded = false;
  try {
    if (catalog.all().length > 0) throw unusable(`The data folder ${dataDir} is not empty. Restore into a new one.`);
    const direct = new Direct(storage, catalog, new Conflicts());
    let collection: Collection | undefined;
    let isFirst = true;
    for await (const fields of documentsIn(file)) {
      if (isFirst && fields.get('format') !== format) throw unusable(`${file} is not a dump of this store.`);
      isFirst = false;
      const described = fields.get('collection');
      const content = fields.get('d');
      if (isDoc(described)) {
        collection = describedCollection(catalog, described);
        counts.collections++;
      } else if (content !== undefined && collection) {
        insertDocument(direct, collection, rawOf(content));
        counts.documents++;
        if (counts.documents % 500 === 0) await storage.durable();
      } else if (fields.get('end') === true) isEnded = true;
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
  const options = described.get('options');
  const indexes = described.get('indexes');
  const collection = catalog.make(
    nameOf(described.get('db')),
    nameOf(described.get('name')),
    isDoc(options) ? options : new Map<string, Value>(),
  );
  for (const spec of Array.isArray(indexes) ? indexes : [])
    if (isDoc(spec)) collection.indexes.push(new Index(catalog.newId(), spec, true));
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
