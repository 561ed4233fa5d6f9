/** Commands that write: insert, update, delete and findAndModify are one path, on which every statement is done once. */
import { decode, doc, int, isDoc, type Doc, type Value } from './bson.ts';
import { pipelineContext } from './aggregation.ts';
import type { Collection } from './catalog.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import { docOf, listOf } from './fields.ts';
import type { Filter } from './matcher.ts';
import { compilePipeline, filterContext, stagesOf, type PipelineContext } from './pipeline.ts';
import { Projection } from './projection.ts';
import { match, search, type Found, type Query } from './reading.ts';
import { variablesOf, type Options, type Request } from './request.ts';
import { sortFieldsOf } from './sort.ts';
import type { View } from './storage.ts';
import { Busy } from './transactions.ts';
import { equalities, equalParts, isPipeline, isReplacement, OperatorUpdate, type Situation } from './updater.ts';
import { equalValues, wholeNumber } from './values.ts';
import { insertDocument, removeDocument, replaceDocument } from './writing.ts';

export const statementsMax = 100_000;

const updateOptions = 'q u c multi upsert arrayFilters collation hint upsertSupplied sampleId';
const deleteOptions = 'q limit collation hint sampleId';

/** What the commands that write may all carry. */
export const commonOptions = 'ordered bypassDocumentValidation bypassEmptyTsReplacement stmtIds stmtId';

/** What a statement came to. */
interface Outcome {
  n: number;
  nModified: number;
  upserted: Value | undefined;
}

export async function insert(request: Request): Promise<Doc> {
  const collection = collectionForWrite(request);
  return eachStatement(request, request.list('documents'), async (document) => {
    await whenFree(() => insertDocument(request.scope, collection, document));
    return 'done';
  });
}

export async function update(request: Request): Promise<Doc> {
  return eachStatement(request, request.statements('updates', updateOptions), (statement) =>
    change(request, statement, {
      query: required(statement, 'q'),
      sort: undefined,
      change: changeOf(request, statement, statement.body.get('u') ?? null),
      isMulti: statement.flag('multi'),
    }),
  );
}

export async function remove(request: Request): Promise<Doc> {
  return eachStatement(request, request.statements('deletes', deleteOptions), (statement) => {
    const limit = wholeNumber(statement.get('limit'));
    if (limit !== 0 && limit !== 1)
      throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
    const query = required(statement, 'q');
    return change(request, statement, { query, sort: undefined, change: undefined, isMulti: limit === 0 });
  });
}

export async function findAndModify(request: Request): Promise<Doc> {
  const isRemove = request.flag('remove');
  const isNew = request.flag('new');
  const update = request.get('update');
  if (isRemove === (update !== undefined))
    throw failedToParse(`Either an 'update' or 'remove'=true must be specified, and not both`);
  if (isRemove && (isNew || request.flag('upsert')))
    throw failedToParse(
      `Cannot specify both ${isNew ? 'new' : 'upsert'}=true and remove=true; 'remove' always returns the deleted document`,
    );
  const fields = request.document('fields');
  const context = filterContext(pipelineContext(request, request.collation(request.collection())));
  const projection = fields?.size ? new Projection(fields, context) : undefined;
  const earlier = request.engine.sessions.earlier(request.session, 0);
  const result =
    earlier ??
    (await remembered(request, 0, async () => {
      let value: Doc | undefined;
      const { n, upserted } = await change(request, request, {
        query: docOf(request.document('query')),
        sort: request.document('sort'),
        change: update === undefined ? undefined : changeOf(request, request, update),
        isMulti: false,
        told: (before, after) => {
          const told = isNew ? after : before?.fields;
          value = told && projection ? projection.apply(told, before?.trace ?? {}) : told;
        },
      });
      const updatedExisting = isRemove ? undefined : n > 0 && upserted === undefined;
      return doc({ lastErrorObject: doc({ n: int(n), updatedExisting, upserted }), value: value ?? null });
    }));
  // A copy: the reply gets fields of its own, the record keeps none of them.
  return new Map(result === 'done' ? [] : result);
}

function required(statement: Options, name: string): Doc {
  const value = statement.document(name);
  if (!value) throw failedToParse(`BSON field '${statement.name}.${name}' must be an object`);
  return value;
}

function collectionForWrite(request: Request): Collection {
  return request.collection() ?? request.scope.create(request.db, request.target, new Map());
}

/**
 * Runs the statements of a write command, each once even when the command is retried, and sums up. A refused statement
 * goes into `writeErrors`; in a transaction it fails the command.
 */
async function eachStatement<T>(
  request: Request,
  statements: readonly T[],
  run: (statement: T) => Promise<Outcome | 'done'>,
): Promise<Doc> {
  if (statements.length === 0 || statements.length > statementsMax)
    throw new CommandError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${statementsMax}. Got ${statements.length} operations.`,
    );
  const isOrdered = request.flag('ordered', true);
  const ids = listOf(request.get('stmtIds')).map(wholeNumber);
  const upserted: Doc[] = [];
  const errors: Doc[] = [];
  let n = 0;
  let nModified = 0;
  for (const [index, statement] of statements.entries()) {
    const id = ids[index] ?? request.whole('stmtId', 0) + index;
    const earlier = request.engine.sessions.earlier(request.session, id);
    try {
      const told =
        earlier ??
        (await remembered(request, id, async () => {
          const outcome = await run(statement);
          return outcome === 'done'
            ? outcome
            : doc({ ...outcome, n: int(outcome.n), nModified: int(outcome.nModified) });
        }));
      const outcome: Doc = told === 'done' ? doc({ n: int(1) }) : told;
      n += wholeNumber(outcome.get('n')) ?? 0;
      nModified += wholeNumber(outcome.get('nModified')) ?? 0;
      const _id = outcome.get('upserted');
      if (_id !== undefined) upserted.push(doc({ index: int(index), _id }));
    } catch (error) {
      if (!(error instanceof CommandError) || request.scope.isTransaction) throw error;
      errors.push(doc({ index: int(index), code: int(error.code), ...error.details, errmsg: error.message }));
      if (isOrdered) break;
    }
    if (request.pace.isOver) await request.pace.rest();
  }
  return doc({
    n: int(n),
    nModified: request.name === 'update' ? int(nModified) : undefined,
    upserted: upserted.length > 0 ? upserted : undefined,
    writeErrors: errors.length > 0 ? errors : undefined,
  });
}

/** Does a statement and notes what it came to, should it come again. `done`: there is nothing to be told of it. */
async function remembered(request: Request, id: number, run: () => Promise<Doc | 'done'>): Promise<Doc | 'done'> {
  const { sessions, failPoint } = request.engine;
  const write = async () => {
    const result = await run();
    sessions.remember(request.session, id, result);
    return result;
  };
  const isRetryable = request.session.txnNumber !== undefined && request.session.autocommit;
  return failPoint && isRetryable ? failPoint.around(write) : write();
}

/** Outside a transaction a deed waits while a transaction holds what it wants. */
export async function whenFree<T>(deed: () => T): Promise<T> {
  for (;;) {
    try {
      return deed();
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      await error.ended;
    }
  }
}

interface Statement {
  query: Doc;
  sort: Doc | undefined;
  /** Without one the documents are removed. */
  change: Change | undefined;
  isMulti: boolean;
  /** Hears of each document, as it was and as it is. */
  told?: (before: Found | undefined, after: Doc | undefined) => void;
}

/** Changes or removes what a statement finds, or puts in what it does not. */
async function change(request: Request, options: Options, statement: Statement): Promise<Outcome> {
  const { change, isMulti, told } = statement;
  if (isMulti && change?.isReplacement)
    throw failedToParse('multi update is not supported for replacement-style update');
  const collection = request.collection();
  const collation = options.collation(collection);
  const query: Query = {
    query: statement.query,
    sort: sortFieldsOf(statement.sort),
    skip: 0,
    limit: isMulti ? 0 : 1,
    collation,
    hint: options.get('hint'),
  };
  const outcome = { n: 0, nModified: 0, upserted: undefined };
  await eachFound(request, collection, query, pipelineContext(request, collation), isMulti, (row, held) => {
    const after = change && changed(row, change);
    if (!after) removeDocument(request.scope, held, row);
    else if (replaceDocument(request.scope, held, row, after)) outcome.nModified++;
    outcome.n++;
    told?.(row, after);
  });
  if (outcome.n > 0 || !change || !options.flag('upsert')) return outcome;
  const target = collectionForWrite(request);
  const made = await whenFree(() => insertDocument(request.scope, target, upsertOf(statement.query, change)));
  told?.(undefined, made);
  return { n: 1, nModified: 0, upserted: made.get('_id') };
}

/**
 * Does a deed with the documents that a query finds, each once and in a state in which it matches: while the reader
 * rested or waited for a transaction, others may have written, and the deed itself may move a document in its index.
 */
async function eachFound(
  request: Request,
  collection: Collection | undefined,
  query: Query,
  context: PipelineContext,
  isMulti: boolean,
  deed: (row: Found, collection: Collection) => void,
): Promise<void> {
  const { view } = request.scope;
  const done = new Set<number>();
  for (let isComplete = false; !isComplete && collection;) {
    isComplete = true;
    const { filter, rows } = search(view, collection, query, context);
    for (const row of rows) {
      if (!row) await request.pace.rest();
      if (!row || done.has(row.key)) continue;
      const current = currentOf(view, row, filter);
      // What was sorted must be sorted again.
      if (current !== row && query.sort.length > 0) isComplete = false;
      else if (current) {
        const blocked = tried(() => deed(current, collection));
        if (blocked) {
          await blocked.ended;
          isComplete = false;
        } else if (!isMulti) return;
        else done.add(row.key);
      }
      if (!isComplete) break;
    }
  }
}

function tried(deed: () => void): Busy | undefined {
  try {
    deed();
    return undefined;
  } catch (error) {
    if (error instanceof Busy) return error;
    throw error;
  }
}

function currentOf(view: View, row: Found, filter: Filter): Found | undefined {
  const bytes = view.document(row.key);
  return bytes?.equals(row.bytes) ? row : bytes && match({ key: row.key, bytes }, filter);
}

/** A way to change a document: operators, a replacement or a pipeline. */
interface Change {
  apply(before: Doc, situation: Situation): Doc;
  isReplacement: boolean;
}

function changeOf(request: Request, options: Options, update: Value): Change {
  const collation = options.collation(request.collection());
  const filters = options.get('arrayFilters') === undefined ? undefined : options.list('arrayFilters').filter(isDoc);
  if (filters && (isPipeline(update) || isReplacement(docOf(update))))
    throw failedToParse('arrayFilters may not be specified for pipeline or replacement-style updates');
  if (isPipeline(update)) {
    const variables = new Map([...request.variables, ...variablesOf(options.document('c'))]);
    return pipelineChange(update, pipelineContext(request, collation, variables));
  }
  if (!isDoc(update)) throw failedToParse('Update argument must be either an object or an array');
  if (isReplacement(update)) return { isReplacement: true, apply: (before) => withId(before, update) };
  const context = filterContext(pipelineContext(request, collation));
  const operators = new OperatorUpdate(update, {
    ...context,
    now: new Date(),
    ...(filters && { arrayFilters: filters }),
  });
  return {
    isReplacement: false,
    apply: (before, situation) => {
      operators.apply(before, situation);
      return before;
    },
  };
}

const updateStages = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith']);

function pipelineChange(update: Value[], context: PipelineContext): Change {
  const stages = stagesOf(update);
  for (const name of stages.flatMap((stage) => [...stage.keys()]))
    if (!updateStages.has(name))
      throw new CommandError('InvalidOptions', `${name} is not allowed to be used within an update`);
  const run = compilePipeline(stages, context);
  return {
    isReplacement: false,
    apply: (before) => {
      const [after] = run([before]);
      if (!after) throw badValue('an update pipeline must leave one document');
      return after.has('_id') ? after : withId(before, after);
    },
  };
}

/** A copy that keeps the `_id` there was, in front; one of its own that differs is refused later. */
function withId(before: Doc, fields: Doc): Doc {
  const [id, own] = [before.get('_id'), fields.get('_id')];
  const kept = id !== undefined && (own === undefined || equalValues(id, own)) ? id : own;
  const rest = [...fields].filter(([name]) => name !== '_id');
  return new Map(kept === undefined ? rest : [['_id', kept], ...rest]);
}

/** A found document as it becomes. Errors: ImmutableField when its `_id` would change. */
function changed(row: Found, change: Change): Doc {
  const after = change.apply(decode(row.bytes), { trace: row.trace, isInsert: false });
  const [id, idAfter] = [row.fields.get('_id'), after.get('_id')];
  if (id !== undefined && (idAfter === undefined || !equalValues(id, idAfter) || !equalParts(id, idAfter)))
    throw new CommandError(
      'ImmutableField',
      `Performing an update on the path '_id' would modify the immutable field '_id'`,
    );
  return after;
}

/** What an upsert puts in: what the query fixes, changed. */
function upsertOf(query: Doc, change: Change): Doc {
  const fixed = equalities(query);
  const before = change.isReplacement ? new Map([...fixed].filter(([name]) => name === '_id')) : fixed;
  return change.apply(before, { trace: {}, isInsert: true });
}
