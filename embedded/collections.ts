/** Commands about collections and their indexes. */
import { decode, doc, encode, int, isDoc, RawDoc, type Doc, type Value } from './bson.ts';
import { Index, type Collection } from './catalog.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { docOf } from './fields.ts';
import { keysOf } from './index-keys.ts';
import { Filter } from './matcher.ts';
import { entriesOf, scanCollection } from './reading.ts';
import type { Request } from './request.ts';
import { everyKey } from './storage.ts';
import { Transaction } from './transactions.ts';
import { equalValues, isTrue, nameOf, wholeNumber } from './values.ts';
import { enterInto } from './writing.ts';

const keptOptions = ['validationLevel', 'validationAction', 'collation', 'storageEngine', 'indexOptionDefaults'];

export function create(request: Request): Doc {
  const options = new Map([...request.body].filter(([name]) => keptOptions.includes(name)));
  const held = request.collection();
  if (!held) request.scope.create(request.db, request.target, options);
  else if (!equalValues(held.options, options))
    throw new CommandError('NamespaceExists', `Collection ${held.namespace} already exists.`);
  return doc({});
}

export function drop(request: Request): Doc {
  const collection = request.collection();
  if (!collection) return doc({});
  forget(request, collection);
  return doc({ nIndexesWas: int(collection.indexes.length), ns: collection.namespace });
}

function forget({ engine }: Request, collection: Collection): void {
  engine.cursors.killWhere(
    ({ namespace, inTransaction }) => namespace === collection.namespace && inTransaction === undefined,
  );
  engine.catalog.drop(collection);
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
  const [db = '', ...rest] = nameOf(value).split('.');
  if (db === '' || rest.length === 0)
    throw new CommandError('InvalidNamespace', `Invalid namespace specified '${nameOf(value)}'`);
  return [db, rest.join('.')];
}

/** A cursor that is over with its first batch. */
function told(request: Request, namespace: string, documents: Doc[]): Doc {
  const firstBatch = documents.map((each) => new RawDoc(encode(each)));
  return doc({ cursor: doc({ id: 0n, ns: `${request.db}.${namespace}`, firstBatch }) });
}

export function listCollections(request: Request): Doc {
  const filter = new Filter(docOf(request.document('filter')));
  const isShort = request.flag('nameOnly');
  const listed = request.engine.catalog.list(request.db).map(({ name, options, uuid, idIndex }) => {
    const rest = isShort ? {} : { options, info: doc({ readOnly: false, uuid }), idIndex: idIndex.spec };
    return doc({ name, type: 'collection', ...rest });
  });
  return told(
    request,
    '$cmd.listCollections',
    listed.filter((each) => filter.matches(each)),
  );
}

export function listDatabases(request: Request): Doc {
  const filter = new Filter(docOf(request.document('filter')));
  const isShort = request.flag('nameOnly');
  const databases = [...new Set(request.engine.catalog.all().map(({ db }) => db))]
    .sort()
    .map((name) => doc(isShort ? { name } : { name, sizeOnDisk: 0n, empty: false }))
    .filter((each) => filter.matches(each));
  return doc(isShort ? { databases } : { databases, totalSize: 0n, totalSizeMb: 0n });
}

export function listIndexes(request: Request): Doc {
  const { name, indexes } = request.existing();
  return told(
    request,
    name,
    indexes.filter((index) => index.isReady).map((index) => index.spec),
  );
}

const keptByIndex = ['unique', 'sparse', 'partialFilterExpression', 'expireAfterSeconds', 'collation', 'hidden'];
const indexOptions = new Set(['v', 'key', 'name', 'background', 'ns', ...keptByIndex]);

/** The specification as it is kept. Errors: what this store has no indexes for. */
function specOf(given: Doc, collection: Collection): Doc {
  for (const option of given.keys())
    if (!indexOptions.has(option))
      throw new CommandError(
        'InvalidOptions',
        `The field '${option}' is not valid for an index specification, or not supported by this store`,
      );
  const key = given.get('key');
  const name = nameOf(given.get('name'));
  const missing = isDoc(key) ? name === '' && 'name' : 'key';
  if (!isDoc(key) || missing)
    throw failedToParse(`The '${missing || 'key'}' field is a required property of an index specification`);
  const ttl = given.get('expireAfterSeconds');
  if (ttl !== undefined && ((wholeNumber(ttl) ?? -1) < 0 || key.size > 1))
    throw new CommandError(
      'CannotCreateIndex',
      "'expireAfterSeconds' must be a whole number of seconds, not negative, on a single-field index",
    );
  const spec = doc({ v: int(2), key, name });
  for (const option of keptByIndex) {
    const value = given.get(option) ?? (option === 'collation' ? collection.options.get(option) : undefined);
    if (value !== undefined && value !== null && value !== false) spec.set(option, value);
  }
  return spec;
}

export async function createIndexes(request: Request): Promise<Doc> {
  const specs = request.list('indexes').map(docOf);
  if (specs.length === 0) throw badValue('Must specify at least one index to create');
  const { scope, engine } = request;
  const held = request.collection();
  const collection = held ?? scope.create(request.db, request.target, new Map());
  const before = collection.indexes.length;
  for (const given of specs) {
    const spec = specOf(given, collection);
    if (isHeld(collection, spec)) continue;
    if (scope instanceof Transaction && !scope.isNew(collection))
      throw new CommandError(
        'OperationNotSupportedInTransaction',
        'Cannot create new indexes on existing collection in a multi-document transaction.',
      );
    const index = new Index(engine.catalog.newId(), spec, false);
    engine.catalog.addIndex(collection, index);
    try {
      await build(request, collection, index);
    } catch (error) {
      engine.catalog.dropIndex(collection, index);
      throw error;
    }
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
  for (const index of collection.indexes) {
    const isSame = (option: string) => equalValues(index.spec.get(option) ?? null, wanted.get(option) ?? null);
    const hasName = isSame('name');
    if (isSame('key') && (index.name === '_id_' || (hasName && keptByIndex.every(isSame)))) return true;
    if (hasName)
      throw new CommandError(
        'IndexKeySpecsConflict',
        `An existing index has the same name as the requested index. Requested index: ${nameOf(wanted.get('name'))}`,
      );
    if (['key', 'collation', 'partialFilterExpression'].every(isSame))
      throw new CommandError('IndexOptionsConflict', `Index already exists with a different name: ${index.name}`);
  }
  return false;
}

/** Enters what is there; new writes enter themselves meanwhile. */
async function build({ scope, engine, pace }: Request, collection: Collection, index: Index): Promise<void> {
  for (const row of scanCollection(scope.view, collection)) {
    const bytes = row && scope.view.document(row.key);
    if (bytes) enterInto(scope, collection, index, row.key, decode(bytes));
    else await pace.rest();
  }
  engine.catalog.showIndex(collection, index);
}

/** The index that a name or a key pattern means. */
function indexNamed(collection: Collection, wanted: Value): Index {
  const index = collection.indexes.find(
    (each) => each.name === wanted || (isDoc(wanted) && equalValues(docOf(each.spec.get('key')), wanted)),
  );
  if (!index) throw new CommandError('IndexNotFound', `index not found with name [${nameOf(wanted)}]`);
  return index;
}

export function dropIndexes(request: Request): Doc {
  const collection = request.existing();
  const nIndexesWas = int(collection.indexes.length);
  const wanted = request.get('index') ?? null;
  const chosen =
    wanted === '*'
      ? collection.indexes.filter((index) => index.name !== '_id_')
      : (Array.isArray(wanted) ? wanted : [wanted]).map((each) => indexNamed(collection, each));
  if (chosen.some((index) => index.name === '_id_')) throw new CommandError('InvalidOptions', 'cannot drop _id index');
  for (const index of chosen) request.engine.catalog.dropIndex(collection, index);
  return doc({ nIndexesWas });
}

export function collMod(request: Request): Doc {
  const collection = request.existing();
  const change = request.document('index');
  if (!change) return doc({});
  const { spec } = indexNamed(collection, change.get('name') ?? change.get('keyPattern') ?? null);
  const reply: Doc = new Map();
  for (const option of ['expireAfterSeconds', 'hidden']) {
    const [before, after] = [spec.get(option), change.get(option)];
    if (after === undefined) continue;
    if (before !== undefined) reply.set(`${option}_old`, before);
    reply.set(`${option}_new`, after);
    spec.set(option, option === 'hidden' ? isTrue(after) : after);
  }
  request.engine.catalog.changed(collection);
  return reply;
}

function sizesOf(request: Request, collection: Collection): { count: number; size: number } {
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
    capped: false,
  });
}

export function dbStats(request: Request): Doc {
  const collections = request.engine.catalog.list(request.db);
  const sizes = collections.map((collection) => sizesOf(request, collection));
  return doc({
    db: request.db,
    collections: int(collections.length),
    objects: int(sizes.reduce((sum, each) => sum + each.count, 0)),
    dataSize: sizes.reduce((sum, each) => sum + each.size, 0),
    indexes: int(collections.reduce((sum, each) => sum + each.indexes.length, 0)),
  });
}

/** Walks a collection and its indexes at one moment, and tells where they disagree. */
export async function validate(request: Request): Promise<Doc> {
  const collection = request.existing();
  const { storage } = request.engine;
  const view = await storage.snapshot();
  const { pace } = request;
  const errors: string[] = [];
  const keysPerIndex: Doc = new Map();
  let records = 0;
  try {
    const indexes = collection.indexes.filter((index) => index.isReady);
    const wanted = new Map(indexes.map((index) => [index, new Set<string>()]));
    for (const row of scanCollection(view, collection)) {
      if (!row) {
        await pace.rest();
        continue;
      }
      records++;
      const fields = decode(row.bytes);
      for (const [index, keys] of wanted)
        for (const key of keysOf(index, fields).keys) keys.add(`${row.key}:${key.toString('latin1')}`);
    }
    for (const [index, keys] of wanted) {
      let found = 0;
      let last: Buffer | undefined;
      for (const entries of entriesOf(view, index.id, everyKey)) {
        for (const { key, document } of entries) {
          found++;
          if (!keys.delete(`${document}:${key.toString('latin1')}`))
            errors.push(`${index.name}: an entry without its document ${document}`);
          if (index.isUnique && last?.equals(key)) errors.push(`${index.name}: the same key twice`);
          last = key;
        }
        await pace.rest();
      }
      for (const key of keys) errors.push(`${index.name}: the document ${key.slice(0, key.indexOf(':'))} has no entry`);
      keysPerIndex.set(index.name, int(found));
    }
  } finally {
    storage.release(view);
  }
  return doc({
    ns: collection.namespace,
    nrecords: int(records),
    nIndexes: int(collection.indexes.length),
    keysPerIndex,
    valid: errors.length === 0,
    errors: errors.slice(0, 100),
  });
}
