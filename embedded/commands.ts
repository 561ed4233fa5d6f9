/** The table of commands: which there are, what each may carry, and how one is carried out. */
import { doc, int, isDoc, type Doc, type Value } from './bson.ts';
import * as collections from './collection-commands.ts';
import { clusterTime } from './clock.ts';
import { CommandError } from './errors.ts';
import { configureFailPoint, type Failure } from './failpoint.ts';
import * as queries from './query-commands.ts';
import { Request, type Engine } from './request.ts';
import { Transaction, type Scope } from './scope.ts';
import { sessionFieldsOf, type SessionFields } from './sessions.ts';
import * as status from './status-commands.ts';
import { validate } from './validation.ts';
import { wholeNumber } from './values.ts';
import * as writes from './write-commands.ts';

interface Command {
  run: (request: Request) => Doc | Promise<Doc>;
  options: ReadonlySet<string>;
  inTransaction: boolean;
}

const everywhere = new Set(
  'lsid $db txnNumber autocommit startTransaction $clusterTime $readPreference readConcern writeConcern maxTimeMS comment apiVersion apiStrict apiDeprecationErrors $client maxStalenessSeconds'.split(
    ' ',
  ),
);

const table = new Map<string, Command>();

function command(name: string, run: Command['run'], options = '', inTransaction = false): void {
  table.set(name, { run, options: new Set([name, ...options.split(' ')]), inTransaction });
}

command(
  'find',
  queries.find,
  'filter sort projection hint skip limit batchSize singleBatch collation let allowDiskUse noCursorTimeout tailable awaitData oplogReplay allowPartialResults min max returnKey showRecordId',
  true,
);
command('getMore', queries.getMore, 'collection batchSize', true);
command('killCursors', queries.killCursors, 'cursors', true);
command('count', queries.count, 'query limit skip hint collation fields', false);
command('distinct', queries.distinct, 'key query collation hint', true);
command(
  'aggregate',
  queries.aggregate,
  'pipeline cursor explain allowDiskUse bypassDocumentValidation collation hint let',
  true,
);
command('explain', queries.explain, 'verbosity');
command(
  'insert',
  writes.insert,
  'documents ordered bypassDocumentValidation stmtIds stmtId bypassEmptyTsReplacement',
  true,
);
command(
  'update',
  writes.update,
  'updates ordered bypassDocumentValidation let stmtIds stmtId bypassEmptyTsReplacement',
  true,
);
command('delete', writes.remove, 'deletes ordered let stmtIds stmtId', true);
command(
  'findAndModify',
  writes.findAndModify,
  'query sort remove update new fields upsert bypassDocumentValidation collation arrayFilters hint let stmtId bypassEmptyTsReplacement',
  true,
);
command(
  'create',
  collections.create,
  'capped size max timeseries viewOn pipeline validator validationLevel validationAction collation storageEngine indexOptionDefaults clusteredIndex expireAfterSeconds changeStreamPreAndPostImages encryptedFields autoIndexId',
  true,
);
command('drop', collections.drop);
command('dropDatabase', collections.dropDatabase);
command('renameCollection', collections.renameCollection, 'to dropTarget');
command(
  'collMod',
  collections.collMod,
  'index validator validationLevel validationAction viewOn pipeline changeStreamPreAndPostImages',
);
command('listCollections', collections.listCollections, 'filter nameOnly authorizedCollections cursor');
command('listDatabases', collections.listDatabases, 'filter nameOnly authorizedDatabases');
command('createIndexes', collections.createIndexes, 'indexes commitQuorum ignoreUnknownIndexOptions', true);
command('listIndexes', collections.listIndexes, 'cursor');
command('dropIndexes', collections.dropIndexes, 'index');
command('collStats', collections.collStats, 'scale');
command('validate', validate, 'full repair metadata checkBSONConformance background');
command('dbStats', collections.dbStats, 'scale freeStorage');
command('startSession', status.startSession);
command('refreshSessions', status.touchSessions);
command('endSessions', status.endSessions);
command('killSessions', status.endSessions);
command('killAllSessions', status.killAllSessions);
command('commitTransaction', status.commitTransaction, 'recoveryToken', true);
command('abortTransaction', status.abortTransaction, 'recoveryToken', true);
// Drivers put whatever they know into a greeting.
for (const name of ['hello', 'isMaster', 'ismaster']) command(name, status.hello, '*');
command('ping', () => doc({}));
command('buildInfo', status.buildInfo);
command('buildinfo', status.buildInfo);
command('getParameter', status.getParameter, '*');
command('configureFailPoint', configureFailPoint, 'mode data');
command('connectionStatus', status.connectionStatus, 'showPrivileges');

/** Carries out one command. Never throws: a refusal is a reply too. No reply: the connection is to be closed. */
export async function perform(
  engine: Engine,
  body: Doc,
  connectionId: number,
  appName?: string,
): Promise<Doc | undefined> {
  const [name = ''] = body.keys();
  const failure = engine.failPoint?.meet(name, body, appName);
  if (failure?.delayMs) await new Promise((resolve) => setTimeout(resolve, failure.delayMs));
  if (failure?.closes) return undefined;
  if (failure?.error) return timed(engine, refusal(failure.error, failure));
  const reply = await answer(engine, name, body, connectionId);
  if (failure?.writeConcernError) noteConcern(reply, failure.writeConcernError);
  return reply;
}

function noteConcern(reply: Doc, concern: Doc): void {
  const labels = concern.get('errorLabels');
  concern.delete('errorLabels');
  reply.set('writeConcernError', concern);
  if (labels !== undefined) reply.set('errorLabels', labels);
}

async function answer(engine: Engine, name: string, body: Doc, connectionId: number): Promise<Doc> {
  const session = sessionFieldsOf(body);
  try {
    const found = table.get(name === 'findandmodify' ? 'findAndModify' : name);
    if (!found) throw new CommandError('CommandNotFound', `no such command: '${name}'`);
    checkOptions(name, found, body);
    const scope = await scopeFor(engine, name, found, session, body);
    const reply = await runIn(engine, name, found, body, scope, session, connectionId);
    await engine.storage.durable();
    const unmet = unmetWriteConcern(body);
    if (unmet) reply.set('writeConcernError', unmet);
    reply.set('ok', 1);
    return timed(engine, reply);
  } catch (error) {
    return timed(engine, refusal(error));
  }
}

function timed(engine: Engine, reply: Doc): Doc {
  const time = engine.clock.tick(new Date());
  reply.set('$clusterTime', clusterTime(time));
  reply.set('operationTime', time);
  return reply;
}

/** There is one node: who wants more of them is told so, after the write. */
function unmetWriteConcern(body: Doc): Doc | undefined {
  const concern = body.get('writeConcern');
  const w = isDoc(concern) ? wholeNumber(concern.get('w')) : undefined;
  if (w === undefined || w <= 1) return undefined;
  return doc({ code: int(100), codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' });
}

function checkOptions(name: string, found: Command, body: Doc): void {
  if (found.options.has('*')) return;
  for (const option of body.keys())
    if (!found.options.has(option) && !everywhere.has(option))
      throw new CommandError('IDLUnknownField', `BSON field '${name}.${option}' is an unknown field.`);
}

async function scopeFor(
  engine: Engine,
  name: string,
  found: Command,
  session: SessionFields,
  body: Doc,
): Promise<Scope> {
  const concern = body.get('readConcern');
  const level = isDoc(concern) ? concern.get('level') : undefined;
  if (session.autocommit && level === 'snapshot')
    throw new CommandError('InvalidOptions', 'readConcern snapshot is only supported in a transaction by this store');
  if (session.autocommit || name === 'commitTransaction' || name === 'abortTransaction') return engine.direct;
  if (!found.inTransaction)
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${name}' in a multi-document transaction.`,
    );
  if (!session.startTransaction && level !== undefined)
    throw new CommandError('InvalidOptions', 'Only the first command in a transaction may specify a readConcern');
  return engine.sessions.transactionFor(session);
}

/** A refused command ends its transaction, as MongoDB does it. */
async function runIn(
  engine: Engine,
  name: string,
  found: Command,
  body: Doc,
  scope: Scope,
  session: SessionFields,
  connectionId: number,
): Promise<Doc> {
  try {
    return await found.run(new Request(engine, name, body, scope, session, connectionId));
  } catch (error) {
    if (scope instanceof Transaction && session.lsid !== undefined) engine.sessions.abortSession(session.lsid);
    throw error;
  }
}

function refusal(error: unknown, failure?: Failure): Doc {
  if (error instanceof CommandError) {
    const details = [...error.details] as [string, Value][];
    const labels: [string, Value][] = error.labels.length > 0 ? [['errorLabels', error.labels]] : [];
    return new Map<string, Value>([
      ['ok', 0],
      ['errmsg', error.message],
      ['code', int(error.code)],
      ['codeName', error.codeName],
      ...details,
      ...labels,
      ...(failure?.writeConcernError ? [['writeConcernError', failure.writeConcernError] as [string, Value]] : []),
    ]);
  }
  const message = error instanceof Error ? error.message : String(error);
  return doc({ ok: 0, errmsg: message, code: int(1), codeName: 'InternalError' });
}
