/** Commands that read. */
import { decode, doc, encode, int, isDoc, type Doc, type Value } from './bson.ts';
import { runStages, splitPipeline, toPlain } from './aggregation.ts';
import type { Collection } from './catalog.ts';
import type { Collation } from './collation.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { visitPath } from './paths.ts';
import { plan, type Plan, type SortField } from './planner.ts';
import { Projection } from './projection.ts';
import { answers, matching, matchingBytes, rowsOf, sorted } from './reading.ts';
import type { Request } from './request.ts';
import { equalValues, nameOf, wholeNumber } from './values.ts';

export function sortFieldsOf(sort: Doc | undefined): SortField[] {
  return [...(sort ?? [])].map(([name, value]) => {
    const direction = wholeNumber(value);
    if (isDoc(value)) throw badValue('$meta sort is not supported by this store');
    if (direction !== 1 && direction !== -1)
      throw badValue(`$sort key ordering must be 1 (for ascending) or -1 (for descending)`);
    if (name.split('.').includes('')) throw badValue('FieldPath field names may not be empty');
    return { path: name.split('.'), direction };
  });
}

export interface Query {
  query: Doc;
  sort: SortField[];
  skip: number;
  limit: number;
  collation: Collation | undefined;
  hint: Value | undefined;
  projection?: Projection | undefined;
}

export function planOf(collection: Collection, query: Query): Plan {
  const sort = query.sort.filter(({ path }) => path[0] !== '$natural');
  const natural = query.sort.find(({ path }) => path[0] === '$natural');
  if (natural) return { kind: 'collection', forward: natural.direction > 0, providesSort: false };
  return plan(collection, { ...query, sort });
}

/** The answer to a query, as the bytes that travel. */
export function* run(
  request: Request,
  collection: Collection | undefined,
  query: Query,
): Generator<Buffer | undefined> {
  const filter = request.filter(query.query, query.collation);
  if (!collection) return;
  const chosen = planOf(collection, query);
  const rows = rowsOf(request.scope.view, collection, chosen);
  const sort = query.sort.filter(({ path }) => path[0] !== '$natural');
  const needsSort = sort.length > 0 && !chosen.providesSort;
  if (!needsSort && !query.projection) {
    yield* answers(matchingBytes(rows, filter), query.skip, query.limit);
    return;
  }
  const found = matching(rows, filter);
  const ordered = needsSort
    ? sorted(found, sort, query.limit && query.limit + query.skip, query.collation?.compare)
    : found;
  yield* answers(ordered, query.skip, query.limit, query.projection);
}

function queryOf(request: Request, collection: Collection | undefined): Query {
  const collation = request.collation(collection);
  const projection = request.document('projection');
  return {
    query: request.document('filter') ?? new Map<string, Value>(),
    sort: sortFieldsOf(request.document('sort')),
    skip: request.whole('skip', 0),
    limit: request.whole('limit', 0),
    collation,
    hint: request.get('hint'),
    projection: projection && projection.size > 0 ? new Projection(projection, request.context(collation)) : undefined,
  };
}

export async function find(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = queryOf(request, collection);
  if (request.flag('tailable'))
    throw badValue('error processing query: tailable cursor requested on non capped collection');
  const batchSize = request.whole('batchSize', 101);
  // Compiled before the first batch, so that a wrong filter is refused even when no batch is asked for.
  request.filter(query.query, query.collation);
  return openCursor(
    request,
    `${request.db}.${request.target}`,
    run(request, collection, query),
    batchSize,
    query.limit,
    request.flag('singleBatch'),
  );
}

async function openCursor(
  request: Request,
  namespace: string,
  rows: Iterator<Buffer | undefined>,
  batchSize: number,
  limit: number,
  isSingle = false,
): Promise<Doc> {
  const { cursors } = request.engine;
  const { lsid } = request.session;
  const cursor = cursors.create(namespace, rows, lsid, request.scope.isTransaction ? lsid : undefined, limit);
  return doc({ cursor: await cursors.batch(cursor, 'firstBatch', batchSize, request.pace, isSingle) });
}

export async function getMore(request: Request): Promise<Doc> {
  const id = request.get('getMore');
  const name = request.get('collection');
  if (typeof id !== 'bigint') throw failedToParse('cursor id must be a long');
  const { cursors } = request.engine;
  const cursor = cursors.take(id, `${request.db}.${nameOf(name)}`);
  const size = request.whole('batchSize', 0);
  return doc({ cursor: await cursors.batch(cursor, 'nextBatch', size === 0 ? Infinity : size, request.pace) });
}

export function killCursors(request: Request): Doc {
  const ids = request.get('cursors');
  if (!Array.isArray(ids)) throw failedToParse("'cursors' must be an array");
  const killed: Value[] = [];
  const missing: Value[] = [];
  for (const id of ids) (typeof id === 'bigint' && request.engine.cursors.kill(id) ? killed : missing).push(id);
  return doc({ cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [] });
}

/** All rows of an answer, resting on the way. */
export async function collect(request: Request, rows: Iterable<Buffer | undefined>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for (const row of rows) {
    if (row) all.push(row);
    if (!row || request.pace.isOver) await request.pace.rest();
  }
  return all;
}

export async function count(request: Request): Promise<Doc> {
  const collection = request.collection();
  const collation = request.collation(collection);
  const query = request.document('query') ?? new Map<string, Value>();
  const limit = Math.abs(wholeNumber(request.get('limit')) ?? 0);
  const rows = run(request, collection, {
    query,
    sort: [],
    skip: request.whole('skip', 0),
    limit,
    collation,
    hint: request.get('hint'),
  });
  let n = 0;
  for (const row of rows) {
    if (row) n++;
    else await request.pace.rest();
  }
  return doc({ n: int(n) });
}

export async function distinct(request: Request): Promise<Doc> {
  const collection = request.collection();
  const collation = request.collation(collection);
  const key = request.get('key');
  if (typeof key !== 'string')
    throw new CommandError('TypeMismatch', `BSON field 'distinct.key' is the wrong type, expected type 'string'`);
  const path = key.split('.');
  const query = request.document('query') ?? new Map<string, Value>();
  const values: Value[] = [];
  const seen = new Set<string>();
  const take = (value: Value) => {
    const text = encode(new Map([['', value]])).toString('latin1');
    if (seen.has(text)) return;
    seen.add(text);
    if (!values.some((held) => equalValues(held, value, collation?.compare))) values.push(value);
  };
  for (const row of run(request, collection, {
    query,
    sort: [],
    skip: 0,
    limit: 0,
    collation,
    hint: request.get('hint'),
  })) {
    if (!row) {
      await request.pace.rest();
      continue;
    }
    visitPath(decode(row, new Set([path[0] ?? ''])), path, (value, position) => {
      if (value !== undefined && (position < 0 || !Array.isArray(value)) && !Array.isArray(value)) take(value);
      return false;
    });
  }
  return doc({ values });
}

export async function aggregate(request: Request): Promise<Doc> {
  const target = request.body.get('aggregate');
  const cursorOptions = request.document('cursor');
  if (!cursorOptions && !request.flag('explain'))
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  const collection = typeof target === 'string' ? request.collection() : undefined;
  const collation = request.collation(collection);
  const pipeline = splitPipeline(request.get('pipeline') ?? null);
  const query: Query = {
    query: pipeline.match,
    sort: sortFieldsOf(pipeline.sort),
    skip: pipeline.skip,
    limit: pipeline.limit,
    collation,
    hint: request.get('hint'),
  };
  const batchSize = wholeNumber(cursorOptions?.get('batchSize')) ?? 101;
  const name = typeof target === 'string' ? `${request.db}.${target}` : `${request.db}.$cmd.aggregate`;
  let rows: Iterator<Buffer | undefined> = run(request, collection, query);
  if (pipeline.rest.length > 0) {
    const documents = await collect(request, run(request, collection, query));
    const outside = {
      collection: (other: string) => {
        const found = request.scope.collection(request.db, other);
        if (!found) return [];
        const all = run(request, found, {
          query: new Map(),
          sort: [],
          skip: 0,
          limit: 0,
          collation: undefined,
          hint: undefined,
        });
        return [...all].filter((row) => row !== undefined).map(toPlain);
      },
      variables: request.document('let'),
    };
    rows = runStages(pipeline.rest, documents, outside).values();
  }
  return openCursor(request, name, rows, batchSize, 0);
}
