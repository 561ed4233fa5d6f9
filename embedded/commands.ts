/** The table of commands: which there are, what each may carry, and how one is carried out. */
import { doc, int, kinds, Opaque, type Doc, type Value } from './bson.ts';
import * as collections from './collections.ts';
import { CommandError } from './errors.ts';
import { configureFailPoint, Hangup, type Failure } from './failpoint.ts';
import { docOf } from './fields.ts';
import * as queries from './queries.ts';
import { Request, type Engine } from './request.ts';
import { sessionFieldsOf, type SessionFields } from './sessions.ts';
import * as status from './status.ts';
import type { Transaction } from './transactions.ts';
import { timestamp } from './updater.ts';
import { wholeNumber } from './values.ts';
import * as writes from './writes.ts';

interface Command {
  run: (request: Request) => Doc | Promise<Doc>;
  /** What it may carry; undefined when anything. */
  options: ReadonlySet<string> | undefined;
  /** What MongoDB knows and this store does not do: refused unless it says `false`. */
  unsupported: string[];
  inTransaction: boolean;
}

const everywhere =
  'lsid $db txnNumber autocommit startTransaction $clusterTime $readPreference readConcern writeConcern maxTimeMS comment apiVersion apiStrict apiDeprecationErrors $client maxStalenessSeconds';

const table = new Map<string, Command>();

/** Options are names; a `!` before one says that it is known and not supported, a `*` alone that all are let pass. */
function command(names: string, run: Command['run'], options = '', inTransaction = false): void {
  const listed = options.split(' ');
  const unsupported = listed.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  for (const name of names.split(' ')) {
    const known = new Set([name, ...everywhere.split(' '), ...listed, ...unsupported]);
    table.set(name, { run, options: options === '*' ? undefined : known, unsupported, inTransaction });
  }
}

command(
  'find',
  queries.find,
  'filter sort projection hint skip limit batchSize singleBatch collation let allowDiskUse noCursorTimeout oplogReplay allowPartialResults !tailable !awaitData !min !max !returnKey !showRecordId',
  true,
);
command('getMore', queries.getMore, 'collection batchSize', true);
command('killCursors', queries.killCursors, 'cursors', true);
command('count', queries.count, 'query limit skip hint collation fields');
command('distinct', queries.distinct, 'key query collation hint', true);
command(
  'aggregate',
  queries.aggregate,
  'pipeline cursor explain allowDiskUse bypassDocumentValidation collation hint let',
  true,
);
command('explain', queries.explain, 'verbosity');
command('insert', writes.insert, `documents ${writes.commonOptions}`, true);
command('update', writes.update, `updates let ${writes.commonOptions}`, true);
command('delete', writes.remove, `deletes let ${writes.commonOptions}`, true);
command(
  'findAndModify findandmodify',
  writes.findAndModify,
  `query sort remove update new fields upsert collation arrayFilters hint let ${writes.commonOptions}`,
  true,
);
command(
  'create',
  collections.create,
  'validationLevel validationAction collation storageEngine indexOptionDefaults autoIndexId !capped !size !max !pipeline !timeseries !viewOn !validator !clusteredIndex !expireAfterSeconds !changeStreamPreAndPostImages !encryptedFields',
  true,
);
command('drop', collections.drop);
command('dropDatabase', collections.dropDatabase);
command('renameCollection', collections.renameCollection, 'to dropTarget');
command(
  'collMod',
  collections.collMod,
  'index !validator !validationLevel !validationAction !viewOn !pipeline !changeStreamPreAndPostImages',
);
command('listCollections', collections.listCollections, 'filter nameOnly authorizedCollections cursor');
command('listDatabases', collections.listDatabases, 'filter nameOnly authorizedDatabases');
command('createIndexes', collections.createIndexes, 'indexes commitQuorum ignoreUnknownIndexOptions', true);
command('listIndexes', collections.listIndexes, 'cursor');
command('dropIndexes', collections.dropIndexes, 'index');
command('collStats', collections.collStats, 'scale');
command('validate', collections.validate, 'full repair metadata checkBSONConformance background');
command('dbStats', collections.dbStats, 'scale freeStorage');
command('startSession', status.startSession);
command('refreshSessions', status.nothing);
command('endSessions killSessions', status.endSessions);
command('killAllSessions', status.killAllSessions);
command('commitTransaction', status.commitTransaction, 'recoveryToken', true);
command('abortTransaction', status.abortTransaction, 'recoveryToken', true);
// Drivers put whatever they know into a greeting.
command('hello isMaster ismaster', status.hello, '*');
command('ping', status.nothing);
command('buildInfo buildinfo', status.buildInfo);
command('getParameter', status.getParameter, '*');
command('configureFailPoint', configureFailPoint, 'mode data');
command('connectionStatus', status.connectionStatus, 'showPrivileges');

/** Carries out one command. Never throws: a refusal is a reply too. No reply: the connection is to be closed. */
export async function perform(
  engine: Engine,
  body: Doc,
  connectionId: number,
  appName: string,
): Promise<Doc | undefined> {
  const [name = ''] = body.keys();
  const failure = engine.failPoint?.meet(name, body, appName);
  if (failure?.delayMs) await new Promise((resolve) => setTimeout(resolve, failure.delayMs));
  if (failure?.closes) return undefined;
  const reply = await answer(engine, name, body, connectionId, failure).catch(refusal);
  if (!reply) return undefined;
  const time = nextTime();
  reply.set('$clusterTime', doc({ clusterTime: time, signature }));
  return reply.set('operationTime', time);
}

async function answer(
  engine: Engine,
  name: string,
  body: Doc,
  connectionId: number,
  failure: Failure | undefined,
): Promise<Doc> {
  if (failure?.error) throw failure.error;
  const command = table.get(name);
  if (!command) throw new CommandError('CommandNotFound', `no such command: '${name}'`);
  const session = sessionFieldsOf(body);
  const transaction = await transactionFor(engine, name, command, session, body);
  const request = new Request(engine, name, body, transaction ?? engine.direct, session, connectionId);
  const reply = await carryOut(command, request, transaction).catch((error: unknown) => {
    // A refused command ends its transaction, as MongoDB does it.
    if (transaction && session.lsid !== undefined) engine.sessions.abort(session.lsid);
    throw error;
  });
  await engine.storage.durable();
  const unmet = failure?.writeConcernError ?? unmetWriteConcern(body);
  if (unmet) reply.set('writeConcernError', unmet);
  if (failure?.labels.length) reply.set('errorLabels', failure.labels);
  return reply.set('ok', 1);
}

async function carryOut(command: Command, request: Request, transaction: Transaction | undefined): Promise<Doc> {
  try {
    if (command.options) request.refuseUnknown(command.options);
    for (const option of command.unsupported)
      if ((request.get(option) ?? false) !== false)
        throw new CommandError('InvalidOptions', `${request.name} option '${option}' is not supported by this store`);
    return await command.run(request);
  } finally {
    if (transaction) request.engine.sessions.leave(request.session, transaction);
  }
}

/** There is one node: who wants more of them is told so, after the write. */
function unmetWriteConcern(body: Doc): Doc | undefined {
  const w = wholeNumber(docOf(body.get('writeConcern')).get('w'));
  if (w === undefined || w <= 1) return undefined;
  return doc({ code: int(100), codeName: 'UnsatisfiableWriteConcern', errmsg: 'Not enough data-bearing nodes' });
}

async function transactionFor(
  engine: Engine,
  name: string,
  { inTransaction }: Command,
  session: SessionFields,
  body: Doc,
): Promise<Transaction | undefined> {
  const level = docOf(body.get('readConcern')).get('level');
  const invalid = (message: string) => new CommandError('InvalidOptions', message);
  if (session.autocommit && level === 'snapshot')
    throw invalid('readConcern snapshot is only supported in a transaction by this store');
  if (session.autocommit || name === 'commitTransaction' || name === 'abortTransaction') return undefined;
  if (!inTransaction)
    throw new CommandError(
      'OperationNotSupportedInTransaction',
      `Cannot run '${name}' in a multi-document transaction.`,
    );
  if (!session.startTransaction && level !== undefined)
    throw invalid('Only the first command in a transaction may specify a readConcern');
  return engine.sessions.enter(session);
}

function refusal(error: unknown): Doc | undefined {
  if (error instanceof Hangup) return undefined;
  if (!(error instanceof CommandError)) {
    const errmsg = error instanceof Error ? error.message : String(error);
    return doc({ ok: 0, errmsg, code: int(1), codeName: 'InternalError' });
  }
  const { message, code, codeName, labels, details } = error;
  const errorLabels = labels.length > 0 ? labels : undefined;
  return doc({ ok: 0, errmsg: message, code: int(code), codeName, ...details, errorLabels });
}

/** The logical clock whose time travels in replies, so that drivers can order what they saw. */
const clock = { second: 0, increment: 0 };

/** A time after all that were told before. */
function nextTime(): Opaque {
  const second = Math.max(clock.second, Math.floor(Date.now() / 1000));
  clock.increment = second === clock.second ? clock.increment + 1 : 1;
  clock.second = second;
  return timestamp(new Date(second * 1000), clock.increment);
}

const noHash = new Opaque(kinds.binData, Buffer.concat([Buffer.from([20, 0, 0, 0, 0]), Buffer.alloc(20)]));
const signature: Value = doc({ hash: noHash, keyId: 0n });
