/** `configureFailPoint`: only for the drivers' specification tests, and only when the store was started with `--test-commands`. */
import { doc, int, isDoc, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import { docOf, listOf } from './fields.ts';
import type { Request } from './request.ts';
import { nameOf, wholeNumber } from './values.ts';

/** What a command meets at an armed fail point. */
export interface Failure {
  closes: boolean;
  delayMs: number;
  error: CommandError | undefined;
  writeConcernError: Doc | undefined;
  labels: string[];
}

/** The connection is to be closed without a reply. */
export class Hangup extends Error {}

const known = ['failCommand', 'onPrimaryTransactionalWrite'];
/** Codes after which a driver may retry: MongoDB labels them itself. */
const retryable = new Set([11600, 11602, 10107, 13435, 13436, 189, 91, 7, 6, 89, 9001, 262, 134]);
const transient = new Set([24, 112, 246, 251, 267]);

export class FailPoint {
  #name = '';
  #left = 0;
  #skip = 0;
  #data: Doc = new Map();

  configure(name: string, mode: Value | undefined, data: Doc): void {
    const times = wholeNumber(docOf(mode).get('times')) ?? Infinity;
    this.#name = name;
    this.#skip = wholeNumber(docOf(mode).get('skip')) ?? 0;
    this.#left = isDoc(mode) ? times : mode === 'alwaysOn' ? Infinity : 0;
    this.#data = data;
  }

  #fires(): boolean {
    if (this.#left <= 0 || this.#skip-- > 0) return false;
    this.#left--;
    return true;
  }

  meet(command: string, body: Doc, appName: string): Failure | undefined {
    const data = this.#data;
    const isMeant =
      this.#name === 'failCommand' &&
      listOf(data.get('failCommands')).includes(command) &&
      (data.get('appName') ?? appName) === appName;
    if (!isMeant || !this.#fires()) return undefined;
    const code = wholeNumber(data.get('errorCode'));
    const concern = data.get('writeConcernError');
    const concernCode = wholeNumber(docOf(concern).get('code'));
    const given = data.get('errorLabels');
    const labels = given
      ? listOf(given).map(nameOf)
      : labelsFor(command, body, code ?? concernCode, code === undefined);
    return {
      closes: data.get('closeConnection') === true,
      delayMs: data.get('blockConnection') === true ? (wholeNumber(data.get('blockTimeMS')) ?? 0) : 0,
      error:
        code === undefined
          ? undefined
          : new CommandError(code, "Failing command via 'failCommand' failpoint").label(...labels),
      writeConcernError: isDoc(concern) ? concern : undefined,
      labels,
    };
  }

  /** Hangs up before or after a retryable write. */
  async around<T>(write: () => Promise<T>): Promise<T> {
    const isMet = this.#name === 'onPrimaryTransactionalWrite' && this.#fires();
    if (isMet && this.#data.has('failBeforeCommitExceptionCode')) throw new Hangup();
    const result = await write();
    if (isMet) throw new Hangup();
    return result;
  }
}

function labelsFor(name: string, body: Doc, code: number | undefined, isConcern: boolean): string[] {
  if (code === undefined) return [];
  const isEnd = name === 'commitTransaction' || name === 'abortTransaction';
  const isInside = body.get('autocommit') === false && !isEnd;
  if (transient.has(code) && name !== 'abortTransaction' && (isInside || isEnd)) return ['TransientTransactionError'];
  if (isInside) return retryable.has(code) && !isConcern ? ['TransientTransactionError'] : [];
  return retryable.has(code) && (isEnd || body.has('txnNumber')) ? ['RetryableWriteError'] : [];
}

export function configureFailPoint(request: Request): Doc {
  const { failPoint } = request.engine;
  if (!failPoint) throw new CommandError('CommandNotFound', `no such command: 'configureFailPoint'`);
  const name = nameOf(request.get('configureFailPoint'));
  if (!known.includes(name)) throw badValue(`only ${known.join(' and ')} are known`);
  failPoint.configure(name, request.get('mode'), docOf(request.document('data')));
  return doc({ count: int(0) });
}
