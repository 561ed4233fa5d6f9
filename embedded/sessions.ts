/** Logical sessions: the transaction each has open, and what it wrote, so that a retried write is not done twice. */
import { decode, doc, encode, int, isDoc, Opaque, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { Conflicts, Transaction } from './scope.ts';
import type { Catalog } from './catalog.ts';
import type { Storage } from './storage.ts';
import { wholeNumber } from './values.ts';

const recordLifeMs = 30 * 60_000;

/** What a session's last transaction or retryable write came to. */
interface SessionRecord {
  number: bigint;
  state: 'writing' | 'committed' | 'aborted' | 'open';
  /** Statements done, as ranges `[first, last]` when nothing is to be told of them, or with what was answered. */
  ranges: [number, number][];
  results: Map<number, Doc>;
}

export interface SessionFields {
  lsid?: string;
  txnNumber?: bigint;
  autocommit: boolean;
  startTransaction: boolean;
}

interface OpenTransaction {
  number: bigint;
  transaction: Transaction;
  timer: NodeJS.Timeout;
}

export class Sessions {
  readonly #storage: Storage;
  readonly #catalog: Catalog;
  readonly #conflicts: Conflicts;
  readonly #idleTimeoutMs: number;
  readonly #records = new Map<string, SessionRecord>();
  readonly #changed = new Set<string>();
  readonly #open = new Map<string, OpenTransaction>();

  /** Runs when a session's transaction ended, however: its cursors read a snapshot that is no more. */
  afterEnd: (lsid: string) => void = () => undefined;

  constructor(storage: Storage, catalog: Catalog, conflicts: Conflicts, idleTimeoutMs: number) {
    this.#storage = storage;
    this.#catalog = catalog;
    this.#conflicts = conflicts;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.load();
  }

  load(): void {
    this.#records.clear();
    this.#changed.clear();
    for (const { id, bytes } of this.#storage.blobs('SELECT id, bson FROM sessions'))
      this.#records.set(id, readRecord(decode(bytes)));
  }

  #recordOf(lsid: string, number: bigint): SessionRecord {
    const held = this.#records.get(lsid);
    if (held && held.number > number)
      throw new CommandError(
        'TransactionTooOld',
        `Cannot start transaction with { txnNumber: ${number} } on session ${lsid} because a newer transaction with txnNumber ${held.number} has already started on this session.`,
      );
    if (held?.number === number) return held;
    this.#abortOpen(lsid);
    const record: SessionRecord = { number, state: 'writing', ranges: [], results: new Map() };
    this.#records.set(lsid, record);
    return record;
  }

  /** What a statement of a retried write came to before; undefined when it was not done yet. */
  earlier(lsid: string, number: bigint, statement: number): Doc | 'done' | undefined {
    const record = this.#recordOf(lsid, number);
    if (record.state !== 'writing')
      throw new CommandError(50768, `txnNumber ${number} was used for a transaction, not for a retryable write`);
    return (
      record.results.get(statement) ??
      (record.ranges.some(([first, last]) => first <= statement && statement <= last) ? 'done' : undefined)
    );
  }

  /** Notes a statement in the same group as its write. */
  remember(lsid: string, number: bigint, statement: number, result: Doc | undefined): void {
    const record = this.#recordOf(lsid, number);
    const last = record.ranges.at(-1);
    if (result) record.results.set(statement, result);
    else if (last?.[1] === statement - 1) last[1] = statement;
    else record.ranges.push([statement, statement]);
    this.#changes(lsid);
  }

  #changes(lsid: string): void {
    this.#changed.add(lsid);
    this.#storage.openGroup();
  }

  writeChanges(now: number): void {
    for (const lsid of this.#changed) {
      const record = this.#records.get(lsid);
      if (record)
        this.#storage.run('INSERT OR REPLACE INTO sessions VALUES (?, ?, ?)', lsid, now, encode(writeRecord(record)));
    }
    this.#changed.clear();
  }

  forgetOld(now: number): void {
    const old = this.#storage.rows('SELECT id FROM sessions WHERE at_ms < ? LIMIT 1000', now - recordLifeMs);
    for (const [id] of old) {
      this.#storage.run('DELETE FROM sessions WHERE id = ?', id ?? null);
      if (!this.#open.has(String(id))) this.#records.delete(String(id));
    }
  }

  /** The transaction that a command belongs to; begins it when the command says so. */
  async transactionFor({ lsid, txnNumber, startTransaction }: SessionFields): Promise<Transaction> {
    if (lsid === undefined || txnNumber === undefined) throw badValue('a transaction needs lsid and txnNumber');
    if (startTransaction) return this.#start(lsid, txnNumber);
    const open = this.#open.get(lsid);
    if (open?.number === txnNumber) {
      open.timer.refresh();
      return open.transaction;
    }
    const record = this.#recordOf(lsid, txnNumber);
    if (record.state === 'committed')
      throw new CommandError(
        'TransactionCommitted',
        `Transaction with { txnNumber: ${txnNumber} } has been committed.`,
      );
    throw noSuchTransaction(txnNumber);
  }

  async #start(lsid: string, number: bigint): Promise<Transaction> {
    const held = this.#records.get(lsid);
    if (held?.number === number && held.state !== 'aborted' && this.#open.get(lsid)?.number !== number)
      throw new CommandError(117, `Transaction ${number} is already in progress or was committed`);
    if (held?.number === number && this.#open.has(lsid))
      throw new CommandError(117, `a transaction with txnNumber ${number} is already in progress`);
    const record = this.#recordOf(lsid, number);
    record.state = 'open';
    const snapshot = await this.#storage.snapshot();
    const transaction = new Transaction(snapshot, this.#storage, this.#catalog, this.#conflicts);
    const timer = setTimeout(() => this.abortSession(lsid), this.#idleTimeoutMs).unref();
    this.#open.set(lsid, { number, transaction, timer });
    return transaction;
  }

  commit({ lsid, txnNumber }: SessionFields): void {
    if (lsid === undefined || txnNumber === undefined) throw badValue('commitTransaction needs lsid and txnNumber');
    const open = this.#open.get(lsid);
    if (open?.number !== txnNumber) {
      const record = this.#recordOf(lsid, txnNumber);
      if (record.state === 'committed') return;
      throw noSuchTransaction(txnNumber);
    }
    this.#close(lsid, 'aborted');
    open.transaction.commit();
    const record = this.#recordOf(lsid, txnNumber);
    record.state = 'committed';
    this.#changes(lsid);
  }

  abort({ lsid, txnNumber }: SessionFields): void {
    if (lsid === undefined || txnNumber === undefined) throw badValue('abortTransaction needs lsid and txnNumber');
    const record = this.#recordOf(lsid, txnNumber);
    if (this.#open.get(lsid)?.number !== txnNumber) {
      if (record.state === 'committed')
        throw new CommandError('TransactionCommitted', `Transaction ${txnNumber} has been committed`);
      throw noSuchTransaction(txnNumber);
    }
    this.abortSession(lsid);
  }

  /** Ends a session's open transaction, if it has one. */
  abortSession(lsid: string): void {
    this.#abortOpen(lsid);
  }

  #abortOpen(lsid: string): void {
    const open = this.#open.get(lsid);
    if (!open) return;
    this.#close(lsid, 'aborted');
    open.transaction.abort();
  }

  #close(lsid: string, state: SessionRecord['state']): void {
    const open = this.#open.get(lsid);
    if (!open) return;
    clearTimeout(open.timer);
    this.afterEnd(lsid);
    this.#open.delete(lsid);
    const record = this.#records.get(lsid);
    if (record) record.state = state;
  }

  abortAll(): void {
    for (const lsid of [...this.#open.keys()]) this.#abortOpen(lsid);
  }
}

function noSuchTransaction(number: bigint): CommandError {
  return new CommandError(
    'NoSuchTransaction',
    `Given transaction number ${number} does not match any in-progress transactions.`,
  ).label('TransientTransactionError');
}

function writeRecord(record: SessionRecord): Doc {
  return doc({
    number: record.number,
    state: record.state,
    ranges: record.ranges.map(([first, last]) => [int(first), int(last)]),
    results: [...record.results].map(([statement, result]) => doc({ statement: int(statement), result })),
  });
}

function readRecord(fields: Doc): SessionRecord {
  const number = fields.get('number');
  const list = (name: string): Value[] => {
    const value = fields.get(name);
    return Array.isArray(value) ? value : [];
  };
  const results = new Map<number, Doc>();
  for (const item of list('results')) {
    const result = isDoc(item) ? item.get('result') : undefined;
    if (isDoc(item) && isDoc(result)) results.set(wholeNumber(item.get('statement')) ?? 0, result);
  }
  return {
    number: typeof number === 'bigint' ? number : 0n,
    state:
      fields.get('state') === 'committed' ? 'committed' : fields.get('state') === 'writing' ? 'writing' : 'aborted',
    ranges: list('ranges').map((range): [number, number] => {
      const [first, last] = Array.isArray(range) ? range.map(wholeNumber) : [];
      return [first ?? 0, last ?? -1];
    }),
    results,
  };
}

/** The session fields of a command. */
export function sessionFieldsOf(command: Doc): SessionFields {
  const lsid = command.get('lsid');
  const id = isDoc(lsid) ? lsid.get('id') : undefined;
  const number = command.get('txnNumber');
  const fields: SessionFields = {
    autocommit: command.get('autocommit') !== false,
    startTransaction: command.get('startTransaction') === true,
  };
  if (id instanceof Opaque) fields.lsid = id.bytes.toString('hex');
  if (typeof number === 'bigint') fields.txnNumber = number;
  else if (wholeNumber(number) !== undefined) fields.txnNumber = BigInt(wholeNumber(number) ?? 0);
  return fields;
}
