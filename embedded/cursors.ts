/** Open cursors: each holds a place in its query, never its result. */
import { randomBytes } from 'node:crypto';
import { doc, documentBytesMax, RawDoc, type Doc } from './bson.ts';
import { CommandError } from './errors.ts';

const idleLifeMs = 10 * 60_000;
const sliceMs = 8;

/** Lets everyone else have a turn when this one has had enough. */
export class Pace {
  #since = performance.now();
  readonly #deadline: number;

  constructor(maxTimeMs = 0) {
    this.#deadline = maxTimeMs > 0 ? this.#since + maxTimeMs : Infinity;
  }

  get isOver(): boolean {
    return performance.now() - this.#since > sliceMs;
  }

  /** Errors: MaxTimeMSExpired. */
  async rest(): Promise<void> {
    const now = performance.now();
    if (now > this.#deadline) throw new CommandError('MaxTimeMSExpired', 'operation exceeded time limit');
    if (now - this.#since <= sliceMs) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

export interface Cursor {
  id: bigint;
  namespace: string;
  lsid: string | undefined;
  rows: Iterator<Buffer | undefined>;
  usedAt: number;
  /** A document that no longer fitted into the last batch. */
  held: Buffer | undefined;
  isBusy: boolean;
  inTransaction: string | undefined;
  /** How many documents its limit still allows. */
  left: number;
}

export class Cursors {
  readonly #open = new Map<bigint, Cursor>();

  create(
    namespace: string,
    rows: Iterator<Buffer | undefined>,
    lsid: string | undefined,
    inTransaction: string | undefined,
    limit = 0,
  ): Cursor {
    const id = randomBytes(8).readBigInt64LE() & 0x7fff_ffff_ffff_ffffn || 1n;
    return {
      id,
      namespace,
      rows,
      lsid,
      usedAt: Date.now(),
      held: undefined,
      isBusy: false,
      inTransaction,
      left: limit || Infinity,
    };
  }

  get size(): number {
    return this.#open.size;
  }

  take(id: bigint, namespace: string): Cursor {
    const cursor = this.#open.get(id);
    if (!cursor) throw new CommandError('CursorNotFound', `cursor id ${id} not found`);
    if (cursor.namespace !== namespace)
      throw new CommandError(
        'Unauthorized',
        `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
      );
    if (cursor.isBusy) throw new CommandError(20, `cursor id ${id} is already in use`);
    cursor.usedAt = Date.now();
    return cursor;
  }

  kill(id: bigint): boolean {
    const cursor = this.#open.get(id);
    cursor?.rows.return?.();
    return this.#open.delete(id);
  }

  killWhere(holds: (cursor: Cursor) => boolean): void {
    for (const cursor of this.#open.values()) if (holds(cursor)) this.kill(cursor.id);
  }

  killIdle(now: number): void {
    this.killWhere((cursor) => !cursor.isBusy && now - cursor.usedAt > idleLifeMs);
  }

  /** Reads the next batch: up to `size` documents or 16 MB. The cursor stays open unless its query ended or `isSingle`. */
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
      while (batch.length < size) {
        const next: Buffer | undefined = cursor.held;
        cursor.held = undefined;
        const row = next ? { value: next, done: false } : cursor.rows.next();
        if (row.done) {
          isDone = true;
          break;
        }
        const document = row.value;
        if (!document) {
          await pace.rest();
          continue;
        }
        if (batch.length > 0 && bytes + document.length > documentBytesMax) {
          cursor.held = document;
          break;
        }
        batch.push(new RawDoc(document));
        bytes += document.length + 16;
        if (pace.isOver) await pace.rest();
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
    else this.#open.set(cursor.id, cursor);
    return doc({ [name]: batch, id: isDone ? 0n : cursor.id, ns: cursor.namespace });
  }
}
