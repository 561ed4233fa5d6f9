/** Queries at work: a plan becomes rows, rows become answers, with pauses on the way. */
import { decode, encode, type Doc, type Value } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Collation } from './collation.ts';
import { Filter, type MatchTrace } from './matcher.ts';
import { filterContext, type PipelineContext } from './pipeline.ts';
import { plan, type Plan } from './planner.ts';
import type { Projection } from './projection.ts';
import type { Request } from './request.ts';
import { sorted, type SortField } from './sort.ts';
import type { Entry, KeyRange, Row, View } from './storage.ts';

export interface Query {
  query: Doc;
  sort: SortField[];
  skip: number;
  limit: number;
  collation: Collation | undefined;
  hint: Value | undefined;
  projection?: Projection | undefined;
}

/** Rows, and `undefined` where the reader may rest. Whoever resumes sees what was written meanwhile. */
export type Rows<T extends Row = Row> = Generator<T | undefined>;

/** A row that matches; decoded only when someone looks. */
export class Found implements Row {
  readonly key: number;
  readonly bytes: Buffer;
  readonly trace: MatchTrace;
  #fields: Doc | undefined;

  constructor(row: Row, trace: MatchTrace, fields?: Doc) {
    this.key = row.key;
    this.bytes = row.bytes;
    this.trace = trace;
    this.#fields = fields;
  }

  get fields(): Doc {
    return (this.#fields ??= decode(this.bytes));
  }
}

/** The row if it matches. */
export function match(row: Row, filter: Filter): Found | undefined {
  const trace: MatchTrace = {};
  if (filter.roots?.size === 0) return new Found(row, trace);
  const fields = decode(row.bytes, filter.roots);
  return filter.matches(fields, trace) ? new Found(row, trace, filter.roots ? undefined : fields) : undefined;
}

/** The answer to a query, as the bytes that travel. Errors: at once, for what the query says wrong. */
export function runQuery(
  request: Request,
  collection: Collection | undefined,
  query: Query,
  context: PipelineContext,
): Generator<Buffer | undefined> {
  return answers(search(request.scope.view, collection, query, context).rows, query);
}

/** The documents that a query finds, in its order. Errors: at once, for what the query says wrong. */
export function search(
  view: View,
  collection: Collection | undefined,
  query: Query,
  context: PipelineContext,
): { filter: Filter; rows: Rows<Found> } {
  const filter = new Filter(query.query, filterContext(context));
  return { filter, rows: found(view, collection, query, filter, context) };
}

function* found(
  view: View,
  collection: Collection | undefined,
  query: Query,
  filter: Filter,
  { variables }: PipelineContext,
): Rows<Found> {
  if (!collection) return;
  const chosen = plan(collection, { ...query, variables });
  const rows = matching(rowsOf(view, collection, chosen), filter);
  const { sort, skip, limit, collation } = query;
  if (sort.length === 0 || chosen.providesSort) yield* rows;
  else
    yield* sorted(
      rows,
      ({ fields, bytes }) => ({ fields, bytes: bytes.length }),
      sort,
      limit && limit + skip,
      collation?.compare,
    );
}

export function* rowsOf(view: View, collection: Collection, plan: Plan): Rows {
  switch (plan.kind) {
    case 'collection':
      yield* scanCollection(view, collection, plan.forward);
      break;
    case 'index':
      yield* scanIndex(view, plan.index.id, plan.ranges, plan.forward, plan.index.isMultikey || plan.ranges.length > 1);
      break;
    case 'either': {
      const told = new Set<number>();
      for (const each of plan.plans)
        for (const row of rowsOf(view, collection, each)) {
          if (row && told.has(row.key)) continue;
          if (row) told.add(row.key);
          yield row;
        }
      break;
    }
    default:
      plan satisfies never;
  }
}

export function* scanCollection(view: View, collection: Collection, forward = true): Rows {
  let { firstKey: from, lastKey: to } = collection;
  for (;;) {
    const rows = view.documents(from, to, forward);
    const last = rows.at(-1);
    if (!last) return;
    yield* rows;
    yield undefined;
    if (forward) from = last.key + 1;
    else to = last.key - 1;
  }
}

/** The entries within a range, chunk by chunk. */
export function* entriesOf(view: View, index: number, range: KeyRange, forward = true): Generator<Entry[]> {
  for (let after: Entry | undefined; ;) {
    const entries = view.entries(index, range, forward, after);
    after = entries.at(-1);
    if (!after) return;
    yield entries;
  }
}

function* scanIndex(view: View, index: number, ranges: KeyRange[], forward: boolean, mayRepeat: boolean): Rows {
  const told = new Set<number>();
  for (const range of ranges)
    for (const entries of entriesOf(view, index, range, forward)) {
      for (const { document, bytes } of entries) {
        if (mayRepeat && told.has(document)) continue;
        if (mayRepeat) told.add(document);
        yield { key: document, bytes };
      }
      yield undefined;
    }
}

export function* matching(rows: Rows, filter: Filter): Rows<Found> {
  for (const row of rows) {
    const found = row && match(row, filter);
    if (found || !row) yield found;
  }
}

/** Skips, limits and projects into the bytes that travel. */
function* answers(rows: Rows<Found>, { skip, limit, projection }: Query): Generator<Buffer | undefined> {
  let toSkip = skip;
  let left = limit || Infinity;
  for (const row of rows) {
    if (!row) yield undefined;
    else if (toSkip > 0) toSkip--;
    else {
      yield projection ? encode(projection.apply(row.fields, row.trace)) : row.bytes;
      if (--left <= 0) return;
    }
  }
}
