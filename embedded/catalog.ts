/** Which collections and indexes there are. */
import { randomBytes } from 'node:crypto';
import { decode, doc, encode, int, isDoc, kinds, Opaque, type Doc } from './bson.ts';
import { toCollation, type Collation } from './collation.ts';
import { badValue, CommandError } from './errors.ts';
import { docOf, listOf } from './fields.ts';
import { Filter } from './matcher.ts';
import { toBuffer, type Storage } from './storage.ts';
import { isTrue, nameOf, wholeNumber } from './values.ts';

/** Record keys are `collection × 2³² + n`: a collection's documents lie together, in the order of insertion. */
const recordsPerCollection = 2 ** 32;

export interface IndexField {
  name: string;
  path: string[];
  direction: 1 | -1;
}

export class Index {
  readonly id: number;
  readonly spec: Doc;
  readonly name: string;
  readonly fields: IndexField[];
  readonly directions: number[];
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partial: Filter | undefined;
  readonly collation: Collation | undefined;
  /** For each field, whether it ever passed an array. */
  readonly multikey: boolean[];
  /** Not while it is being built: written to, but not read. */
  isReady: boolean;

  constructor(id: number, spec: Doc, isReady: boolean, multikey?: boolean[]) {
    const partial = spec.get('partialFilterExpression');
    this.id = id;
    this.spec = spec;
    this.name = nameOf(spec.get('name'));
    this.fields = fieldsOf(docOf(spec.get('key')));
    this.directions = this.fields.map((field) => field.direction);
    this.isUnique = this.name === '_id_' || isTrue(spec.get('unique'));
    this.isSparse = isTrue(spec.get('sparse'));
    this.collation = toCollation(spec.get('collation'));
    this.partial = isDoc(partial) ? new Filter(partial, { collate: this.collation?.compare }) : undefined;
    this.isReady = isReady;
    this.multikey = multikey ?? this.fields.map(() => false);
  }

  get ttlSeconds(): number | undefined {
    return wholeNumber(this.spec.get('expireAfterSeconds'));
  }

  get isMultikey(): boolean {
    return this.multikey.includes(true);
  }
}

function fieldsOf(key: Doc): IndexField[] {
  const cannot = (why: string) => new CommandError('CannotCreateIndex', why);
  if (key.size === 0) throw cannot('Index keys cannot be empty.');
  return [...key].map(([name, value]) => {
    const number = wholeNumber(value);
    const path = name.split('.');
    if (typeof value === 'string') throw cannot(`Index type '${value}' is not supported by this store`);
    if (!number) throw cannot(`Values in the index key pattern must be nonzero numbers: ${name}`);
    if (path.some((part) => part === '' || part.startsWith('$')))
      throw cannot(`Index key contains an illegal field name: '${name}'`);
    return { name, path, direction: number < 0 ? -1 : 1 };
  });
}

export class Collection {
  readonly id: number;
  readonly db: string;
  readonly name: string;
  readonly options: Doc;
  readonly uuid: Opaque;
  readonly collation: Collation | undefined;
  indexes: Index[];
  /** Its record in the file no longer says what holds: it is written with the next group. */
  isChanged = false;
  #nextRecord: number;

  constructor(id: number, db: string, name: string, options: Doc, indexes: Index[], nextRecord: number, uuid?: Opaque) {
    this.id = id;
    this.db = db;
    this.name = name;
    this.options = options;
    this.indexes = indexes;
    this.collation = toCollation(options.get('collation'));
    this.uuid = uuid ?? newUuid();
    this.#nextRecord = nextRecord;
  }

  get namespace(): string {
    return `${this.db}.${this.name}`;
  }

  get firstKey(): number {
    return this.id * recordsPerCollection;
  }

  get lastKey(): number {
    return this.firstKey + recordsPerCollection - 1;
  }

  newKey(): number {
    return this.firstKey + this.#nextRecord++;
  }

  renamed(db: string, name: string): Collection {
    return new Collection(this.id, db, name, this.options, this.indexes, this.#nextRecord, this.uuid);
  }

  get idIndex(): Index {
    const index = this.indexes.find((each) => each.name === '_id_');
    if (!index) throw new CommandError('InternalError', `no _id index in ${this.namespace}`);
    return index;
  }
}

/** A random UUID, version 4, as binary of subtype 4. */
export function newUuid(): Opaque {
  const bytes = Buffer.concat([Buffer.from([16, 0, 0, 0, 4]), randomBytes(16)]);
  bytes[11] = (bytes.readUInt8(11) & 0x0f) | 0x40;
  bytes[13] = (bytes.readUInt8(13) & 0x3f) | 0x80;
  return new Opaque(kinds.binData, bytes);
}

export class Catalog {
  readonly #storage: Storage;
  readonly #collections = new Map<string, Collection>();
  #nextId = 1;
  /** What was dropped and still lies in the file. */
  #rubbish: { table: 'documents' | 'entries'; id: number }[] = [];
  /** Runs when a collection came, went, or has other indexes. */
  afterChange: (collection: Collection) => void = () => undefined;

  constructor(storage: Storage) {
    this.#storage = storage;
    this.load();
  }

  load(): void {
    this.#collections.clear();
    const known = new Set<number>();
    for (const [id, bson] of this.#storage.rows('SELECT id, bson FROM catalog')) {
      const collection = this.#read(Number(id), decode(toBuffer(bson)));
      this.#collections.set(collection.namespace, collection);
      for (const each of [collection, ...collection.indexes]) known.add(each.id);
    }
    const lying = (table: 'documents' | 'entries', column: string, size: number) =>
      this.#storage
        .rows(
          `WITH RECURSIVE ids(id) AS (SELECT min(${column}) / ?1 FROM ${table} UNION ALL
             SELECT (SELECT min(${column}) / ?1 FROM ${table} WHERE ${column} >= (ids.id + 1) * ?1) FROM ids WHERE id NOT NULL)
           SELECT id FROM ids WHERE id NOT NULL`,
          BigInt(size),
        )
        .map(([id]) => ({ table, id: Number(id) }));
    const lies = [...lying('entries', 'i', 1), ...lying('documents', 'key', recordsPerCollection)];
    this.#rubbish = lies.filter(({ id }) => !known.has(id));
    this.#nextId = Math.max(0, ...known, ...lies.map(({ id }) => id)) + 1;
  }

  #read(id: number, record: Doc): Collection {
    // An index that a stop left half built is none; its entries are rubbish.
    const indexes = listOf(record.get('indexes'))
      .map(docOf)
      .filter((item) => item.get('ready') === true)
      .map((item) => {
        const multikey = listOf(item.get('multikey')).map(isTrue);
        return new Index(wholeNumber(item.get('id')) ?? 0, docOf(item.get('spec')), true, multikey);
      });
    const uuid = record.get('uuid');
    const [last] = this.#storage.rows(
      'SELECT max(key) FROM documents WHERE key BETWEEN ? AND ?',
      id * recordsPerCollection,
      (id + 1) * recordsPerCollection - 1,
    );
    const nextRecord = typeof last?.[0] === 'number' ? last[0] - id * recordsPerCollection + 1 : 1;
    return new Collection(
      id,
      nameOf(record.get('db')),
      nameOf(record.get('name')),
      docOf(record.get('options')),
      indexes,
      nextRecord,
      uuid instanceof Opaque ? uuid : undefined,
    );
  }

  newId(): number {
    return this.#nextId++;
  }

  get(db: string, name: string): Collection | undefined {
    return this.#collections.get(`${db}.${name}`);
  }

  list(db: string): Collection[] {
    return this.all().filter((collection) => collection.db === db);
  }

  all(): Collection[] {
    return [...this.#collections.values()];
  }

  /** A collection that nobody sees yet: `add` shows it. */
  make(db: string, name: string, options: Doc): Collection {
    checkName(db, name);
    const collation = options.get('collation');
    const spec = doc({ v: int(2), key: doc({ _id: int(1) }), name: '_id_', collation });
    return new Collection(this.newId(), db, name, options, [new Index(this.newId(), spec, true)], 1);
  }

  add(collection: Collection): void {
    this.#collections.set(collection.namespace, collection);
    this.changed(collection);
  }

  /** Has the collection's record written with the next group, if it is one that others see. */
  changed(collection: Collection): void {
    if (this.#collections.get(collection.namespace) !== collection) return;
    collection.isChanged = true;
    this.#storage.openGroup();
    this.afterChange(collection);
  }

  writeChanges(): void {
    for (const collection of this.#collections.values()) {
      if (!collection.isChanged) continue;
      collection.isChanged = false;
      const { db, name, options, uuid } = collection;
      const indexes = collection.indexes.map(({ id, spec, multikey, isReady }) =>
        doc({ id: int(id), spec, multikey, ready: isReady }),
      );
      const bson = encode(doc({ db, name, options, uuid, indexes }));
      this.#storage.run('INSERT OR REPLACE INTO catalog VALUES (?, ?)', collection.id, bson);
    }
  }

  drop(collection: Collection): void {
    this.#forget(collection);
    this.#rubbish.push({ table: 'documents', id: collection.id });
    for (const index of collection.indexes) this.#rubbish.push({ table: 'entries', id: index.id });
    this.sweep();
  }

  #forget(collection: Collection): void {
    this.#collections.delete(collection.namespace);
    this.#storage.run('DELETE FROM catalog WHERE id = ?', collection.id);
    this.afterChange(collection);
  }

  rename(collection: Collection, db: string, name: string): void {
    checkName(db, name);
    this.#forget(collection);
    this.add(collection.renamed(db, name));
  }

  addIndex(collection: Collection, index: Index): void {
    collection.indexes = [...collection.indexes, index];
    this.changed(collection);
  }

  /** Built: from now on it is read. */
  showIndex(collection: Collection, index: Index): void {
    index.isReady = true;
    this.changed(collection);
  }

  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter((each) => each !== index);
    this.#rubbish.push({ table: 'entries', id: index.id });
    this.changed(collection);
    this.sweep();
  }

  /** Removes some of what was dropped now, and the rest in later turns: at once it would keep everyone waiting. */
  sweep(): void {
    const [first] = this.#rubbish;
    if (!first) return;
    const sql =
      first.table === 'entries'
        ? 'DELETE FROM entries WHERE (i, k, d) IN (SELECT i, k, d FROM entries WHERE i >= ?1 AND i < ?1 + ?2 LIMIT 500)'
        : 'DELETE FROM documents WHERE key IN (SELECT key FROM documents WHERE key >= ?1 * ?2 AND key < (?1 + 1) * ?2 LIMIT 500)';
    const size = first.table === 'entries' ? 1 : recordsPerCollection;
    if (this.#storage.run(sql, first.id, size) < 500) this.#rubbish.shift();
    setImmediate(() => this.sweep()).unref();
  }

  /** What is still to be swept is found again by the next start. */
  stop(): void {
    this.#rubbish = [];
  }
}

/** Errors: InvalidNamespace for what MongoDB does not allow either. */
function checkName(db: string, name: string): void {
  const invalid = (what: string) =>
    new CommandError('InvalidNamespace', `Invalid namespace specified '${db}.${name}': ${what}`);
  if (db === '' || /[\s/\\."$\0]/.test(db) || db.length > 63) throw invalid('the database name is not valid');
  if (name === '' || /[\0$]/.test(name) || name.startsWith('.')) throw invalid('the collection name is not valid');
  if (Buffer.byteLength(`${db}.${name}`) > 255) throw invalid('longer than 255 bytes');
  if (name.startsWith('system.') && name !== 'system.js') throw badValue(`The namespace ${db}.${name} is reserved`);
}
