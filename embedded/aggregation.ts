/** Pipelines over collections: what a query can do is done by the query, through its indexes; stages do the rest. */
import { decode, doc, isDoc, type Doc, type Value } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Collation } from './collation.ts';
import type { Variables } from './expressions.ts';
import { compilePipeline, type Docs, type PipelineContext } from './pipeline.ts';
import type { Request } from './request.ts';
import { runQuery, type Query } from './reading.ts';
import { sortFieldsOf } from './sort.ts';
import { wholeNumber } from './values.ts';

/** The beginning of a pipeline that is a query, and the stages behind it. */
export function splitPipeline(
  stages: Doc[],
  collation: Collation | undefined,
  hint?: Value,
): { query: Query; rest: Doc[] } {
  let at = 0;
  /** The next stage's operand, if it is of this name and shape. */
  const take = <T>(name: string, read: (operand: Value) => T | undefined): T | undefined => {
    const operand = stages[at]?.get(name);
    const told = operand === undefined ? undefined : read(operand);
    if (told !== undefined) at++;
    return told;
  };
  const docOf = (operand: Value) => (isDoc(operand) ? operand : undefined);
  const wholeFrom = (least: number) => (operand: Value) => {
    const number = wholeNumber(operand) ?? -1;
    return number < least ? undefined : number;
  };
  const matches: Doc[] = [];
  for (let match = take('$match', docOf); match; match = take('$match', docOf)) matches.push(match);
  const [only] = matches;
  const query: Query = {
    query: matches.length > 1 ? doc({ $and: matches }) : (only ?? new Map<string, Value>()),
    sort: sortFieldsOf(take('$sort', docOf)),
    skip: take('$skip', wholeFrom(0)) ?? 0,
    limit: take('$limit', wholeFrom(1)) ?? 0,
    collation,
    hint,
  };
  return { query, rest: stages.slice(at) };
}

export function pipelineContext(
  request: Request,
  collation: Collation | undefined,
  variables: Variables = request.variables,
): PipelineContext {
  return {
    collation,
    variables,
    read: (name, stages, inner) =>
      runPipeline(request, request.scope.collection(request.db, name), stages, collation, inner),
  };
}

/** The documents that a pipeline makes of a collection. */
export function* runPipeline(
  request: Request,
  collection: Collection | undefined,
  stages: Doc[],
  collation: Collation | undefined,
  variables: Variables = request.variables,
  hint?: Value,
): Generator<Doc | undefined> {
  const { query, rest } = splitPipeline(stages, collation, hint);
  const context = pipelineContext(request, collation, variables);
  const run = compilePipeline(rest, context);
  yield* run(documentsOf(runQuery(request, collection, query, context)));
}

function* documentsOf(rows: Iterable<Buffer | undefined>): Docs & Generator<Doc | undefined> {
  for (const row of rows) yield row && decode(row);
}
