/** Logical sessions: the transaction each has open, and what it wrote, so that a retried write is not done twice. */
import { decode, doc, encode, int, isDoc, Opaque, type Doc } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { docOf, listOf } from './fields.ts';
import { toBuffer, type Snapshot, type Storage } from './storage.ts';
import { Transaction, type Direct } from './transactions.ts';
import { nameOf, wholeNumber } from './values.ts';

const recordLifeMs = 30 * 60_000;

/** What a session's last transaction or retryable write came to. */
interface SessionRecord {
  number: bigint;
  state: 'writing' | 'open' | 'committed' | 'aborted';
  /** Statements done of which nothing is to be told, as ranges `[first, last]`. */
  done: [number, number][];
  /** What was answered to the others. */
  results: Map<number, Doc>;
  open?: { transaction: Transaction; timer: NodeJS.Timeout } | undefined;
}

/** The session fields of a command. */
export interface SessionFields {
  lsid: string | undefined;
  txnNumber: bigint | undefined;
  autocommit: boolean;
  startTransaction: boolean;
}

export function sessionFieldsOf(command: Doc): SessionFields {
  const lsid = command.get('lsid');
  const number = command.get('txnNumber');
  return {
    lsid: sessionId(isDoc(lsid) ? lsid : undefined),
    txnNumber: wholeNumber(number) === undefined ? undefined : BigInt(wholeNumber(number) ?? 0),
    autocommit: command.get('autocommit') !== false,
    startTransaction: command.get('startTransaction') === true,
  };
}

export function sessionId(lsid: Doc | undefined): string | undefined {
  const id = lsid?.get('id');
  return id instanceof Opaque ? id.bytes.toString('hex') : undefined;
}

export class Sessions {
  readonly #storage: Storage;
  readonly #direct: Direct;
  readonly #idleTimeoutMs: number;
  readonly #records = new Map<string, SessionRecord>();
  readonly #changed = new Set<string>();
  /** Runs when a session's transaction ended, however: its cursors read a snapshot that is no more. */
  afterEnd: (lsid: string) => void = () => undefined;

  constructor(storage: Storage, direct: Direct, idleTimeoutMs: number) {
    this.#storage = storage;
    this.#direct = direct;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.load();
  }

  load(): void {
    this.#records.clear();
    this.#changed.clear();
    for (const [id, bson] of this.#storage.rows('SELECT id, bson FROM sessions'))
      this.#records.set(String(id), readRecord(decode(toBuffer(bson))));
  }

  /** The record of this number; a higher one than before begins anew. Errors: TransactionTooOld. */
  #recordOf(lsid: string, number: bigint): SessionRecord {
    const held = this.#records.get(lsid);
    if (held && held.number > number)
      throw new CommandError(
        'TransactionTooOld',
        `Cannot start transaction with { txnNumber: ${number} } on session ${lsid} because a newer transaction with txnNumber ${held.number} has already started on this session.`,
      );
    if (held?.number === number) return held;
    this.abort(lsid);
    const record: SessionRecord = { number, state: 'writing', done: [], results: new Map() };
    this.#records.set(lsid, record);
    return record;
  }

  /** What a statement of a retried write came to before; undefined when it was not done yet. */
  earlier({ lsid, txnNumber, autocommit }: SessionFields, statement: number): Doc | 'done' | undefined {
    if (lsid === undefined || txnNumber === undefined || !autocommit) return undefined;
    const { state, results, done } = this.#recordOf(lsid, txnNumber);
    if (state !== 'writing')
      throw new CommandError(50768, `txnNumber ${txnNumber} was used for a transaction, not for a retryable write`);
    const isDone = done.some(([first, last]) => first <= statement && statement <= last);
    return results.get(statement) ?? (isDone ? 'done' : undefined);
  }

  /** Notes a statement in the same group as its write. */
  remember({ lsid, txnNumber, autocommit }: SessionFields, statement: number, result: Doc | 'done'): void {
    if (lsid === undefined || txnNumber === undefined || !autocommit) return;
    const { results, done } = this.#recordOf(lsid, txnNumber);
    const last = done.at(-1);
    if (result !== 'done') results.set(statement, result);
    else if (last?.[1] === statement - 1) last[1] = statement;
    else done.push([statement, statement]);
    this.#write(lsid);
  }

  #write(lsid: string): void {
    this.#changed.add(lsid);
    this.#storage.openGroup();
  }

  writeChanges(nowMs: number): void {
    for (const lsid of this.#changed) {
      const record = this.#records.get(lsid);
      if (record) {
        const bson = encode(writeRecord(record));
        this.#storage.run('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)', lsid, nowMs, bson);
      }
    }
    this.#changed.clear();
  }

  forgetOld(nowMs: number): void {
    const old = this.#storage.rows('SELECT id FROM sessions WHERE at_ms < ? LIMIT 1000', nowMs - recordLifeMs);
    for (const [id = null] of old) {
      this.#storage.run('DELETE FROM sessions WHERE id = ?', id);
      if (!this.#records.get(String(id))?.open) this.#records.delete(String(id));
    }
  }

  /** The transaction in which a command runs until it leaves; begins it when the command says so. */
  async enter(fields: SessionFields): Promise<Transaction> {
    const { lsid, txnNumber } = required(fields);
    if (fields.startTransaction) this.#begin(lsid, txnNumber, await this.#storage.snapshot());
    const record = this.#recordOf(lsid, txnNumber);
    if (record.state === 'committed') throw committed(txnNumber);
    if (!record.open) throw noSuchTransaction(txnNumber);
    record.open.transaction.running++;
    return record.open.transaction;
  }

  leave({ lsid = '' }: SessionFields, transaction: Transaction): void {
    transaction.running--;
    this.#records.get(lsid)?.open?.timer.refresh();
  }

  #begin(lsid: string, number: bigint, snapshot: Snapshot): void {
    try {
      const held = this.#records.get(lsid);
      if (held?.number === number && held.state !== 'aborted')
        throw new CommandError(117, `a transaction with txnNumber ${number} is already in progress or committed`);
      const record = this.#recordOf(lsid, number);
      const transaction = new Transaction(snapshot, this.#direct);
      record.state = 'open';
      record.open = { transaction, timer: setTimeout(() => this.#abortIdle(lsid), this.#idleTimeoutMs).unref() };
    } catch (error) {
      this.#storage.release(snapshot);
      throw error;
    }
  }

  commit(fields: SessionFields): void {
    const { lsid, txnNumber } = required(fields);
    const record = this.#recordOf(lsid, txnNumber);
    if (record.state === 'committed') return;
    const transaction = this.#close(lsid);
    if (!transaction) throw noSuchTransaction(txnNumber);
    transaction.commit();
    record.state = 'committed';
    this.#write(lsid);
  }

  abortTransaction(fields: SessionFields): void {
    const { lsid, txnNumber } = required(fields);
    if (this.#recordOf(lsid, txnNumber).state === 'committed') throw committed(txnNumber);
    if (!this.abort(lsid)) throw noSuchTransaction(txnNumber);
  }

  /** Ends a session's open transaction, if it has one. */
  abort(lsid: string): boolean {
    const transaction = this.#close(lsid);
    transaction?.end(false);
    return transaction !== undefined;
  }

  #abortIdle(lsid: string): void {
    const open = this.#records.get(lsid)?.open;
    if (open?.transaction.running) open.timer.refresh();
    else this.abort(lsid);
  }

  abortAll(): void {
    for (const lsid of this.#records.keys()) this.abort(lsid);
  }

  #close(lsid: string): Transaction | undefined {
    const record = this.#records.get(lsid);
    if (!record?.open) return undefined;
    const { transaction, timer } = record.open;
    clearTimeout(timer);
    this.afterEnd(lsid);
    record.open = undefined;
    record.state = 'aborted';
    return transaction;
  }
}

function required({ lsid, txnNumber }: SessionFields): { lsid: string; txnNumber: bigint } {
  if (lsid === undefined || txnNumber === undefined) throw badValue('a transaction needs lsid and txnNumber');
  return { lsid, txnNumber };
}

function committed(number: bigint): CommandError {
  return new CommandError('TransactionCommitted', `Transaction with { txnNumber: ${number} } has been committed.`);
}

function noSuchTransaction(number: bigint): CommandError {
  return new CommandError(
    'NoSuchTransaction',
    `Given transaction number ${number} does not match any in-progress transactions.`,
  ).label('TransientTransactionError');
}

function writeRecord({ number, state, done, results }: SessionRecord): Doc {
  return doc({
    number,
    state,
    ranges: done.map((range) => range.map(int)),
    results: [...results].map(([statement, result]) => doc({ statement: int(statement), result })),
  });
}

function readRecord(fields: Doc): SessionRecord {
  const number = fields.get('number');
  const state = nameOf(fields.get('state'));
  return {
    number: typeof number === 'bigint' ? number : 0n,
    state: state === 'committed' || state === 'writing' ? state : 'aborted',
    done: listOf(fields.get('ranges')).map((range): [number, number] => {
      const [first = 0, last = -1] = listOf(range).map(wholeNumber);
      return [first, last];
    }),
    results: new Map(
      listOf(fields.get('results'))
        .map(docOf)
        .map((item) => [wholeNumber(item.get('statement')) ?? 0, docOf(item.get('result'))]),
    ),
  };
}
