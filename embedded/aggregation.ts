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
  const query: Query = { query: new Map(), sort: [], skip: 0, limit: 0, collation, hint };
  let at = 0;
  const argument = (name: string) => stages[at]?.get(name);
  const matches: Doc[] = [];
  for (let match = argument('$match'); isDoc(match); match = argument('$match')) {
    matches.push(match);
    at++;
  }
  const [only] = matches;
  if (only) query.query = matches.length === 1 ? only : doc({ $and: matches });
  const sort = argument('$sort');
  if (isDoc(sort)) {
    query.sort = sortFieldsOf(sort);
    at++;
  }
  const skip = wholeNumber(argument('$skip'));
  if (skip !== undefined && skip >= 0) {
    query.skip = skip;
    at++;
  }
  const limit = wholeNumber(argument('$limit'));
  if (limit !== undefined && limit > 0) {
    query.limit = limit;
    at++;
  }
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
