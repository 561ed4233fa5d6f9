/** Commands that read. */
import { decode, doc, encode, int, type Doc, type Value } from './bson.ts';
import { pipelineContext, runPipeline, splitPipeline } from './aggregation.ts';
import type { Collection } from './catalog.ts';
import { badValue, CommandError, failedToParse, typeMismatch } from './errors.ts';
import { docOf, listOf } from './fields.ts';
import { Filter } from './matcher.ts';
import { writeOutput } from './output.ts';
import { visitPath } from './paths.ts';
import { compilePipeline, filterContext, stagesOf, type Docs } from './pipeline.ts';
import { describePlan, plan } from './planner.ts';
import { Projection } from './projection.ts';
import { match, rowsOf, runQuery, type Query } from './reading.ts';
import type { Options, Request } from './request.ts';
import { sortFieldsOf } from './sort.ts';
import { equalValues, nameOf, wholeNumber } from './values.ts';

/** The query of any command or statement, whatever it calls its filter. */
function queryOf(request: Request, options: Options, collection: Collection | undefined): Query {
  const collation = options.collation(collection);
  const fields = options.document('projection');
  return {
    query: options.document('filter') ?? options.document('query') ?? options.document('q') ?? new Map<string, Value>(),
    sort: sortFieldsOf(options.document('sort')),
    skip: options.whole('skip', 0),
    // A negative limit is a count's way to say the same.
    limit: request.name === 'count' ? Math.abs(wholeNumber(options.get('limit')) ?? 0) : options.whole('limit', 0),
    collation,
    hint: options.get('hint'),
    projection: fields?.size ? new Projection(fields, filterContext(pipelineContext(request, collation))) : undefined,
  };
}

export async function find(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = queryOf(request, request, collection);
  const rows = runQuery(request, collection, query, pipelineContext(request, query.collation));
  const batchSize = request.whole('batchSize', 101);
  const namespace = `${request.db}.${request.target}`;
  return openCursor(request, namespace, rows, batchSize, query.limit, request.flag('singleBatch'));
}

async function openCursor(
  request: Request,
  namespace: string,
  rows: Iterator<Buffer | undefined>,
  batchSize: number,
  limit = 0,
  isSingle = false,
): Promise<Doc> {
  const { lsid } = request.session;
  const inTransaction = request.scope.isTransaction ? lsid : undefined;
  const cursor = request.engine.cursors.create({ namespace, rows, lsid, inTransaction, left: limit || Infinity });
  return doc({ cursor: await request.engine.cursors.batch(cursor, 'firstBatch', batchSize, request.pace, isSingle) });
}

export async function getMore(request: Request): Promise<Doc> {
  const id = request.get('getMore');
  if (typeof id !== 'bigint') throw failedToParse('cursor id must be a long');
  const { cursors } = request.engine;
  const cursor = cursors.take(id, `${request.db}.${nameOf(request.get('collection'))}`);
  const size = request.whole('batchSize', 0) || Infinity;
  return doc({ cursor: await cursors.batch(cursor, 'nextBatch', size, request.pace) });
}

export function killCursors(request: Request): Doc {
  const killed: Value[] = [];
  const missing: Value[] = [];
  for (const id of request.list('cursors'))
    (typeof id === 'bigint' && request.engine.cursors.kill(id) ? killed : missing).push(id);
  return doc({ cursorsKilled: killed, cursorsNotFound: missing, cursorsAlive: [], cursorsUnknown: [] });
}

export async function count(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = queryOf(request, request, collection);
  let n = 0;
  for (const row of runQuery(request, collection, query, pipelineContext(request, query.collation))) {
    if (row) n++;
    else await request.pace.rest();
  }
  return doc({ n: int(n) });
}

export async function distinct(request: Request): Promise<Doc> {
  const collection = request.collection();
  const query = queryOf(request, request, collection);
  const key = request.get('key');
  if (typeof key !== 'string')
    throw typeMismatch(`BSON field 'distinct.key' is the wrong type, expected type 'string'`);
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
    if (!row) await request.pace.rest();
    else
      visitPath(decode(row, new Set([path[0] ?? ''])), path, (value, position) => {
        if (value !== undefined && (!Array.isArray(value) || (position >= 0 && path.length === 1))) take(value);
        return false;
      });
  }
  return doc({ values });
}

export async function aggregate(request: Request): Promise<Doc> {
  if (request.flag('explain'))
    return explain(
      request.about('explain', doc({ explain: request.body, $db: request.db, verbosity: 'queryPlanner' })),
    );
  const cursor = request.document('cursor');
  if (!cursor) throw failedToParse("The 'cursor' option is required, except for aggregate with the explain argument");
  // A number in the place of a name: a pipeline that begins with documents of its own.
  const isOfCollection = typeof request.body.get('aggregate') === 'string';
  const collection = isOfCollection ? request.collection() : undefined;
  const collation = request.collation(collection);
  const stages = stagesOf(request.get('pipeline'));
  const last = stages.at(-1);
  if (last?.has('$out') && request.document('readConcern')?.get('level') === 'linearizable')
    throw new CommandError('InvalidOptions', '$out cannot be used with readConcern linearizable');
  const namespace = `${request.db}.${isOfCollection ? request.target : '$cmd.aggregate'}`;
  if (last?.has('$out') || last?.has('$merge')) {
    await writeOutput(request, runPipeline(request, collection, stages.slice(0, -1), collation), last);
    return openCursor(request, namespace, [].values(), 0, 0, true);
  }
  const { query, rest } = splitPipeline(stages, collation, request.get('hint'));
  const context = pipelineContext(request, collation);
  const found = runQuery(request, collection, query, context);
  const rows = rest.length === 0 ? found : encoded(compilePipeline(rest, context)(decoded(found)));
  return openCursor(request, namespace, rows, wholeNumber(cursor.get('batchSize')) ?? 101);
}

function* encoded(rows: Docs): Generator<Buffer | undefined> {
  for (const row of rows) yield row && encode(row);
}

function* decoded(rows: Iterable<Buffer | undefined>): Generator<Doc | undefined> {
  for (const row of rows) yield row && decode(row);
}

const explainable = ['find', 'count', 'distinct', 'aggregate', 'update', 'delete', 'findAndModify'];
const verbosities = ['queryPlanner', 'executionStats', 'allPlansExecution'];

/** Tells how a command would read, and with `executionStats` what that came to. */
export async function explain(request: Request): Promise<Doc> {
  const inner = request.document('explain');
  if (!inner) throw failedToParse("'explain' needs a command");
  const [name = ''] = inner.keys();
  if (!explainable.includes(name))
    throw new CommandError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
  if (inner.has('writeConcern')) throw failedToParse("Aggregation explain does not support the 'writeConcern' option");
  const verbosity = request.get('verbosity') ?? 'allPlansExecution';
  if (!verbosities.includes(nameOf(verbosity)))
    throw badValue(`Enumeration value '${nameOf(verbosity)}' for field 'explain.verbosity' is not a valid value.`);
  const about = request.about(name, new Map([...inner, ['$db', request.db]]));
  const collection = about.collection();
  const [statement] = listOf(inner.get(name === 'update' ? 'updates' : 'deletes'));
  const options = statement === undefined ? about : about.about(name, docOf(statement));
  const query: Query =
    name === 'aggregate'
      ? splitPipeline(stagesOf(about.get('pipeline')), about.collation(collection), about.get('hint')).query
      : queryOf(about, options, collection);
  const context = pipelineContext(about, query.collation);
  const filter = new Filter(query.query, filterContext(context));
  const chosen = collection && plan(collection, { ...query, variables: context.variables });
  let winningPlan = chosen ? describePlan(chosen, query.query) : doc({ stage: 'EOF' });
  const around = (stage: string, more: Record<string, Value>) =>
    (winningPlan = doc({ stage, ...more, inputStage: winningPlan }));
  if (query.sort.length > 0 && chosen && !chosen.providesSort)
    around('SORT', { sortPattern: new Map(query.sort.map(({ path, direction }) => [path.join('.'), int(direction)])) });
  if (query.skip > 0) around('SKIP', { skipAmount: int(query.skip) });
  if (query.limit > 0) around('LIMIT', { limitAmount: int(query.limit) });
  if (query.projection) around('PROJECTION_DEFAULT', {});
  const namespace = `${request.db}.${about.target}`;
  const told = doc({
    explainVersion: '1',
    queryPlanner: doc({ namespace, parsedQuery: query.query, winningPlan, rejectedPlans: [] }),
  });
  if (verbosity === 'queryPlanner' || !collection || !chosen) return told;
  let examined = 0;
  let returned = 0;
  for (const row of rowsOf(request.scope.view, collection, chosen)) {
    if (!row) await request.pace.rest();
    else {
      examined++;
      if (match(row, filter)) returned++;
    }
  }
  const executionStats = doc({
    executionSuccess: true,
    nReturned: int(query.limit > 0 ? Math.min(returned, query.limit) : returned),
    totalKeysExamined: int(chosen.kind === 'collection' ? 0 : examined),
    totalDocsExamined: int(examined),
  });
  return told.set('executionStats', executionStats);
}
