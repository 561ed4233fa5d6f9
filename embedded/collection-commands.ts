/** Commands about collections and indexes. */
import { doc, encode, int, isDoc, RawDoc, type Doc, type Value } from './bson.ts';
import { Index, type Collection } from './catalog.ts';
import { badValue, CommandError } from './errors.ts';
import { keysOf } from './index-keys.ts';
import { Filter } from './matcher.ts';
import { rowsOf } from './reading.ts';
import type { Request } from './request.ts';
import { namespaceExists, Transaction } from './scope.ts';
import { equalValues, isTrue, nameOf, wholeNumber } from './values.ts';
import { refuseDuplicate } from './writing.ts';
import { decode } from './bson.ts';

const collectionOptions = [
  'validator',
  'validationLevel',
  'validationAction',
  'collation',
  'storageEngine',
  'indexOptionDefaults',
  'comment',
];

export function create(request: Request): Doc {
  const { db, target } = request;
  for (const name of [
    'capped',
    'timeseries',
    'viewOn',
    'validator',
    'clusteredIndex',
    'expireAfterSeconds',
    'changeStreamPreAndPostImages',
    'encryptedFields',
  ])
    if (request.get(name) !== undefined && request.get(name) !== false)
      throw new CommandError('InvalidOptions', `create option '${name}' is not supported by this store`);
  const options = new Map([...request.body].filter(([name]) => collectionOptions.includes(name) && name !== 'comment'));
  const held = request.collection();
  if (held) {
    if (equalValues(held.options, options)) return doc({});
    throw namespaceExists(db, target);
  }
  request.scope.create(db, target, options);
  return doc({});
}

export function drop(request: Request): Doc {
  const collection = request.collection();
  if (!collection) return doc({});
  forget(request, collection);
  return doc({ nIndexesWas: int(collection.indexes.length), ns: collection.namespace });
}

function forget(request: Request, collection: Collection): void {
  request.engine.cursors.killWhere(
    (cursor) => cursor.namespace === collection.namespace && cursor.inTransaction === undefined,
  );
  request.engine.catalog.drop(collection);
}

export function dropDatabase(request: Request): Doc {
  for (const collection of request.engine.catalog.list(request.db)) forget(request, collection);
  return doc({ dropped: request.db });
}

export function renameCollection(request: Request): Doc {
  const [fromDb, from] = splitNamespace(request.get('renameCollection'));
  const [toDb, to] = splitNamespace(request.get('to'));
  const { catalog } = request.engine;
  const collection = catalog.get(fromDb, from);
  if (!collection) throw new CommandError('NamespaceNotFound', `Source collection ${fromDb}.${from} does not exist`);
  if (fromDb === toDb && from === to) throw new CommandError(20, "Can't rename a collection to itself");
  const target = catalog.get(toDb, to);
  if (target && !request.flag('dropTarget')) throw new CommandError('NamespaceExists', 'target namespace exists');
  if (target) forget(request, target);
  catalog.rename(collection, toDb, to);
  return doc({});
}

function splitNamespace(value: Value | undefined): [string, string] {
  const text = typeof value === 'string' ? value : '';
  const dot = text.indexOf('.');
  if (dot < 1) throw new CommandError('InvalidNamespace', `Invalid namespace specified '${text}'`);
  return [text.slice(0, dot), text.slice(dot + 1)];
}

function firstBatch(request: Request, namespace: string, documents: Doc[]): Doc {
  return doc({
    cursor: doc({
      id: 0n,
      ns: `${request.db}.${namespace}`,
      firstBatch: documents.map((each) => new RawDoc(encode(each))),
    }),
  });
}

export function listCollections(request: Request): Doc {
  const nameOnly = request.flag('nameOnly');
  const filter = new Filter(request.document('filter') ?? new Map<string, Value>());
  const listed = request.engine.catalog.list(request.db).map((collection) => {
    const told: Doc = doc({ name: collection.name, type: 'collection' });
    if (nameOnly) return told;
    told.set('options', collection.options);
    told.set('info', doc({ readOnly: false, uuid: collection.uuid }));
    told.set('idIndex', specOf(collection.idIndex));
    return told;
  });
  return firstBatch(
    request,
    '$cmd.listCollections',
    listed.filter((each) => filter.matches(each)),
  );
}

export function listDatabases(request: Request): Doc {
  const filter = new Filter(request.document('filter') ?? new Map<string, Value>());
  const names = [...new Set(request.engine.catalog.all().map((collection) => collection.db))].sort();
  const databases = names
    .map((name) => doc(request.flag('nameOnly') ? { name } : { name, sizeOnDisk: 0n, empty: false }))
    .filter((each) => filter.matches(each));
  return doc(request.flag('nameOnly') ? { databases } : { databases, totalSize: 0n, totalSizeMb: 0n });
}

function specOf(index: Index): Doc {
  return new Map([...index.spec].filter(([, value]) => value !== null));
}

export function listIndexes(request: Request): Doc {
  const collection = request.existing();
  return firstBatch(request, collection.name, collection.indexes.filter((index) => index.isReady).map(specOf));
}

const indexOptions = new Set([
  'v',
  'key',
  'name',
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'collation',
  'hidden',
  'background',
  'ns',
]);
const kept = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation', 'hidden'];

function normalized(spec: Doc, collection: Collection): Doc {
  for (const name of spec.keys())
    if (!indexOptions.has(name))
      throw new CommandError(
        'InvalidOptions',
        `The field '${name}' is not valid for an index specification, or not supported by this store`,
      );
  const key = spec.get('key');
  if (!isDoc(key))
    throw new CommandError('FailedToParse', "The 'key' field is a required property of an index specification");
  const name = spec.get('name');
  if (typeof name !== 'string' || name === '')
    throw new CommandError('FailedToParse', "The 'name' field is a required property of an index specification");
  const ttl = spec.get('expireAfterSeconds');
  if (ttl !== undefined && (wholeNumber(ttl) === undefined || (wholeNumber(ttl) ?? -1) < 0))
    throw new CommandError(
      'CannotCreateIndex',
      "TTL index 'expireAfterSeconds' option must be a whole number of seconds, not negative",
    );
  if (ttl !== undefined && key.size > 1)
    throw new CommandError(
      'CannotCreateIndex',
      'TTL indexes are single-field indexes, compound indexes do not support TTL.',
    );
  const result: Doc = doc({ v: int(2), key, name });
  for (const option of kept) {
    const value = option === 'collation' ? (spec.get(option) ?? collection.options.get(option)) : spec.get(option);
    if (value !== undefined && value !== false) result.set(option, value);
  }
  return result;
}

export async function createIndexes(request: Request): Promise<Doc> {
  const specs = request.documents('indexes');
  if (specs.length === 0) throw badValue('Must specify at least one index to create');
  const { scope } = request;
  const held = request.collection();
  const collection = held ?? scope.create(request.db, request.target, new Map());
  const before = collection.indexes.length;
  for (const spec of specs) {
    const wanted = normalized(spec, collection);
    if (isHeld(collection, wanted)) continue;
    if (scope instanceof Transaction && !scope.isNew(collection))
      throw new CommandError(
        'OperationNotSupportedInTransaction',
        'Cannot create new indexes on existing collection in a multi-document transaction.',
      );
    const index = new Index(request.engine.catalog.newId(), wanted, false);
    collection.indexes = [...collection.indexes, index];
    await build(request, collection, index);
  }
  return doc({
    numIndexesBefore: int(before),
    numIndexesAfter: int(collection.indexes.length),
    createdCollectionAutomatically: held ? undefined : true,
    note: collection.indexes.length === before ? 'all indexes already exist' : undefined,
  });
}

/** Whether the same index is there. Errors: one of that name, or of those keys, that differs. */
function isHeld(collection: Collection, wanted: Doc): boolean {
  const name = wanted.get('name');
  const key = wanted.get('key') ?? null;
  for (const index of collection.indexes) {
    const sameKey = equalValues(index.spec.get('key') ?? null, key);
    const sameName = index.name === name;
    if (!sameKey && !sameName) continue;
    if (index.name === '_id_' && sameKey) return true;
    const same = (option: string) => equalValues(index.spec.get(option) ?? null, wanted.get(option) ?? null);
    const sameOptions = kept.every(same);
    if (sameKey && sameName && sameOptions) return true;
    if (sameName)
      throw new CommandError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. Requested index: ${name}`,
      );
    if (same('collation') && same('partialFilterExpression'))
      throw new CommandError('IndexOptionsConflict', `Index already exists with a different name: ${index.name}`);
  }
  return false;
}

/** Enters what is there; new writes enter themselves meanwhile. */
async function build(request: Request, collection: Collection, index: Index): Promise<void> {
  const { scope } = request;
  try {
    for (const row of rowsOf(scope.view, collection, { kind: 'collection', forward: true, providesSort: false })) {
      if (!row) {
        await request.pace.rest();
        continue;
      }
      const bytes = scope.view.document(row.key);
      if (!bytes) continue;
      const fields = decode(bytes);
      const { keys, multikey } = keysOf(index, fields);
      for (const [position, passes] of multikey.entries()) if (passes) index.multikey[position] = true;
      for (const key of keys) {
        if (index.isUnique) refuseDuplicate(scope, collection, index, key, row.key, fields);
        scope.view.addEntry(index.id, key, row.key);
      }
    }
    index.isReady = true;
    collection.markChanged();
  } catch (error) {
    request.engine.catalog.dropIndex(collection, index);
    throw error;
  }
}

export function dropIndexes(request: Request): Doc {
  const collection = request.existing();
  const wanted = request.get('index');
  const nIndexesWas = int(collection.indexes.length);
  const names = Array.isArray(wanted) ? wanted : [wanted];
  const chosen = names.flatMap((name) => {
    if (name === '*') return collection.indexes.filter((index) => index.name !== '_id_');
    const found = collection.indexes.find(
      (index) => index.name === name || (isDoc(name) && equalValues(index.spec.get('key') ?? null, name)),
    );
    if (!found) throw new CommandError('IndexNotFound', `index not found with name [${nameOf(name)}]`);
    if (found.name === '_id_') throw new CommandError('InvalidOptions', 'cannot drop _id index');
    return [found];
  });
  for (const index of chosen) request.engine.catalog.dropIndex(collection, index);
  return doc({ nIndexesWas });
}

export function collMod(request: Request): Doc {
  const collection = request.existing();
  const change = request.document('index');
  for (const name of [
    'validator',
    'validationLevel',
    'validationAction',
    'viewOn',
    'pipeline',
    'changeStreamPreAndPostImages',
  ])
    if (request.get(name) !== undefined)
      throw new CommandError('InvalidOptions', `collMod option '${name}' is not supported by this store`);
  if (!change) return doc({});
  const wanted = change.get('name') ?? change.get('keyPattern') ?? null;
  const index = collection.indexes.find(
    (each) => each.name === wanted || equalValues(each.spec.get('key') ?? null, wanted),
  );
  if (!index) throw new CommandError('IndexNotFound', `cannot find index for ns ${collection.namespace}`);
  const told: Doc = new Map();
  for (const option of ['expireAfterSeconds', 'hidden']) {
    const value = change.get(option);
    if (value === undefined) continue;
    const before = index.spec.get(option);
    if (before !== undefined) told.set(`${option}_old`, before);
    told.set(`${option}_new`, value);
    index.spec.set(option, option === 'hidden' ? isTrue(value) : value);
  }
  collection.markChanged();
  return told;
}

export function sizesOf(request: Request, collection: Collection): { count: number; size: number } {
  const [row] = request.engine.storage.rows(
    'SELECT count(*), total(length(bson)) FROM documents WHERE key BETWEEN ? AND ?',
    collection.firstKey,
    collection.lastKey,
  );
  return { count: Number(row?.[0] ?? 0), size: Number(row?.[1] ?? 0) };
}

export function collStats(request: Request): Doc {
  const collection = request.collection();
  const { count, size } = collection ? sizesOf(request, collection) : { count: 0, size: 0 };
  return doc({
    ns: `${request.db}.${request.target}`,
    count: int(count),
    size,
    avgObjSize: count > 0 ? size / count : undefined,
    storageSize: size,
    nindexes: int(collection?.indexes.length ?? 0),
    indexSizes: doc({}),
    totalIndexSize: int(0),
    capped: false,
  });
}

export function dbStats(request: Request): Doc {
  const collections = request.engine.catalog.list(request.db);
  const sizes = collections.map((collection) => sizesOf(request, collection));
  const sum = (pick: (each: { count: number; size: number }) => number) =>
    sizes.reduce((total, each) => total + pick(each), 0);
  return doc({
    db: request.db,
    collections: int(collections.length),
    objects: int(sum((each) => each.count)),
    dataSize: sum((each) => each.size),
    indexes: int(collections.reduce((total, each) => total + each.indexes.length, 0)),
  });
}
