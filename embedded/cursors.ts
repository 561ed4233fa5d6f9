/** Open cursors: each holds a place in its query, never its result. */
import { randomBytes } from 'node:crypto';
import { doc, RawDoc, type Doc } from './bson.ts';
import { CommandError } from './errors.ts';

const idleLifeMs = 10 * 60_000;
const sliceMs = 8;
/** More in one reply would keep the others waiting while it is put together. */
const batchBytesMax = 4 * 1024 * 1024;

/** Lets everyone else have a turn when this one has had enough. */
export class Pace {
  #since = performance.now();
  readonly #deadline: number;

  constructor(maxTimeMs = 0) {
    this.#deadline = maxTimeMs > 0 ? this.#since + maxTimeMs : Infinity;
  }

  /** Whether to rest: cheaper to ask than to wait for nothing. */
  get isOver(): boolean {
    const now = performance.now();
    return now - this.#since > sliceMs || now > this.#deadline;
  }

  /** Errors: MaxTimeMSExpired. */
  async rest(): Promise<void> {
    if (!this.isOver) return;
    if (performance.now() > this.#deadline) throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit');
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

interface CursorOptions {
  namespace: string;
  rows: Iterator<Buffer | undefined>;
  lsid: string | undefined;
  /** The session in whose transaction it reads. */
  inTransaction: string | undefined;
  /** How many documents its limit still allows. */
  left: number;
}

interface Cursor extends CursorOptions {
  id: bigint;
  usedAtMs: number;
  /** A document that no longer fitted into the last batch. */
  held: Buffer | undefined;
  isBusy: boolean;
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor>();

  create(options: CursorOptions): Cursor {
    return { ...options, id: 0n, usedAtMs: Date.now(), held: undefined, isBusy: false };
  }

  take(id: bigint, namespace: string): Cursor {
    const cursor = this.#open.get(id);
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new CommandError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    if (cursor.isBusy) throw new CommandError('CursorInUse', `cursor id ${id} is already in use`);
    cursor.usedAtMs = Date.now();
    return cursor;
  }

  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    // One that is being read is left to its reader, who finds it gone.
    if (cursor && !cursor.isBusy) cursor.rows.return?.();
    return this.#open.delete(id);
  }

  killWhere(holds: (cursor: Cursor) => boolean): void {
    for (const cursor of this.#open.values()) if (holds(cursor)) this.kill(cursor.id);
  }

  killIdle(nowMs: number): void {
    this.killWhere((cursor) => !cursor.isBusy && nowMs - cursor.usedAtMs > idleLifeMs);
  }

  /** Reads the next batch: up to `size` documents or 4 MB. The cursor stays open unless its query ended or `isSingle`. */
  async batch(
    cursor: Cursor,
    name: 'firstBatch' | 'nextBatch',
    size: number,
    pace: Pace,
    isSingle = false,
  ): Promise<Doc> {
    const batch: RawDoc[] = [];
    let bytes = 0;
    let isDone = false;
    cursor.isBusy = true;
    try {
      while (batch.length < size && !isDone) {
        const next = cursor.held ? undefined : cursor.rows.next();
        const row: Buffer | undefined = next?.done ? undefined : (next?.value ?? cursor.held);
        cursor.held = undefined;
        isDone = next?.done === true;
        if (row && batch.length > 0 && bytes + row.length > batchBytesMax) {
          cursor.held = row;
          break;
        }
        if (row) batch.push(new RawDoc(row));
        bytes += row ? row.length + 16 : 0;
        if (pace.isOver && !isDone) await pace.rest();
      }
    } catch (error) {
      this.#open.delete(cursor.id);
      throw error;
    } finally {
      cursor.isBusy = false;
    }
    cursor.left -= batch.length;
    isDone ||= isSingle || cursor.left <= 0;
    if (isDone) this.#open.delete(cursor.id);
    else if (name === 'firstBatch') {
      cursor.id = randomBytes(8).readBigInt64LE() & 0x7fff_ffff_ffff_ffffn || 1n;
      this.#open.set(cursor.id, cursor);
    } else if (!this.#open.has(cursor.id))
      throw new CommandError('CursorNotFound', `cursor id ${cursor.id} was killed`);
    return doc({ [name]: batch, id: isDone ? 0n : cursor.id, ns: cursor.namespace });
  }
}
