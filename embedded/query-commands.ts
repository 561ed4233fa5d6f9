/** Commands that read. */
import { decode, doc, encode, int, type Doc, type Value } from './bson.ts';
import { pipelineContext, runPipeline, splitPipeline } from './aggregation.ts';
import type { Collection } from './catalog.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { explainPlan } from './explain.ts';
import { writeOutput } from './output.ts';
import { visitPath } from './paths.ts';
import { compilePipeline, stagesOf, type Docs } from './pipeline.ts';
import { Projection } from './projection.ts';
import { runQuery, type Query } from './query.ts';
import type { Request } from './request.ts';
import { sortFieldsOf } from './sort.ts';
import { equalValues, nameOf, wholeNumber } from './values.ts';

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
  for (const name of ['min', 'max', 'returnKey', 'showRecordId'])
    if (request.get(name) !== undefined && request.get(name) !== false)
      throw new CommandError('NotImplemented', `find option '${name}' is not supported by this store`);
  const batchSize = request.whole('batchSize', 101);
  return openCursor(
    request,
    `${request.db}.${request.target}`,
    runQuery(request, collection, query, pipelineContext(request, query.collation)),
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

/** The query of `count` and `distinct`. */
function plainQuery(request: Request, collection: Collection | undefined): Query {
  return {
    query: request.document('query') ?? new Map<string, Value>(),
    sort: [],
    skip: request.whole('skip', 0),
    limit: Math.abs(wholeNumber(request.get('limit')) ?? 0),
    collation: request.collation(collection),
    hint: request.get('hint'),
  };
}

export async function count(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = plainQuery(request, collection);
  let n = 0;
  for (const row of runQuery(request, collection, query, pipelineContext(request, query.collation))) {
    if (row) n++;
    else await request.pace.rest();
  }
  return doc({ n: int(n) });
}

export async function distinct(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = plainQuery(request, collection);
  const key = request.get('key');
  if (typeof key !== 'string')
    throw new CommandError('TypeMismatch', `BSON field 'distinct.key' is the wrong type, expected type 'string'`);
  const path = key.split('.');
  const values: Value[] = [];
  const seen = new Set<string>();
  const take = (value: Value) => {
    const text = encode(new Map([['', value]])).toString('latin1');
    if (seen.has(text)) return;
    seen.add(text);
    if (!values.some((held) => equalValues(held, value, query.collation?.compare))) values.push(value);
  };
  for (const row of runQuery(request, collection, query, pipelineContext(request, query.collation))) {
    if (!row) {
      await request.pace.rest();
      continue;
    }
    visitPath(decode(row, new Set([path[0] ?? ''])), path, (value, position) => {
      if (value !== undefined && (!Array.isArray(value) || (position >= 0 && path.length === 1))) take(value);
      return false;
    });
  }
  return doc({ values });
}

function* encoded(rows: Docs): Generator<Buffer | undefined> {
  for (const row of rows) yield row && encode(row);
}

function* decoded(rows: Iterable<Buffer | undefined>): Generator<Doc | undefined> {
  for (const row of rows) yield row && decode(row);
}

/** Tells how a command would read, and with `executionStats` what that came to. */
export async function explain(request: Request): Promise<Doc> {
  const inner = request.document('explain');
  if (!inner) throw failedToParse("'explain' needs a command");
  const [name = ''] = inner.keys();
  const first = (list: string): Doc | undefined => {
    const items = inner.get(list);
    const item = Array.isArray(items) ? items[0] : undefined;
    return item instanceof Map ? item : undefined;
  };
  const statement = name === 'update' ? first('updates') : name === 'delete' ? first('deletes') : inner;
  const body: Doc = new Map([...inner, ['$db', request.db]]);
  const other = request.about(name, body);
  const collection = other.collection();
  const collation = other.collation(collection);
  let query: Query;
  if (name === 'find') query = queryOf(other, collection);
  else if (name === 'aggregate')
    ({ query } = splitPipeline(stagesOf(other.get('pipeline')), collation, other.get('hint')));
  else {
    const filter = statement?.get('q') ?? statement?.get('query');
    const sort = statement?.get('sort');
    query = {
      query: filter instanceof Map ? filter : new Map<string, Value>(),
      sort: sortFieldsOf(sort instanceof Map ? sort : undefined),
      skip: 0,
      limit: 0,
      collation,
      hint: statement?.get('hint'),
    };
  }
  return explainPlan(other, collection, query, nameOf(request.get('verbosity')) || 'allPlansExecution');
}

export async function aggregate(request: Request): Promise<Doc> {
  const target = request.body.get('aggregate');
  const cursorOptions = request.document('cursor');
  if (request.flag('explain'))
    return explain(
      request.about(
        'explain',
        new Map<string, Value>([
          ['explain', request.body],
          ['$db', request.db],
          ['verbosity', 'queryPlanner'],
        ]),
      ),
    );
  if (!cursorOptions)
    throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  const collection = typeof target === 'string' ? request.collection() : undefined;
  const collation = request.collation(collection);
  const stages = stagesOf(request.get('pipeline'));
  const last = stages.at(-1);
  const context = pipelineContext(request, collation);
  if (last?.has('$out') && readLevel(request) === 'linearizable')
    throw new CommandError('InvalidOptions', '$out cannot be used with readConcern linearizable');
  if (last?.has('$out') || last?.has('$merge')) {
    await writeOutput(request, runPipeline(request, collection, stages.slice(0, -1), collation), last);
    return openCursor(request, `${request.db}.${request.target}`, [].values(), 0, 0, true);
  }
  const batchSize = wholeNumber(cursorOptions.get('batchSize')) ?? 101;
  const name = typeof target === 'string' ? `${request.db}.${target}` : `${request.db}.$cmd.aggregate`;
  const { query, rest } = splitPipeline(stages, collation, request.get('hint'));
  const found = runQuery(request, collection, query, context);
  const rows = rest.length === 0 ? found : encoded(compilePipeline(rest, context)(decoded(found)));
  return openCursor(request, name, rows, batchSize, 0);
}

function readLevel(request: Request): Value | undefined {
  return request.document('readConcern')?.get('level');
}
