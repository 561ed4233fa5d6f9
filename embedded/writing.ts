/** Documents in and out of a collection with their index entries; each deed is checked whole before it changes anything. */
import { randomBytes } from 'node:crypto';
import { decode, documentBytesMax, encode, isDoc, kinds, Opaque, RawDoc, Regex, type Doc, type Value } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { badValue, CommandError } from './errors.ts';
import { keysOf } from './index-keys.ts';
import { valueAt } from './paths.ts';
import type { Row } from './storage.ts';
import type { Scope } from './transactions.ts';
import { isNumeric, textOf, toDouble, typeName } from './values.ts';

let counter = randomBytes(3).readUIntBE(0, 3);
const machine = randomBytes(5);

function newObjectId(): Opaque {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  machine.copy(bytes, 4);
  bytes.writeUIntBE((counter = (counter + 1) & 0xffffff), 9, 3);
  return new Opaque(kinds.objectId, bytes);
}

function checkId(id: Value): void {
  if (Array.isArray(id) || id instanceof Regex || (id instanceof Opaque && id.kind === kinds.undefined))
    throw new CommandError('InvalidIdField', `The '_id' value cannot be of type ${typeName(id)}`);
  const name = isDoc(id) ? [...id.keys()].find((each) => each.startsWith('$')) : undefined;
  if (name !== undefined)
    throw new CommandError(
      'DollarPrefixedFieldName',
      `The dollar ($) prefixed field '${name}' in '_id' is not allowed in the context of an insert.`,
    );
}

/** The bytes of a document that came as they are. */
function rawOf(value: Value): Buffer {
  if (value instanceof RawDoc) return value.bytes;
  if (isDoc(value)) return encode(value);
  throw badValue('a document was expected');
}

/** Stores a document, with `_id` in front. Errors: what MongoDB refuses to store. */
export function insertDocument(scope: Scope, collection: Collection, document: Value): Doc {
  const raw = rawOf(document);
  const fields = decode(raw);
  const id = fields.get('_id') ?? (fields.has('_id') ? null : newObjectId());
  checkId(id);
  const [first] = fields.keys();
  const ordered: Doc = first === '_id' ? fields : new Map([['_id', id], ...fields]);
  // A key that a Map holds keeps its first place, but takes its last value: the same `_id`.
  const bytes = first === '_id' ? raw : encode(ordered);
  if (bytes.length > documentBytesMax)
    throw new CommandError(
      'BSONObjectTooLarge',
      `object to insert too large. size in bytes: ${bytes.length}, max size: ${documentBytesMax}`,
    );
  const key = collection.newKey();
  const changes = entryChanges(scope, collection, key, undefined, ordered);
  scope.view.putDocument(key, bytes);
  applyChanges(scope, key, changes);
  return ordered;
}

/** A stored document, decoded. */
interface Stored extends Row {
  fields: Doc;
}

/** Puts a changed document in the place of the old one. Returns whether it differs. */
export function replaceDocument(scope: Scope, collection: Collection, before: Stored, after: Doc): boolean {
  const bytes = encode(after);
  if (bytes.equals(before.bytes)) return false;
  if (bytes.length > documentBytesMax)
    throw new CommandError(17419, `Resulting document after update is larger than ${documentBytesMax}`);
  scope.claim(`d:${before.key}`);
  const changes = entryChanges(scope, collection, before.key, before.fields, after);
  scope.view.putDocument(before.key, bytes);
  applyChanges(scope, before.key, changes);
  return true;
}

export function removeDocument(scope: Scope, collection: Collection, before: Stored): void {
  scope.claim(`d:${before.key}`);
  const changes = entryChanges(scope, collection, before.key, before.fields, undefined);
  scope.view.removeDocument(before.key);
  applyChanges(scope, before.key, changes);
}

interface EntryChange {
  index: Index;
  added: Buffer[];
  removed: Buffer[];
}

/** How the entries of a document change; takes the unique keys and refuses duplicates. */
function entryChanges(
  scope: Scope,
  collection: Collection,
  key: number,
  before: Doc | undefined,
  after: Doc | undefined,
): EntryChange[] {
  const changes: EntryChange[] = [];
  for (const index of collection.indexes) {
    const held = before ? keysOf(index, before).keys : [];
    const { keys, multikey } = after ? keysOf(index, after) : { keys: [], multikey: [] };
    const added = keys.filter((each) => !includes(held, each));
    const removed = held.filter((each) => !includes(keys, each));
    if (added.length + removed.length === 0) continue;
    if (index.isUnique) {
      for (const each of [...added, ...removed]) scope.claim(`${index.id}:${each.toString('latin1')}`);
      for (const each of added) refuseDuplicate(scope, collection, index, each, key, after);
    }
    noteMultikey(collection, index, multikey);
    changes.push({ index, added, removed });
  }
  return changes;
}

function includes(keys: Buffer[], wanted: Buffer): boolean {
  return keys.some((key) => key.equals(wanted));
}

function applyChanges(scope: Scope, key: number, changes: EntryChange[]): void {
  for (const { index, added, removed } of changes) {
    for (const each of removed) scope.view.removeEntry(index.id, each, key);
    for (const each of added) scope.view.addEntry(index.id, each, key);
  }
}

/** Enters a document that is there already into an index that is new. */
export function enterInto(scope: Scope, collection: Collection, index: Index, key: number, fields: Doc): void {
  const { keys, multikey } = keysOf(index, fields);
  noteMultikey(collection, index, multikey);
  for (const each of keys) {
    if (index.isUnique) refuseDuplicate(scope, collection, index, each, key, fields);
    scope.view.addEntry(index.id, each, key);
  }
}

function noteMultikey(collection: Collection, index: Index, passes: boolean[]): void {
  for (const [position, pass] of passes.entries())
    if (pass && !index.multikey[position]) collection.isChanged = index.multikey[position] = true;
}

function refuseDuplicate(
  scope: Scope,
  collection: Collection,
  index: Index,
  key: Buffer,
  own: number,
  fields: Doc = new Map(),
): void {
  const range = { from: key, to: Buffer.concat([key, Buffer.from([0])]) };
  if (scope.view.entries(index.id, range, true).some((entry) => entry.document !== own))
    throw duplicateKey(collection, index, fields);
}

export function duplicateKey(collection: Collection, index: Index, fields: Doc): CommandError {
  const keyValue: Doc = new Map(index.fields.map((field) => [field.name, valueAt(fields, field.path) ?? null]));
  const text = [...keyValue].map(([name, value]) => `${name}: ${show(value)}`).join(', ');
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: { ${text} }`,
    { keyPattern: index.spec.get('key') ?? null, keyValue },
  );
}

function show(value: Value): string {
  const text = textOf(value);
  if (text !== undefined) return JSON.stringify(text);
  if (typeof value === 'bigint' || typeof value === 'boolean' || value === null) return String(value);
  if (isNumeric(value)) return String(toDouble(value));
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Opaque && value.kind === kinds.objectId) return `ObjectId('${value.bytes.toString('hex')}')`;
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`;
  if (isDoc(value)) return `{ ${[...value].map(([name, field]) => `${name}: ${show(field)}`).join(', ')} }`;
  return typeName(value);
}
