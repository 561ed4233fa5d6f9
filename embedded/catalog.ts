/** Which collections and indexes there are. */
import { randomBytes } from 'node:crypto';
import { decode, doc, encode, int, isDoc, kinds, Opaque, type Doc, type Value } from './bson.ts';
import { toCollation, type Collation } from './collation.ts';
import { badValue, CommandError } from './errors.ts';
import { Filter } from './matcher.ts';
import type { Storage } from './storage.ts';
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
  readonly isUnique: boolean;
  readonly isSparse: boolean;
  readonly partial: Filter | undefined;
  readonly collation: Collation | undefined;
  /** For each field, whether it ever passed an array. */
  readonly multikey: boolean[];
  /** Not while it is being built: written to, but not read. */
  isReady: boolean;

  constructor(id: number, spec: Doc, isReady: boolean, multikey?: boolean[]) {
    this.id = id;
    this.spec = spec;
    this.name = nameOf(spec.get('name'));
    this.fields = fieldsOf(spec.get('key'));
    this.isUnique = this.name === '_id_' || isTrue(spec.get('unique'));
    this.isSparse = isTrue(spec.get('sparse'));
    const partial = spec.get('partialFilterExpression');
    this.collation = toCollation(spec.get('collation'));
    this.partial = isDoc(partial) ? new Filter(partial, { collate: this.collation?.compare }) : undefined;
    this.isReady = isReady;
    this.multikey = multikey ?? this.fields.map(() => false);
  }

  get ttlSeconds(): number | undefined {
    return wholeNumber(this.spec.get('expireAfterSeconds'));
  }

  get directions(): number[] {
    return this.fields.map((field) => field.direction);
  }

  get isMultikey(): boolean {
    return this.multikey.includes(true);
  }
}

function fieldsOf(key: Value | undefined): IndexField[] {
  if (!isDoc(key) || key.size === 0) throw new CommandError('CannotCreateIndex', 'Index keys cannot be empty.');
  return [...key].map(([name, value]) => {
    const number = wholeNumber(value);
    if (typeof value === 'string')
      throw new CommandError('CannotCreateIndex', `Index type '${value}' is not supported by this store`);
    if (number === undefined || number === 0)
      throw new CommandError('CannotCreateIndex', `Values in the index key pattern must be nonzero numbers: ${name}`);
    const path = name.split('.');
    if (path.includes('') || path.some((part) => part.startsWith('$')))
      throw new CommandError('CannotCreateIndex', `Index key contains an illegal field name: '${name}'`);
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
  #nextRecord: number;
  /** Has the catalog write this collection's record again. */
  markChanged: () => void = () => undefined;

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

function newUuid(): Opaque {
  const bytes = Buffer.concat([Buffer.from([16, 0, 0, 0, 4]), randomBytes(16)]);
  bytes[11] = (bytes.readUInt8(11) & 0x0f) | 0x40;
  bytes[13] = (bytes.readUInt8(13) & 0x3f) | 0x80;
  return new Opaque(kinds.binData, bytes);
}

export class Catalog {
  readonly #storage: Storage;
  #collections = new Map<string, Collection>();
  #nextId = 1;
  /** Collections whose record in the file no longer says what holds: written with the next group. */
  readonly #changed = new Set<Collection>();
  /** What was dropped and still lies in the file. */
  readonly #rubbish: { table: 'documents' | 'entries'; id: number }[] = [];

  constructor(storage: Storage) {
    this.#storage = storage;
    this.load();
  }

  load(): void {
    this.#collections = new Map();
    this.#changed.clear();
    const ids = new Set<number>();
    for (const { id, bytes } of this.#storage.blobs('SELECT id, bson FROM catalog')) {
      const collection = this.#read(Number(id), decode(bytes));
      this.#show(collection);
      ids.add(collection.id);
      for (const index of collection.indexes) ids.add(index.id);
    }
    this.#nextId = Math.max(0, ...ids) + 1;
    this.#findRubbish(ids);
  }

  #read(id: number, record: Doc): Collection {
    const text = (name: string) => nameOf(record.get(name));
    const items = record.get('indexes');
    const indexes: Index[] = [];
    for (const item of Array.isArray(items) ? items : []) {
      if (!isDoc(item)) continue;
      const spec = item.get('spec');
      const multikey = item.get('multikey');
      // One that a stop left half built is none; its entries are rubbish.
      if (isDoc(spec) && item.get('ready') === true)
        indexes.push(
          new Index(
            wholeNumber(item.get('id')) ?? 0,
            spec,
            true,
            Array.isArray(multikey) ? multikey.map(isTrue) : undefined,
          ),
        );
    }
    const options = record.get('options');
    const uuid = record.get('uuid');
    const first = id * recordsPerCollection;
    const [last] = this.#storage.rows(
      'SELECT max(key) FROM documents WHERE key BETWEEN ? AND ?',
      first,
      first + recordsPerCollection - 1,
    );
    const nextRecord = typeof last?.[0] === 'number' ? last[0] - first + 1 : 1;
    return new Collection(
      id,
      text('db'),
      text('name'),
      isDoc(options) ? options : new Map<string, Value>(),
      indexes,
      nextRecord,
      uuid instanceof Opaque ? uuid : undefined,
    );
  }

  #findRubbish(known: ReadonlySet<number>): void {
    const note = (table: 'documents' | 'entries', id: number) => {
      if (!known.has(id)) this.#rubbish.push({ table, id });
      this.#nextId = Math.max(this.#nextId, id + 1);
    };
    for (let at = 0; ;) {
      const [row] = this.#storage.rows('SELECT i FROM entries WHERE i > ? ORDER BY i LIMIT 1', at);
      if (!row) break;
      note('entries', (at = Number(row[0])));
    }
    for (let at = 0; ;) {
      const [row] = this.#storage.rows(
        'SELECT key FROM documents WHERE key >= ? ORDER BY key LIMIT 1',
        (at + 1) * recordsPerCollection,
      );
      if (!row) break;
      note('documents', (at = Math.floor(Number(row[0]) / recordsPerCollection)));
    }
  }

  /** Removes some of what was dropped. Returns whether more is left. */
  sweep(): boolean {
    const [first] = this.#rubbish;
    if (!first) return false;
    const removed =
      first.table === 'entries'
        ? this.#storage.run(
            'DELETE FROM entries WHERE i = ?1 AND (k, d) IN (SELECT k, d FROM entries WHERE i = ?1 LIMIT 500)',
            first.id,
          )
        : this.#storage.run(
            'DELETE FROM documents WHERE key IN (SELECT key FROM documents WHERE key BETWEEN ? AND ? LIMIT 500)',
            first.id * recordsPerCollection,
            (first.id + 1) * recordsPerCollection - 1,
          );
    if (removed < 500) this.#rubbish.shift();
    return this.#rubbish.length > 0;
  }

  newId(): number {
    return this.#nextId++;
  }

  get(db: string, name: string): Collection | undefined {
    return this.#collections.get(`${db}.${name}`);
  }

  list(db: string): Collection[] {
    return [...this.#collections.values()].filter((collection) => collection.db === db);
  }

  all(): Collection[] {
    return [...this.#collections.values()];
  }

  /** A collection that nobody sees yet: `add` shows it. */
  make(db: string, name: string, options: Doc): Collection {
    checkName(db, name);
    const collation = options.get('collation');
    const idIndex = new Index(
      this.newId(),
      doc({ v: int(2), key: doc({ _id: int(1) }), name: '_id_', collation }),
      true,
    );
    return new Collection(this.newId(), db, name, options, [idIndex], 1);
  }

  add(collection: Collection): void {
    this.#show(collection);
    this.changed(collection);
  }

  #show(collection: Collection): void {
    this.#collections.set(collection.namespace, collection);
    collection.markChanged = () => this.changed(collection);
  }

  /** Has the collection's record written with the next group. */
  changed(collection: Collection): void {
    if (this.#collections.get(collection.namespace) !== collection) return;
    this.#changed.add(collection);
    this.#storage.openGroup();
  }

  writeChanges(): void {
    for (const collection of this.#changed) {
      const indexes = collection.indexes.map((index) =>
        doc({ id: int(index.id), spec: index.spec, multikey: index.multikey, ready: index.isReady }),
      );
      const record = doc({
        db: collection.db,
        name: collection.name,
        options: collection.options,
        uuid: collection.uuid,
        indexes,
      });
      this.#storage.run('INSERT OR REPLACE INTO catalog VALUES (?, ?)', collection.id, encode(record));
    }
    this.#changed.clear();
  }

  drop(collection: Collection): void {
    this.#forget(collection);
    this.#rubbish.push({ table: 'documents', id: collection.id });
    for (const index of collection.indexes) this.#rubbish.push({ table: 'entries', id: index.id });
    this.sweepSoon();
  }

  #forget(collection: Collection): void {
    this.#collections.delete(collection.namespace);
    this.#changed.delete(collection);
    this.#storage.run('DELETE FROM catalog WHERE id = ?', collection.id);
  }

  dropIndex(collection: Collection, index: Index): void {
    collection.indexes = collection.indexes.filter((each) => each !== index);
    this.#rubbish.push({ table: 'entries', id: index.id });
    this.changed(collection);
    this.sweepSoon();
  }

  rename(collection: Collection, db: string, name: string): void {
    checkName(db, name);
    this.#forget(collection);
    this.add(collection.renamed(db, name));
  }

  /** Sweeps a little now and the rest in later turns. */
  sweepSoon(): void {
    if (this.sweep()) setImmediate(() => this.sweepSoon()).unref();
  }
}

export function checkName(db: string, name: string): void {
  const invalid = (what: string) =>
    new CommandError('InvalidNamespace', `Invalid namespace specified '${db}.${name}': ${what}`);
  if (db === '' || /[\s/\\."$\0]/.test(db) || db.length > 63) throw invalid('the database name is not valid');
  if (name === '' || name.includes('\0') || name.includes('$') || name.startsWith('.'))
    throw invalid('the collection name is not valid');
  if (Buffer.byteLength(`${db}.${name}`) > 255) throw invalid('longer than 255 bytes');
  if (name.startsWith('system.') && name !== 'system.js') throw badValue(`The namespace ${db}.${name} is reserved`);
}
