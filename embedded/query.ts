/** One query: filter, order, limits, projection. */
import type { Doc, Value } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Collation } from './collation.ts';
import { Filter } from './matcher.ts';
import { filterContext, type PipelineContext } from './pipeline.ts';
import { plan, type Plan } from './planner.ts';
import type { Projection } from './projection.ts';
import { answers, matching, matchingBytes, measured, rowsOf } from './reading.ts';
import type { Request } from './request.ts';
import { sorted, type SortField } from './sort.ts';

export interface Query {
  query: Doc;
  sort: SortField[];
  skip: number;
  limit: number;
  collation: Collation | undefined;
  hint: Value | undefined;
  projection?: Projection | undefined;
}

export function planOf(collection: Collection, query: Query, variables: PipelineContext['variables']): Plan {
  const natural = query.sort.find(({ path }) => path[0] === '$natural');
  if (natural) return { kind: 'collection', forward: natural.direction > 0, providesSort: false };
  return plan(collection, { ...query, variables });
}

/** The answer to a query, as the bytes that travel. Errors: at once, for what the query says wrong. */
export function runQuery(
  request: Request,
  collection: Collection | undefined,
  query: Query,
  context: PipelineContext,
): Generator<Buffer | undefined> {
  const filter = new Filter(query.query, filterContext(context));
  return collection ? rowsOfQuery(request, collection, query, filter, context) : nothing();
}

function* nothing(): Generator<Buffer | undefined> {
  // A collection that does not exist has no documents.
}

function* rowsOfQuery(
  request: Request,
  collection: Collection,
  query: Query,
  filter: Filter,
  context: PipelineContext,
): Generator<Buffer | undefined> {
  const chosen = planOf(collection, query, context.variables);
  const rows = rowsOf(request.scope.view, collection, chosen);
  const sort = query.sort.filter(({ path }) => path[0] !== '$natural');
  const needsSort = sort.length > 0 && !chosen.providesSort;
  if (!needsSort && !query.projection) {
    yield* answers(matchingBytes(rows, filter), query.skip, query.limit);
    return;
  }
  const found = matching(rows, filter);
  const ordered = needsSort
    ? sorted(found, measured, sort, query.limit && query.limit + query.skip, query.collation?.compare)
    : found;
  yield* answers(ordered, query.skip, query.limit, query.projection);
}
