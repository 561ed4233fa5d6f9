/** Pipelines: what a query can do is done by the query; mingo does the rest. */
import { deserialize, serialize } from 'bson';
import { Aggregator, Query } from 'mingo';
import { decode, encode, isDoc, type Doc, type Value } from './bson.ts';
import { CommandError, failedToParse } from './errors.ts';
import { wholeNumber } from './values.ts';

type Plain = Record<string, unknown>;

/** A document as mingo reads it. */
export function toPlain(bytes: Buffer): Plain {
  return deserialize(bytes, { promoteBuffers: false });
}

export function fromPlain(value: unknown): Buffer {
  return Buffer.from(serialize(value as Plain));
}

function plainValue(value: Value): unknown {
  return toPlain(encode(new Map([['v', value]])))['v'];
}

export interface Outside {
  /** All documents of another collection of the same database. */
  collection(name: string): Plain[];
  variables: Doc | undefined;
}

function optionsOf(outside: Outside): Plain {
  return {
    collectionResolver: (name: string) => outside.collection(name),
    variables: outside.variables ? plainValue(outside.variables) : {},
    scriptEnabled: false,
  };
}

/** `$expr` as a predicate. */
export function expressionTest(expression: Value, variables?: Doc): (fields: Doc) => boolean {
  const query = new Query({ $expr: plainValue(expression) }, optionsOf({ collection: () => [], variables }));
  return (fields) => query.test(toPlain(encode(fields)));
}

/** An expression as a function of the document. */
export function expressionValue(expression: Value, variables?: Doc): (fields: Doc) => Value | undefined {
  const aggregator = new Aggregator(
    [{ $project: { _id: 0, v: plainValue(expression) } }],
    optionsOf({ collection: () => [], variables }),
  );
  return (fields) => {
    const [result] = aggregator.run([toPlain(encode(fields))]);
    return result && decode(fromPlain(result)).get('v');
  };
}

export interface Pipeline {
  match: Doc;
  sort: Doc | undefined;
  skip: number;
  limit: number;
  rest: Doc[];
}

/** The beginning of a pipeline that a query can do. */
export function splitPipeline(stages: Value): Pipeline {
  if (!Array.isArray(stages)) throw failedToParse("'pipeline' option must be specified as an array");
  const pipeline: Pipeline = { match: new Map(), sort: undefined, skip: 0, limit: 0, rest: [] };
  const docs = stages.map((stage) => {
    if (!isDoc(stage)) throw failedToParse("Each element of the 'pipeline' array must be an object");
    if (stage.size !== 1)
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    return stage;
  });
  const matches: Value[] = [];
  let at = 0;
  const argument = (name: string) => docs[at]?.get(name);
  for (let match = argument('$match'); isDoc(match); match = argument('$match')) {
    matches.push(match);
    at++;
  }
  if (matches.length > 0)
    pipeline.match = matches.length === 1 && isDoc(matches[0]) ? matches[0] : new Map([['$and', matches]]);
  const sort = argument('$sort');
  if (isDoc(sort)) {
    pipeline.sort = sort;
    at++;
  }
  const skip = wholeNumber(argument('$skip'));
  if (skip !== undefined && skip >= 0) {
    pipeline.skip = skip;
    at++;
  }
  const limit = wholeNumber(argument('$limit'));
  if (limit !== undefined && limit > 0) {
    pipeline.limit = limit;
    at++;
  }
  pipeline.rest = docs.slice(at);
  return pipeline;
}

export function runStages(stages: Doc[], documents: Buffer[], outside: Outside): Buffer[] {
  const plain = stages.map((stage) => toPlain(encode(stage)));
  try {
    return new Aggregator(plain, optionsOf(outside)).run(documents.map(toPlain)).map(fromPlain);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw /unregistered|operator/.test(message)
      ? new CommandError(40324, `Unrecognized pipeline stage name: ${message}`)
      : failedToParse(message);
  }
}
