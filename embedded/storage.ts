/**
 * The one file on disk: documents, index entries, catalog and session records in SQLite, written in groups. Every
 * change made within one turn of the event loop becomes durable by one `fsync`, and nobody hears of his change before.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { EmbeddedStoreError } from './store-error.ts';

const formatVersion = 1;
const chunkRowsMax = 128;
const chunkBytesMax = 512 * 1024;
const idleSnapshotsMax = 32;

const schema = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;
  CREATE TABLE IF NOT EXISTS documents (key INTEGER PRIMARY KEY, bson BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS entries (i INTEGER, k BLOB, d INTEGER, PRIMARY KEY (i, k, d)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS catalog (id INTEGER PRIMARY KEY, bson BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, bson BLOB NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${formatVersion}`;

/** A transaction's writes stand in temporary tables; views hide the real tables behind them, so that the same statements serve. */
const overlay = `
  CREATE TEMP TABLE changed_documents (key INTEGER PRIMARY KEY, bson BLOB);
  CREATE TEMP TABLE changed_entries (i INTEGER, k BLOB, d INTEGER, gone INTEGER, PRIMARY KEY (i, k, d)) WITHOUT ROWID;
  CREATE TEMP VIEW documents AS
    SELECT key, bson FROM changed_documents WHERE bson IS NOT NULL UNION ALL
    SELECT key, bson FROM main.documents WHERE key NOT IN (SELECT key FROM changed_documents);
  CREATE TEMP VIEW entries AS
    SELECT i, k, d FROM changed_entries WHERE NOT gone UNION ALL
    SELECT i, k, d FROM main.entries e
      WHERE NOT EXISTS (SELECT 1 FROM changed_entries c WHERE c.i = e.i AND c.k = e.k AND c.d = e.d);
  CREATE TEMP TRIGGER put_document INSTEAD OF INSERT ON documents
    BEGIN INSERT OR REPLACE INTO changed_documents VALUES (new.key, new.bson); END;
  CREATE TEMP TRIGGER remove_document INSTEAD OF DELETE ON documents
    BEGIN INSERT OR REPLACE INTO changed_documents VALUES (old.key, NULL); END;
  CREATE TEMP TRIGGER add_entry INSTEAD OF INSERT ON entries
    BEGIN INSERT OR REPLACE INTO changed_entries VALUES (new.i, new.k, new.d, 0); END;
  CREATE TEMP TRIGGER remove_entry INSTEAD OF DELETE ON entries
    BEGIN INSERT OR REPLACE INTO changed_entries VALUES (old.i, old.k, old.d, 1); END`;

export interface Row {
  key: number;
  bytes: Buffer;
}

/** An index entry, and the bytes of its document. */
export interface Entry {
  key: Buffer;
  document: number;
  bytes: Buffer;
}

/** Half-open: `from` belongs to it, `to` does not. */
export interface KeyRange {
  from: Buffer;
  to: Buffer;
}

export const everyKey: KeyRange = { from: Buffer.alloc(0), to: Buffer.from([0xff]) };

/** The keys that begin with these bytes. */
export function prefixRange(prefix: Buffer): KeyRange {
  const last = prefix.findLastIndex((byte) => byte < 0xff);
  if (last < 0) return { from: prefix, to: everyKey.to };
  const to = Buffer.from(prefix.subarray(0, last + 1));
  to[last] = to.readUInt8(last) + 1;
  return { from: prefix, to };
}

type SqlValue = null | number | bigint | string | Uint8Array;

export function toBuffer(value: SqlValue | undefined): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0);
}

/** What a command reads and writes: the newest state, or a transaction's own over a snapshot. */
export class View {
  protected readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, readOnly: boolean) {
    this.database = new DatabaseSync(path, { readOnly, timeout: 5000 });
    this.database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456');
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.database.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  /** Rows as arrays of columns. */
  rows(sql: string, ...values: SqlValue[]): SqlValue[][] {
    return this.#statement(sql).all(...values) as unknown as SqlValue[][];
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  document(key: number): Buffer | undefined {
    const [row] = this.rows('SELECT bson FROM documents WHERE key = ?', key);
    return row && toBuffer(row[0]);
  }

  /** A chunk of the documents with `from ≤ key ≤ to`, from the end when not `forward`; empty when there are no more. */
  documents(from: number, to: number, forward: boolean): Row[] {
    const order = forward ? 'ASC' : 'DESC';
    const sql = `SELECT key, bson FROM documents WHERE key BETWEEN ? AND ? ORDER BY key ${order} LIMIT ${chunkRowsMax}`;
    return this.#chunk(sql, [from, to], ([key, bson]) => ({ key: Number(key), bytes: toBuffer(bson) }));
  }

  /** A chunk of entries behind `after`; empty when there are no more. */
  entries(index: number, range: KeyRange, forward: boolean, after?: Entry): Entry[] {
    const [start, end] = forward ? [range.from, range.to] : [range.to, range.from];
    const condition = forward ? '(k, d) > (?, ?) AND k < ?' : '(k, d) < (?, ?) AND k >= ?';
    const order = forward ? 'k, d' : 'k DESC, d DESC';
    return this.#chunk(
      `SELECT k, d, (SELECT bson FROM documents WHERE key = d) FROM entries WHERE i = ? AND ${condition} ORDER BY ${order} LIMIT ${chunkRowsMax}`,
      [index, after?.key ?? start, after?.document ?? -1, end],
      ([k, d, bson]) => ({ key: toBuffer(k), document: Number(d), bytes: toBuffer(bson) }),
    );
  }

  #chunk<T extends { bytes: Buffer }>(sql: string, values: SqlValue[], read: (columns: SqlValue[]) => T): T[] {
    const rows: T[] = [];
    let bytes = 0;
    for (const columns of this.#statement(sql).iterate(...values) as unknown as Iterable<SqlValue[]>) {
      const row = read(columns);
      rows.push(row);
      if ((bytes += row.bytes.length) >= chunkBytesMax) break;
    }
    return rows;
  }

  putDocument(key: number, bytes: Buffer): void {
    this.run('INSERT OR REPLACE INTO documents VALUES (?, ?)', key, bytes);
  }

  removeDocument(key: number): void {
    this.run('DELETE FROM documents WHERE key = ?', key);
  }

  addEntry(index: number, key: Buffer, document: number): void {
    this.run('INSERT OR REPLACE INTO entries VALUES (?, ?, ?)', index, key, document);
  }

  removeEntry(index: number, key: Buffer, document: number): void {
    this.run('DELETE FROM entries WHERE i = ? AND k = ? AND d = ?', index, key, document);
  }

  close(): void {
    this.database.close();
  }
}

/** The durable state of one moment, with changes of its own that nobody else sees. */
export class Snapshot extends View {
  constructor(path: string) {
    super(path, true);
    this.database.exec(overlay);
  }

  begin(): this {
    this.run('BEGIN');
    this.rows('SELECT 1 FROM main.catalog LIMIT 1');
    return this;
  }

  get isChanged(): boolean {
    return this.rows('SELECT 1 FROM changed_documents LIMIT 1').length > 0;
  }

  /** Makes the same changes elsewhere. */
  replay(target: View): void {
    for (const [key, bson] of this.rows('SELECT key, bson FROM changed_documents')) {
      if (bson === null) target.removeDocument(Number(key));
      else target.putDocument(Number(key), toBuffer(bson));
    }
    for (const [i, k, d, gone] of this.rows('SELECT i, k, d, gone FROM changed_entries')) {
      if (gone === 1) target.removeEntry(Number(i), toBuffer(k), Number(d));
      else target.addEntry(Number(i), toBuffer(k), Number(d));
    }
  }

  /** Forgets the changes, and the moment: an old one keeps the write-ahead log from shrinking. */
  end(): void {
    this.run('ROLLBACK');
  }
}

/** The newest state. */
export class Storage extends View {
  readonly #path: string;
  readonly #lock: DatabaseSync;
  readonly #idle: Snapshot[] = [];
  /** The open group, for those who wait until it is on the disk. */
  #group: PromiseWithResolvers<void> | undefined;
  /** Runs inside each group before it is committed: what else must become durable with it. */
  beforeCommit: () => void = () => undefined;
  /** Runs after a group was rolled back (a full disk): what is held in memory no longer matches. */
  afterRollback: () => void = () => undefined;

  /** Errors: EmbeddedStoreError when the folder is held, or of a newer format. */
  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const lock = holdFolder(dataDir);
    const path = join(dataDir, 'store.db');
    super(path, false);
    this.#lock = lock;
    this.#path = path;
    try {
      chmodSync(path, 0o600);
      const version = Number(this.rows('PRAGMA user_version')[0]?.[0] ?? 0);
      if (version > formatVersion)
        throw new EmbeddedStoreError(
          'data_folder_newer',
          `The data folder ${dataDir} was written by a newer version (format ${version}; this one knows ${formatVersion}). Start that version, or restore a dump.`,
        );
      this.database.exec(schema);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Changes the file within the open group. */
  override run(sql: string, ...values: SqlValue[]): number {
    this.openGroup();
    return super.run(sql, ...values);
  }

  openGroup(): void {
    if (this.#group) return;
    super.run('BEGIN IMMEDIATE');
    this.#group = Promise.withResolvers();
    // Nobody may be waiting.
    this.#group.promise.catch(() => undefined);
    setImmediate(() => this.#commitGroup());
  }

  #commitGroup(): void {
    const group = this.#group;
    if (!group) return;
    try {
      this.beforeCommit();
      super.run('COMMIT');
      this.#group = undefined;
      group.resolve();
    } catch (error) {
      this.#group = undefined;
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      this.afterRollback();
      group.reject(error);
    }
  }

  /** Resolves when everything written so far is on the disk. Errors: it could not be written, and is undone. */
  async durable(): Promise<void> {
    await this.#group?.promise;
  }

  /** Waits for an open group, so that it holds all that anyone was told. */
  async snapshot(): Promise<Snapshot> {
    await this.durable();
    return (this.#idle.pop() ?? new Snapshot(this.#path)).begin();
  }

  release(snapshot: Snapshot, isReusable = true): void {
    snapshot.end();
    if (isReusable && this.#idle.length < idleSnapshotsMax) this.#idle.push(snapshot);
    else snapshot.close();
  }

  override close(): void {
    this.#commitGroup();
    for (const snapshot of this.#idle) snapshot.close();
    super.close();
    this.#lock.close();
  }
}

/** An exclusive lock of the operating system: it ends with its process, however that ends. */
function holdFolder(dataDir: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDir, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new EmbeddedStoreError(
      'data_folder_held',
      `The data folder ${dataDir} is in use by another process. Stop it, or choose another folder.`,
    );
  }
  return lock;
}
