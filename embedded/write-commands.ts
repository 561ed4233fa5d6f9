/** Commands that write. */
import { decode, doc, encode, int, isDoc, type Doc, type Value } from './bson.ts';
import type { Collection } from './catalog.ts';
import type { Collation } from './collation.ts';
import { badValue, CommandError, failedToParse } from './errors.ts';
import type { Filter, MatchTrace } from './matcher.ts';
import { pipelineContext } from './aggregation.ts';
import { compilePipeline, stagesOf } from './pipeline.ts';
import { planOf } from './query.ts';
import { sorted, sortFieldsOf } from './sort.ts';
import { plan } from './planner.ts';
import { Projection } from './projection.ts';
import { matching, measured, rowsOf, type Found } from './reading.ts';
import { variablesOf, type Request } from './request.ts';
import { Busy } from './scope.ts';
import { equalities, equalParts, isPipeline, isReplacement, OperatorUpdate, type Situation } from './updater.ts';
import { equalValues, wholeNumber } from './values.ts';
import { checkId, insertDocument, newObjectId, rawOf, removeDocument, replaceDocument } from './writing.ts';

const statementsMax = 100_000;

/** Runs one deed; outside a transaction it waits while a transaction holds what it wants. */
async function attempt<T>(request: Request, deed: () => T): Promise<T> {
  for (;;) {
    try {
      return deed();
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      await error.ended;
      await request.pace.rest();
    }
  }
}

function collectionForWrite(request: Request): Collection {
  return request.collection() ?? request.scope.create(request.db, request.target, new Map());
}

/** One entry of `writeErrors`. */
function writeError(index: number, error: CommandError): Doc {
  const details = [...error.details] as [string, Value][];
  return new Map<string, Value>([
    ['index', int(index)],
    ['code', int(error.code)],
    ...details,
    ['errmsg', error.message],
  ]);
}

/**
 * Runs the statements of a write command, each once even when the command is retried. A refused statement goes into
 * `writeErrors`; in a transaction it fails the command.
 */
async function eachStatement<T extends Value>(
  request: Request,
  statements: readonly T[],
  run: (statement: T, index: number) => Promise<{ result?: Doc; told: Doc }>,
  count: (told: Doc | 'done', index: number) => void,
): Promise<Doc[]> {
  if (statements.length === 0 || statements.length > statementsMax)
    throw new CommandError(
      'InvalidLength',
      `Write batch sizes must be between 1 and ${statementsMax}. Got ${statements.length} operations.`,
    );
  const ordered = request.flag('ordered', true);
  const errors: Doc[] = [];
  const ids = request.get('stmtIds');
  for (const [index, statement] of statements.entries()) {
    const number =
      (Array.isArray(ids) ? wholeNumber(ids[index]) : undefined) ?? (wholeNumber(request.get('stmtId')) ?? 0) + index;
    const earlier = earlierOf(request, number);
    if (earlier) {
      count(earlier, index);
      continue;
    }
    try {
      const { told, result } = await run(statement, index);
      rememberIn(request, number, result);
      count(told, index);
    } catch (error) {
      if (!(error instanceof CommandError) || request.scope.isTransaction) throw error;
      errors.push(writeError(index, error));
      if (ordered) break;
    }
    if (request.pace.isOver) await request.pace.rest();
  }
  return errors;
}

function earlierOf(request: Request, statement: number): Doc | 'done' | undefined {
  const { lsid, txnNumber } = request.session;
  if (lsid === undefined || txnNumber === undefined || request.scope.isTransaction) return undefined;
  return request.engine.sessions.earlier(lsid, txnNumber, statement);
}

function rememberIn(request: Request, statement: number, result: Doc | undefined): void {
  const { lsid, txnNumber } = request.session;
  if (lsid === undefined || txnNumber === undefined || request.scope.isTransaction) return;
  request.engine.sessions.remember(lsid, txnNumber, statement, result);
}

function reply(fields: Record<string, Value | undefined>, errors: Doc[]): Doc {
  return doc({ ...fields, writeErrors: errors.length > 0 ? errors : undefined });
}

export async function insert(request: Request): Promise<Doc> {
  const documents = request.get('documents');
  if (!Array.isArray(documents)) throw failedToParse("'documents' must be an array");
  const collection = collectionForWrite(request);
  let n = 0;
  const errors = await eachStatement(
    request,
    documents,
    async (document) => {
      await attempt(request, () => insertDocument(request.scope, collection, rawOf(document)));
      return { told: new Map() };
    },
    () => n++,
  );
  return reply({ n: int(n) }, errors);
}

/** A way to change a document: operators, a replacement or a pipeline. */
export interface Change {
  apply(before: Doc, situation: Situation): Doc;
  isReplacement: boolean;
}

export function changeOf(
  request: Request,
  update: Value,
  arrayFilters: Value | undefined,
  collation: Collation | undefined,
  constants?: Doc,
): Change {
  const filters = Array.isArray(arrayFilters) ? arrayFilters.filter(isDoc) : undefined;
  if (isPipeline(update)) {
    if (filters) throw failedToParse('Cannot specify arrayFilters and a pipeline update');
    return pipelineChange(request, update, collation, constants);
  }
  if (!isDoc(update)) throw failedToParse('Update argument must be either an object or an array');
  if (isReplacement(update)) {
    if (filters) throw failedToParse('arrayFilters may not be specified for replacement-style updates');
    return {
      isReplacement: true,
      apply: (before) => {
        const id = before.get('_id');
        const rest = [...update].filter(([name]) => name !== '_id');
        const own = update.get('_id');
        const kept = id ?? own;
        if (id !== undefined && own !== undefined && !equalValues(id, own)) throw immutableId();
        return new Map(kept === undefined ? rest : [['_id', kept], ...rest]);
      },
    };
  }
  const operators = new OperatorUpdate(update, {
    ...request.context(collation),
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

function pipelineChange(request: Request, update: Value[], collation: Collation | undefined, constants?: Doc): Change {
  const stages = stagesOf(update);
  for (const [name] of stages.map((stage) => [...stage.keys()]))
    if (name === undefined || !updateStages.has(name))
      throw new CommandError('InvalidOptions', `${name ?? ''} is not allowed to be used within an update`);
  const variables = new Map([...request.variables, ...variablesOf(constants)]);
  const run = compilePipeline(stages, pipelineContext(request, collation, variables));
  return {
    isReplacement: false,
    apply: (before) => {
      const [after] = run([before]);
      if (!after) throw badValue('an update pipeline must leave one document');
      const id = before.get('_id');
      return id === undefined || after.has('_id') ? after : new Map([['_id', id], ...after]);
    },
  };
}

const updateStages = new Set(['$set', '$addFields', '$unset', '$project', '$replaceRoot', '$replaceWith']);

function immutableId(): CommandError {
  return new CommandError(
    'ImmutableField',
    `Performing an update on the path '_id' would modify the immutable field '_id'`,
  );
}

/** Changes one found document. Returns the new one and whether it differs. */
function changeFound(
  request: Request,
  collection: Collection,
  found: Found,
  change: Change,
): { after: Doc; changed: boolean } {
  const after = change.apply(decode(found.bytes), { trace: found.trace, isInsert: false });
  const id = found.fields.get('_id');
  const idAfter = after.get('_id');
  if (id !== undefined && (idAfter === undefined || !equalValues(id, idAfter) || !equalParts(id, idAfter)))
    throw immutableId();
  return { after, changed: replaceDocument(request.scope, collection, found.key, found.fields, found.bytes, after) };
}

function insertForUpsert(request: Request, collection: Collection, query: Doc, change: Change): Doc {
  const fixed = equalities(query);
  const before: Doc = change.isReplacement ? new Map([...fixed].filter(([name]) => name === '_id')) : fixed;
  const after = change.apply(before, { trace: {}, isInsert: true });
  const own = after.get('_id');
  const id = own === undefined ? newObjectId() : own;
  checkId(id);
  return insertDocument(
    request.scope,
    collection,
    encode(new Map<string, Value>([['_id', id], ...[...after].filter(([name]) => name !== '_id')])),
  );
}

interface Search {
  filter: Filter;
  query: Doc;
  sort: Doc | undefined;
  collation: Collation | undefined;
  hint: Value | undefined;
}

function found(request: Request, collection: Collection, search: Search): Generator<Found | undefined> {
  const sort = sortFieldsOf(search.sort);
  const chosen =
    sort.length > 0
      ? planOf(collection, { ...search, sort, skip: 0, limit: 1 }, request.variables)
      : plan(collection, { ...search, sort, variables: request.variables });
  const rows = matching(rowsOf(request.scope.view, collection, chosen), search.filter);
  return sort.length > 0 && !chosen.providesSort ? sorted(rows, measured, sort, 1, search.collation?.compare) : rows;
}

/** Does a deed with the first document that matches, in the same turn as it was read; `undefined` when there is none. */
async function withFirst<T>(
  request: Request,
  collection: Collection | undefined,
  search: Search,
  deed: (found: Found) => T,
): Promise<T | undefined> {
  if (!collection) return undefined;
  const rows = found(request, collection, search);
  for (;;) {
    const next = rows.next();
    if (next.done) return undefined;
    const row: Found | undefined = next.value ?? undefined;
    if (!row) {
      await request.pace.rest();
      continue;
    }
    if (search.sort && !request.scope.view.document(row.key)?.equals(row.bytes))
      return withFirst(request, collection, search, deed);
    try {
      return deed(row);
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      await error.ended;
      return withFirst(request, collection, search, deed);
    }
  }
}

function searchOf(request: Request, statement: Doc, collection: Collection | undefined): Search {
  const query = statement.get('q');
  if (!isDoc(query)) throw failedToParse(`BSON field '${request.name}.q' must be an object`);
  const sort = statement.get('sort');
  const collation = request.collation(collection, statement.get('collation'));
  return {
    query,
    filter: request.filter(query, collation),
    sort: isDoc(sort) ? sort : undefined,
    collation,
    hint: statement.get('hint'),
  };
}

export async function update(request: Request): Promise<Doc> {
  const statements = request.documents('updates');
  for (const statement of statements) checkFields(request, statement, updateFields, 'updates');
  let n = 0;
  let modified = 0;
  const upserted: Doc[] = [];
  const errors = await eachStatement(
    request,
    statements,
    async (statement) => {
      const told = await updateOne(request, statement);
      return { told, result: told };
    },
    (told, index) => {
      if (told === 'done') return;
      n += wholeNumber(told.get('n')) ?? 0;
      modified += wholeNumber(told.get('nModified')) ?? 0;
      const id = told.get('upserted');
      if (id !== undefined) upserted.push(doc({ index: int(index), _id: id }));
    },
  );
  return reply({ n: int(n), nModified: int(modified), upserted: upserted.length > 0 ? upserted : undefined }, errors);
}

const updateFields = new Set([
  'q',
  'u',
  'c',
  'multi',
  'upsert',
  'arrayFilters',
  'collation',
  'hint',
  'upsertSupplied',
  'sampleId',
]);
const deleteFields = new Set(['q', 'limit', 'collation', 'hint', 'sampleId']);

function checkFields(request: Request, statement: Doc, known: ReadonlySet<string>, list: string): void {
  for (const name of statement.keys())
    if (!known.has(name))
      throw new CommandError('IDLUnknownField', `BSON field '${request.name}.${list}.${name}' is an unknown field.`);
}

async function updateOne(request: Request, statement: Doc): Promise<Doc> {
  let collection = request.collection();
  const search = searchOf(request, statement, collection);
  const constants = statement.get('c');
  const change = changeOf(
    request,
    statement.get('u') ?? null,
    statement.get('arrayFilters'),
    search.collation,
    isDoc(constants) ? constants : undefined,
  );
  const isMulti = statement.get('multi') === true;
  if (isMulti && change.isReplacement)
    throw failedToParse('multi update is not supported for replacement-style update');
  if (isMulti && search.sort) throw failedToParse('Cannot specify sort with multi=true');
  let n = 0;
  let modified = 0;
  const take = (each: Found) => {
    const { changed } = changeFound(request, required(collection), each, change);
    n++;
    if (changed) modified++;
  };
  if (isMulti) await withEvery(request, collection, search, take);
  else await withFirst(request, collection, search, take);
  if (n === 0 && statement.get('upsert') === true) {
    collection ??= collectionForWrite(request);
    const inserted = await attempt(request, () => insertForUpsert(request, required(collection), search.query, change));
    return doc({ n: int(1), nModified: int(0), upserted: inserted.get('_id') });
  }
  return doc({ n: int(n), nModified: int(modified) });
}

function required(collection: Collection | undefined): Collection {
  if (!collection) throw new CommandError('NamespaceNotFound', 'ns does not exist');
  return collection;
}

/** Does a deed with every document that matches, each once even when the deed moves it in the index being read. */
async function withEvery(
  request: Request,
  collection: Collection | undefined,
  search: Search,
  deed: (found: Found) => void,
): Promise<void> {
  if (!collection) return;
  const done = new Set<number>();
  for (const row of found(request, collection, search)) {
    if (!row) {
      await request.pace.rest();
      continue;
    }
    if (done.has(row.key)) continue;
    done.add(row.key);
    await again(request, row, search, deed);
  }
}

async function again(request: Request, row: Found, search: Search, deed: (found: Found) => void): Promise<void> {
  for (;;) {
    const current = fresh(request, row, search);
    if (!current) return;
    try {
      deed(current);
      return;
    } catch (error) {
      if (!(error instanceof Busy)) throw error;
      await error.ended;
    }
  }
}

/** The row as it is now, for others may have written since it was read; `undefined` when it no longer matches. */
function fresh(request: Request, row: Found, search: Search): Found | undefined {
  const bytes = request.scope.view.document(row.key);
  if (!bytes || bytes.equals(row.bytes)) return bytes && row;
  const fields = decode(bytes);
  const trace: MatchTrace = {};
  return search.filter.matches(fields, trace) ? { key: row.key, bytes, fields, trace } : undefined;
}

export async function remove(request: Request): Promise<Doc> {
  let n = 0;
  const statements = request.documents('deletes');
  for (const statement of statements) checkFields(request, statement, deleteFields, 'deletes');
  const errors = await eachStatement(
    request,
    statements,
    async (statement) => {
      const collection = request.collection();
      const search = searchOf(request, statement, collection);
      const limit = wholeNumber(statement.get('limit'));
      if (limit !== 0 && limit !== 1)
        throw failedToParse(`The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
      let removed = 0;
      const take = (each: Found) => {
        removeDocument(request.scope, required(collection), each.key, each.fields);
        removed++;
      };
      if (limit === 0) await withEvery(request, collection, search, take);
      else await withFirst(request, collection, search, take);
      const told = doc({ n: int(removed) });
      return { told, result: told };
    },
    (told) => {
      if (told !== 'done') n += wholeNumber(told.get('n')) ?? 0;
    },
  );
  return reply({ n: int(n) }, errors);
}

export async function findAndModify(request: Request): Promise<Doc> {
  const earlier = earlierOf(request, 0);
  // A copy: what is told gets fields of its own, the record keeps none of them.
  if (earlier && earlier !== 'done') return new Map(earlier);
  const isRemove = request.flag('remove');
  const updateSpec = request.get('update');
  const returnsNew = request.flag('new');
  if (isRemove === (updateSpec !== undefined))
    throw failedToParse(
      isRemove
        ? "Cannot specify both an 'update' and 'remove'=true"
        : "Either an 'update' or 'remove'=true must be specified",
    );
  if (isRemove && (returnsNew || request.flag('upsert')))
    throw failedToParse(
      `Cannot specify both ${returnsNew ? 'new' : 'upsert'}=true and remove=true; 'remove' always returns the deleted document`,
    );
  let collection = request.collection();
  const query = request.document('query') ?? new Map<string, Value>();
  const collation = request.collation(collection);
  const search: Search = {
    query,
    filter: request.filter(query, collation),
    sort: request.document('sort'),
    collation,
    hint: request.get('hint'),
  };
  const fields = request.document('fields');
  const projection = fields && fields.size > 0 ? new Projection(fields, request.context(collation)) : undefined;
  const project = (value: Doc, trace: MatchTrace) => projection?.apply(value, trace) ?? value;
  const change =
    updateSpec === undefined ? undefined : changeOf(request, updateSpec, request.get('arrayFilters'), collation);
  let result = await withFirst(request, collection, search, (each) => {
    if (!change) {
      removeDocument(request.scope, required(collection), each.key, each.fields);
      return answer(project(each.fields, each.trace), doc({ n: int(1) }));
    }
    const { after } = changeFound(request, required(collection), each, change);
    return answer(
      returnsNew ? project(after, each.trace) : project(each.fields, each.trace),
      doc({ n: int(1), updatedExisting: true }),
    );
  });
  if (!result && change && request.flag('upsert')) {
    collection ??= collectionForWrite(request);
    const inserted = await attempt(request, () => insertForUpsert(request, required(collection), query, change));
    result = answer(
      returnsNew ? project(inserted, {}) : null,
      doc({ n: int(1), updatedExisting: false, upserted: inserted.get('_id') }),
    );
  }
  result ??= answer(null, doc(change ? { n: int(0), updatedExisting: false } : { n: int(0) }));
  rememberIn(request, 0, new Map(result));
  return result;
}

function answer(value: Doc | null, lastErrorObject: Doc): Doc {
  return doc({ lastErrorObject, value });
}
