/** What stages are made of: streams of documents, where `undefined` is a place to rest. */
import { encode, isDoc, type Doc, type Value } from './bson.ts';
import type { Collation } from './collation.ts';
import { CommandError, failedToParse } from './errors.ts';
import type { Variables } from './expressions.ts';
import { wholeNumber } from './values.ts';

export type Docs = Iterable<Doc | undefined>;
export type Stage = (rows: Docs) => Docs;

export interface PipelineContext {
  collation: Collation | undefined;
  variables: Variables;
  /** What another collection of the same database gives when these stages run over it. */
  read(collection: string, stages: Doc[], variables: Variables): Docs;
}

export type StageMaker = (operand: Value, context: PipelineContext, name: string) => Stage;

/** What a stage that needs all documents at once may hold. */
const gatheredBytesMax = 100 * 1024 * 1024;
/** How many documents in memory go by between two places to rest. */
export const turnRows = 100;

export function specOf(name: string, operand: Value, known?: readonly string[]): Doc {
  if (!isDoc(operand)) throw new CommandError(15959, `the ${name} specification must be an object`);
  for (const each of operand.keys())
    if (known && !known.includes(each)) throw failedToParse(`unknown argument to ${name}: ${each}`);
  return operand;
}

/** A stage that makes any number of documents of one. */
export function expanding(tell: (row: Doc) => Docs): Stage {
  return function* (rows) {
    for (const row of rows) {
      if (row) yield* tell(row);
      else yield undefined;
    }
  };
}

/** A stage that makes one document of one, or none. */
export function mapping(change: (row: Doc) => Doc | undefined): Stage {
  return expanding((row) => [change(row)]);
}

/** What is held of all documents, for a stage that needs them at once. Errors: over 100 MB. */
export function* gathered<T>(rows: Docs, hold: (row: Doc) => T): Generator<undefined, T[]> {
  const all: T[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (!row) {
      yield undefined;
      continue;
    }
    all.push(hold(row));
    if ((bytes += encode(row).length) > gatheredBytesMax)
      throw new CommandError('ExceededMemoryLimit', `a stage may hold ${gatheredBytesMax} bytes of documents at most`);
  }
  return all;
}

/** Documents that are in memory, with places to rest. */
export function* inTurns<T>(rows: Iterable<T>): Generator<T | undefined> {
  let told = 0;
  for (const row of rows) {
    yield row;
    if (++told % turnRows === 0) yield undefined;
  }
}

export function counted(name: string, operand: Value | undefined, least: number): number {
  const number = wholeNumber(operand);
  if (number === undefined || number < least)
    throw new CommandError(least > 0 ? 15958 : 5107200, `invalid argument to ${name}: a number of at least ${least}`);
  return number;
}
