/** `$out` and `$merge`: pipelines that end in a collection. */
import { doc, isDoc, type Doc, type Value } from './bson.ts';
import { pipelineContext } from './aggregation.ts';
import { Index, type Collection } from './catalog.ts';
import { CommandError, failedToParse } from './errors.ts';
import { compilePipeline, stagesOf, type Docs } from './pipeline.ts';
import { search, type Found } from './reading.ts';
import type { Request } from './request.ts';
import { equalValues, nameOf } from './values.ts';
import { duplicateKey, insertDocument, replaceDocument } from './writing.ts';
import { whenFree } from './writes.ts';

export async function writeOutput(request: Request, rows: Docs, stage: Doc): Promise<void> {
  const [[name, operand] = ['', null]] = stage;
  if (request.scope.isTransaction)
    throw new CommandError('OperationNotSupportedInTransaction', `${name} cannot be used in a transaction`);
  await (name === '$out' ? writeOut(request, rows, operand) : merge(request, rows, operand));
}

function targetOf(request: Request, value: Value | undefined): [string, string] {
  if (typeof value === 'string') return [request.db, value];
  if (isDoc(value)) return [nameOf(value.get('db')) || request.db, nameOf(value.get('coll'))];
  throw new CommandError(16990, '$out and $merge need a collection to write into');
}

/** The collection is replaced as a whole, at once, when everything is written. */
async function writeOut(request: Request, rows: Docs, operand: Value): Promise<void> {
  const [db, name] = targetOf(request, operand);
  const { catalog, direct } = request.engine;
  const old = catalog.get(db, name);
  const fresh = catalog.make(db, name, old?.options ?? new Map<string, Value>());
  for (const index of old?.indexes ?? [])
    if (index.name !== '_id_') fresh.indexes.push(new Index(catalog.newId(), index.spec, true));
  for (const row of rows) {
    if (row) insertDocument(direct, fresh, row);
    await request.pace.rest();
  }
  const current = catalog.get(db, name);
  if (current) catalog.drop(current);
  catalog.add(fresh);
}

const mergeOptions = new Set(['into', 'on', 'let', 'whenMatched', 'whenNotMatched']);

async function merge(request: Request, rows: Docs, operand: Value): Promise<void> {
  const spec: Doc =
    typeof operand === 'string' ? doc({ into: operand }) : isDoc(operand) ? operand : new Map<string, Value>();
  for (const name of spec.keys()) if (!mergeOptions.has(name)) throw failedToParse(`unknown $merge option: ${name}`);
  const [db, name] = targetOf(request, spec.get('into'));
  const on = spec.get('on') ?? '_id';
  const fields = (Array.isArray(on) ? on : [on]).map(nameOf);
  const whenMatched = spec.get('whenMatched') ?? 'merge';
  const whenNotMatched = nameOf(spec.get('whenNotMatched')) || 'insert';
  const collection = request.scope.collection(db, name) ?? request.scope.create(db, name, new Map());
  if (
    !collection.indexes.some(
      (index) => index.isUnique && equalValues([...index.fields.map((field) => field.name)].sort(), [...fields].sort()),
    )
  )
    throw new CommandError(51183, 'Cannot find index to verify that join fields will be unique');
  for (const row of rows) {
    if (row) await mergeOne(request, collection, row, fields, whenMatched, whenNotMatched);
    await request.pace.rest();
  }
}

async function mergeOne(
  request: Request,
  collection: Collection,
  row: Doc,
  fields: string[],
  whenMatched: Value,
  whenNotMatched: string,
): Promise<void> {
  const query = new Map(fields.map((name) => [name, row.get(name) ?? null]));
  await whenFree(() => {
    const held = find(request, collection, query);
    if (!held) {
      if (whenNotMatched === 'fail')
        throw new CommandError(13113, '$merge could not find a matching document in the target collection');
      if (whenNotMatched === 'insert') insertDocument(request.scope, collection, row);
      return;
    }
    if (whenMatched === 'fail') throw duplicateKey(collection, collection.idIndex, row);
    const after = merged(request, held.fields, row, whenMatched);
    const id = held.fields.get('_id') ?? null;
    if (after) replaceDocument(request.scope, collection, held, new Map([['_id', id], ...after, ['_id', id]]));
  });
}

function merged(request: Request, held: Doc, row: Doc, whenMatched: Value): Doc | undefined {
  if (Array.isArray(whenMatched)) {
    const context = pipelineContext(request, undefined, new Map([['new', row]]));
    const [after] = compilePipeline(stagesOf(whenMatched), context)([new Map(held)]);
    return after;
  }
  switch (whenMatched) {
    case 'replace':
      return row;
    case 'keepExisting':
      return undefined;
    case 'merge':
      return new Map([...held, ...row]);
    default:
      throw failedToParse(`unknown $merge mode: ${nameOf(whenMatched)}`);
  }
}

function find(request: Request, collection: Collection, filter: Doc): Found | undefined {
  const query = { query: filter, sort: [], skip: 0, limit: 1, collation: undefined, hint: undefined };
  for (const row of search(request.scope.view, collection, query, pipelineContext(request, undefined)).rows)
    if (row) return row;
  return undefined;
}
