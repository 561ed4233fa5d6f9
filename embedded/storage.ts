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

export interface Row {
  key: number;
  bytes: Buffer;
}

export interface Entry {
  key: Buffer;
  document: number;
}

/** Half-open: `from` belongs to it, `to` does not. */
export interface KeyRange {
  from: Buffer;
  to: Buffer;
}

export const everyKey: KeyRange = { from: Buffer.alloc(0), to: Buffer.from([0xff]) };

/** The keys that begin with these bytes. */
export function prefixRange(prefix: Buffer): KeyRange {
  const to = Buffer.from(prefix);
  for (let last = to.length - 1; last >= 0; last--) {
    const byte = to.readUInt8(last);
    if (byte < 0xff) {
      to[last] = byte + 1;
      return { from: prefix, to: to.subarray(0, last + 1) };
    }
  }
  return { from: prefix, to: everyKey.to };
}

/** What a reader sees: the newest state, a snapshot, or a transaction's own writes over a snapshot. */
export interface View {
  document(key: number): Buffer | undefined;
  /** A chunk of the documents with `from ≤ key ≤ to`, from the end when not `forward`; empty when there are no more. */
  documents(from: number, to: number, forward: boolean): Row[];
  /** A chunk of entries behind `after`; empty when there are no more. */
  entries(index: number, range: KeyRange, forward: boolean, after?: Entry): Entry[];
}

export interface WritableView extends View {
  putDocument(key: number, bytes: Buffer): void;
  removeDocument(key: number): void;
  addEntry(index: number, key: Buffer, document: number): void;
  removeEntry(index: number, key: Buffer, document: number): void;
}

type SqlValue = null | number | bigint | string | Uint8Array;

function toBuffer(value: SqlValue | undefined): Buffer {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.alloc(0);
}

/** One SQLite connection with its prepared statements. */
class Connection implements View {
  readonly database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, readOnly: boolean) {
    this.database = new DatabaseSync(path, { readOnly, timeout: 5000 });
    this.database.exec('PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 268435456');
  }

  statement(sql: string): StatementSync {
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
    return this.statement(sql).all(...values) as unknown as SqlValue[][];
  }

  document(key: number): Buffer | undefined {
    const row = this.statement('SELECT bson FROM documents WHERE key = ?').get(key) as unknown as
      SqlValue[] | undefined;
    return row && toBuffer(row[0]);
  }

  documents(from: number, to: number, forward: boolean): Row[] {
    const order = forward ? 'ASC' : 'DESC';
    const found = this.statement(
      `SELECT key, bson FROM documents WHERE key BETWEEN ? AND ? ORDER BY key ${order} LIMIT ${chunkRowsMax}`,
    ).iterate(from, to) as unknown as Iterable<SqlValue[]>;
    const rows: Row[] = [];
    let bytesRead = 0;
    for (const [key, bson] of found) {
      const bytes = toBuffer(bson);
      rows.push({ key: Number(key), bytes });
      bytesRead += bytes.length;
      if (bytesRead >= chunkBytesMax) break;
    }
    return rows;
  }

  entries(index: number, range: KeyRange, forward: boolean, after?: Entry): Entry[] {
    const sql = forward
      ? `SELECT k, d FROM entries WHERE i = ? AND (k, d) > (?, ?) AND k < ? ORDER BY k, d LIMIT ${chunkRowsMax}`
      : `SELECT k, d FROM entries WHERE i = ? AND (k, d) < (?, ?) AND k >= ? ORDER BY k DESC, d DESC LIMIT ${chunkRowsMax}`;
    const start = after?.key ?? (forward ? range.from : range.to);
    return this.rows(sql, index, start, after?.document ?? -1, forward ? range.to : range.from).map(([k, d]) => ({
      key: toBuffer(k),
      document: Number(d),
    }));
  }

  close(): void {
    this.database.close();
  }
}

/** A reader's state of one moment; release it, for an old one keeps the write-ahead log from shrinking. */
export interface Snapshot {
  view: View;
  release(): void;
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

export class Storage implements WritableView {
  readonly #path: string;
  readonly #lock: DatabaseSync;
  readonly #writer: Connection;
  readonly #idle: Connection[] = [];
  #waiters: Waiter[] = [];
  #open = false;
  /** Runs inside each group before it is committed: what else must become durable with it. */
  beforeCommit: () => void = () => undefined;
  /** Runs after a group was rolled back (a full disk): what is held in memory no longer matches. */
  afterRollback: () => void = () => undefined;

  constructor(dataDir: string) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    this.#lock = holdFolder(dataDir);
    this.#path = join(dataDir, 'store.db');
    try {
      this.#writer = new Connection(this.#path, false);
      chmodSync(this.#path, 0o600);
      this.#prepareFile(dataDir);
    } catch (error) {
      this.#lock.close();
      throw error;
    }
  }

  #prepareFile(dataDir: string): void {
    const { database } = this.#writer;
    const version = Number(this.#writer.rows('PRAGMA user_version')[0]?.[0] ?? 0);
    if (version > formatVersion) {
      database.close();
      throw new EmbeddedStoreError(
        'data_folder_newer',
        `The data folder ${dataDir} was written by a newer version (format ${version}; this one knows ${formatVersion}). Start that version, or restore a dump.`,
      );
    }
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;
      CREATE TABLE IF NOT EXISTS documents (key INTEGER PRIMARY KEY, bson BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS entries (i INTEGER, k BLOB, d INTEGER, PRIMARY KEY (i, k, d)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS catalog (id INTEGER PRIMARY KEY, bson BLOB NOT NULL);
      CREATE TABLE IF NOT EXISTS sessions (id TEXT PRIMARY KEY, at_ms INTEGER NOT NULL, bson BLOB NOT NULL);
      PRAGMA user_version = ${formatVersion}`);
  }

  document(key: number): Buffer | undefined {
    return this.#writer.document(key);
  }

  documents(from: number, to: number, forward: boolean): Row[] {
    return this.#writer.documents(from, to, forward);
  }

  entries(index: number, range: KeyRange, forward: boolean, after?: Entry): Entry[] {
    return this.#writer.entries(index, range, forward, after);
  }

  putDocument(key: number, bytes: Buffer): void {
    this.run('INSERT OR REPLACE INTO documents VALUES (?, ?)', key, bytes);
  }

  removeDocument(key: number): void {
    this.run('DELETE FROM documents WHERE key = ?', key);
  }

  addEntry(index: number, key: Buffer, document: number): void {
    this.run('INSERT OR IGNORE INTO entries VALUES (?, ?, ?)', index, key, document);
  }

  removeEntry(index: number, key: Buffer, document: number): void {
    this.run('DELETE FROM entries WHERE i = ? AND k = ? AND d = ?', index, key, document);
  }

  rows(sql: string, ...values: SqlValue[]): SqlValue[][] {
    return this.#writer.rows(sql, ...values);
  }

  blobs(sql: string): { id: string; bytes: Buffer }[] {
    return this.rows(sql).map(([id, bytes]) => ({ id: String(id), bytes: toBuffer(bytes) }));
  }

  /** Changes the file within the open group. Returns how many rows changed. */
  run(sql: string, ...values: SqlValue[]): number {
    this.openGroup();
    return Number(this.#writer.statement(sql).run(...values).changes);
  }

  openGroup(): void {
    if (this.#open) return;
    this.#writer.statement('BEGIN IMMEDIATE').run();
    this.#open = true;
    setImmediate(() => this.#commitGroup());
  }

  #commitGroup(): void {
    if (!this.#open) return;
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      this.beforeCommit();
      this.#writer.statement('COMMIT').run();
      this.#open = false;
      for (const waiter of waiters) waiter.resolve();
    } catch (error) {
      this.#open = false;
      if (this.#writer.database.isTransaction) this.#writer.database.exec('ROLLBACK');
      this.afterRollback();
      for (const waiter of waiters) waiter.reject(error);
    }
  }

  /** Resolves when everything written so far is on the disk. */
  async durable(): Promise<void> {
    if (!this.#open) return;
    await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** The durable state of this moment; waits for an open group, so that it holds all that anyone was told. */
  async snapshot(): Promise<Snapshot> {
    await this.durable();
    const connection = this.#idle.pop() ?? new Connection(this.#path, true);
    connection.statement('BEGIN').run();
    connection.rows('SELECT 1 FROM catalog LIMIT 1');
    let isHeld = true;
    return {
      view: connection,
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        connection.statement('ROLLBACK').run();
        if (this.#idle.length < 32) this.#idle.push(connection);
        else connection.close();
      },
    };
  }

  close(): void {
    this.#commitGroup();
    for (const connection of this.#idle) connection.close();
    this.#writer.close();
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
