/** `configureFailPoint`: only for the drivers' specification tests, and only when the store was started with `--test-commands`. */
import { doc, int, isDoc, type Doc, type Value } from './bson.ts';
import { badValue, CommandError } from './errors.ts';
import type { Request } from './request.ts';
import { nameOf, wholeNumber } from './values.ts';

/** What a command meets at an armed fail point. */
export interface Failure {
  closes: boolean;
  delayMs: number;
  error: CommandError | undefined;
  writeConcernError: Doc | undefined;
}

/** Codes after which a driver may retry: MongoDB labels them itself. */
const retryable = new Set([11600, 11602, 10107, 13435, 13436, 189, 91, 7, 6, 89, 9001, 262, 134]);

export class FailPoint {
  #left = 0;
  #skip = 0;
  #data: Doc = new Map();

  configure(mode: Value | undefined, data: Doc): void {
    this.#skip = isDoc(mode) ? (wholeNumber(mode.get('skip')) ?? 0) : 0;
    this.#left = isDoc(mode) ? (wholeNumber(mode.get('times')) ?? Infinity) : mode === 'alwaysOn' ? Infinity : 0;
    this.#data = data;
  }

  meet(name: string, body: Doc, appName: string | undefined): Failure | undefined {
    const commands = this.#data.get('failCommands');
    if (this.#left <= 0 || !Array.isArray(commands) || !commands.includes(name)) return undefined;
    const wanted = this.#data.get('appName');
    if (wanted !== undefined && wanted !== appName) return undefined;
    if (this.#skip > 0) {
      this.#skip--;
      return undefined;
    }
    this.#left--;
    const code = wholeNumber(this.#data.get('errorCode'));
    const labels = this.#data.get('errorLabels');
    const isConcern = isDoc(this.#data.get('writeConcernError'));
    const failure: Failure = {
      closes: this.#data.get('closeConnection') === true,
      delayMs: this.#data.get('blockConnection') === true ? (wholeNumber(this.#data.get('blockTimeMS')) ?? 0) : 0,
      error: code === undefined ? undefined : new CommandError(code, `Failing command via 'failCommand' failpoint`),
      writeConcernError: undefined,
    };
    const concern = this.#data.get('writeConcernError');
    if (isDoc(concern)) failure.writeConcernError = new Map(concern);
    const given = Array.isArray(labels) ? labels.map(nameOf) : undefined;
    const concernCode = isDoc(concern) ? wholeNumber(concern.get('code')) : undefined;
    const own = given ?? labelsFor(name, body, code ?? concernCode, code === undefined);
    if (failure.error) failure.error.label(...own);
    else if (isConcern && own.length > 0) failure.writeConcernError?.set('errorLabels', own);
    return failure;
  }
}

function labelsFor(name: string, body: Doc, code: number | undefined, isConcern: boolean): string[] {
  if (code === undefined) return [];
  const isEnd = name === 'commitTransaction' || name === 'abortTransaction';
  const inTransaction = body.get('autocommit') === false;
  const transient = name !== 'abortTransaction' && [24, 112, 246, 251].includes(code);
  if (transient && (inTransaction || isEnd)) return ['TransientTransactionError'];
  if (isConcern && inTransaction && !isEnd) return [];
  if (inTransaction && !isEnd && retryable.has(code)) return ['TransientTransactionError'];
  if (retryable.has(code) && (isEnd || (body.has('txnNumber') && !inTransaction))) return ['RetryableWriteError'];
  return [];
}

export function configureFailPoint(request: Request): Doc {
  const { failPoint } = request.engine;
  if (!failPoint) throw new CommandError('CommandNotFound', `no such command: 'configureFailPoint'`);
  if (request.get('configureFailPoint') !== 'failCommand') throw badValue('only failCommand is known');
  failPoint.configure(request.get('mode'), request.document('data') ?? new Map<string, Value>());
  return doc({ count: int(0) });
}
