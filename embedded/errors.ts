/** Refusals, with MongoDB's error codes. */
import type { Value } from './bson.ts';

const codes = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  Unauthorized: 13,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  InvalidBSON: 22,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  MaxTimeMSExpired: 50,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  InvalidIdField: 53,
  WriteConflict: 112,
  CannotIndexParallelArrays: 171,
  CursorInUse: 12051,
  SnapshotUnavailable: 246,
  TransactionTooOld: 225,
  NoSuchTransaction: 251,
  TransactionCommitted: 256,
  OperationNotSupportedInTransaction: 263,
  InvalidPipelineOperator: 168,
  ExceededMemoryLimit: 146,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  NotImplemented: 238,
  Interrupted: 11601,
  DuplicateKey: 11000,
  BSONObjectTooLarge: 10334,
  IDLUnknownField: 40415,
} as const;

export type CodeName = keyof typeof codes;

/** A refusal that travels to the client as `{ ok: 0, code, codeName, errmsg }`, or as one entry of `writeErrors`. */
export class CommandError extends Error {
  readonly code: number;
  readonly codeName: string;
  readonly labels: string[] = [];
  /** What else the reply carries: `keyPattern` and `keyValue` of a duplicate key. */
  readonly details: Record<string, Value>;

  constructor(code: CodeName | number, message: string, details: Record<string, Value> = {}) {
    super(message);
    this.name = 'CommandError';
    this.code = typeof code === 'number' ? code : codes[code];
    this.codeName = typeof code === 'number' ? nameOf(code) : code;
    this.details = details;
  }

  label(...labels: string[]): this {
    this.labels.push(...labels);
    return this;
  }
}

function nameOf(code: number): string {
  return Object.entries(codes).find(([, each]) => each === code)?.[0] ?? `Location${code}`;
}

export function badValue(message: string): CommandError {
  return new CommandError('BadValue', message);
}

export function failedToParse(message: string): CommandError {
  return new CommandError('FailedToParse', message);
}

export function typeMismatch(message: string): CommandError {
  return new CommandError('TypeMismatch', message);
}

export function writeConflict(): CommandError {
  return new CommandError(
    'WriteConflict',
    'Caused by :: WriteConflict: this operation conflicted with another operation; please retry it or its transaction',
  ).label('TransientTransactionError');
}
