/** Documents in and out of a collection with their index entries; each deed is checked whole before it changes anything. */
import { decode, documentBytesMax, encode, isDoc, kinds, Opaque, RawDoc, Regex, type Doc, type Value } from './bson.ts';
import type { Collection, Index } from './catalog.ts';
import { badValue, CommandError } from './errors.ts';
import { keysOf } from './index-keys.ts';
import type { Scope } from './scope.ts';
import { decimalText, isDecimal, isNumeric, textOf, toDouble } from './values.ts';
import { valueAt } from './paths.ts';
import { randomBytes } from 'node:crypto';

/** A document with the fields that indexes need, and its bytes with `_id` in front. Errors: what MongoDB refuses to store. */
export function toStored(raw: Buffer): { fields: Doc; bytes: Buffer } {
  const fields = decode(raw);
  const id = fields.get('_id');
  checkId(id);
  const [first] = fields.keys();
  if (id !== undefined && first === '_id') return checked(fields, raw);
  const ordered: Doc = new Map([['_id', id === undefined ? newObjectId() : id]]);
  for (const [name, value] of fields) if (name !== '_id') ordered.set(name, value);
  return checked(ordered, encode(ordered));
}

function checked(fields: Doc, bytes: Buffer): { fields: Doc; bytes: Buffer } {
  if (bytes.length > documentBytesMax)
    throw new CommandError(
      'BSONObjectTooLarge',
      `object to insert too large. size in bytes: ${bytes.length}, max size: ${documentBytesMax}`,
    );
  return { fields, bytes };
}

let counter = randomBytes(3).readUIntBE(0, 3);
const machine = randomBytes(5);

export function newObjectId(): Opaque {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1000), 0);
  machine.copy(bytes, 4);
  bytes.writeUIntBE((counter = (counter + 1) & 0xffffff), 9, 3);
  return new Opaque(kinds.objectId, bytes);
}

export function checkId(id: Value | undefined): void {
  if (Array.isArray(id)) throw new CommandError('InvalidIdField', `The '_id' value cannot be of type array`);
  if (id instanceof Regex) throw new CommandError('InvalidIdField', `The '_id' value cannot be of type regex`);
  if (id instanceof Opaque && id.kind === kinds.undefined)
    throw new CommandError('InvalidIdField', `The '_id' value cannot be of type undefined`);
  if (isDoc(id))
    for (const name of id.keys())
      if (name.startsWith('$'))
        throw new CommandError(
          'DollarPrefixedFieldName',
          `The dollar ($) prefixed field '${name}' in '_id' is not allowed in the context of an insert.`,
        );
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
    const wanted = after ? keysOf(index, after) : undefined;
    const keys = wanted?.keys ?? [];
    const change = {
      index,
      added: keys.filter((each) => !includes(held, each)),
      removed: held.filter((each) => !includes(keys, each)),
    };
    if (change.added.length + change.removed.length === 0) continue;
    if (index.isUnique) {
      for (const each of [...change.added, ...change.removed]) scope.claim(`${index.id}:${each.toString('latin1')}`);
      for (const each of change.added) refuseDuplicate(scope, collection, index, each, key, after);
    }
    if (wanted?.multikey.some((passes, position) => passes && !index.multikey[position]))
      markMultikey(collection, index, wanted.multikey);
    changes.push(change);
  }
  return changes;
}

function includes(keys: Buffer[], wanted: Buffer): boolean {
  return keys.some((key) => key.equals(wanted));
}

export function refuseDuplicate(
  scope: Scope,
  collection: Collection,
  index: Index,
  key: Buffer,
  own: number,
  fields: Doc | undefined,
): void {
  const range = { from: key, to: Buffer.concat([key, Buffer.from([0])]) };
  if (scope.view.entries(index.id, range, true).some((entry) => entry.document !== own))
    throw duplicateKey(collection, index, fields ?? new Map<string, Value>());
}

export function duplicateKey(collection: Collection, index: Index, fields: Doc): CommandError {
  const keyValue: Doc = new Map(index.fields.map((field) => [field.name, valueAt(fields, field.path) ?? null]));
  const text = [...keyValue].map(([name, value]) => `${name}: ${show(value)}`).join(', ');
  return new CommandError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${collection.namespace} index: ${index.name} dup key: { ${text} }`,
    new Map<string, Value>([
      ['keyPattern', index.spec.get('key') ?? null],
      ['keyValue', keyValue],
    ]),
  );
}

function show(value: Value): string {
  const text = textOf(value);
  if (text !== undefined) return JSON.stringify(text);
  if (isDecimal(value)) return `Decimal128('${decimalText(value)}')`;
  if (isNumeric(value)) return typeof value === 'bigint' ? String(value) : String(toDouble(value));
  if (value instanceof Date) return `new Date(${value.getTime()})`;
  if (value instanceof Opaque && value.kind === kinds.objectId) return `ObjectId('${value.bytes.toString('hex')}')`;
  if (value instanceof Opaque) return `BinData(${value.bytes.toString('hex')})`;
  if (Array.isArray(value)) return `[ ${value.map(show).join(', ')} ]`;
  if (isDoc(value)) return `{ ${[...value].map(([name, field]) => `${name}: ${show(field)}`).join(', ')} }`;
  if (value instanceof Regex) return `/${value.pattern}/${value.flags}`;
  return value === true ? 'true' : value === false ? 'false' : 'null';
}

function markMultikey(collection: Collection, index: Index, passes: boolean[]): void {
  for (const [position, pass] of passes.entries()) if (pass) index.multikey[position] = true;
  collection.markChanged();
}

function applyChanges(scope: Scope, key: number, changes: EntryChange[]): void {
  for (const { index, added, removed } of changes) {
    for (const each of removed) scope.view.removeEntry(index.id, each, key);
    for (const each of added) scope.view.addEntry(index.id, each, key);
  }
}

export function insertDocument(scope: Scope, collection: Collection, raw: Buffer): Doc {
  const { fields, bytes } = toStored(raw);
  const key = collection.newKey();
  const changes = entryChanges(scope, collection, key, undefined, fields);
  scope.view.putDocument(key, bytes);
  applyChanges(scope, key, changes);
  return fields;
}

/** Puts a changed document in the place of the old one. Returns whether it differs. */
export function replaceDocument(
  scope: Scope,
  collection: Collection,
  key: number,
  before: Doc,
  bytesBefore: Buffer,
  after: Doc,
): boolean {
  const bytes = encode(after);
  if (bytes.equals(bytesBefore)) return false;
  if (bytes.length > documentBytesMax)
    throw new CommandError(17419, `Resulting document after update is larger than ${documentBytesMax}`);
  scope.claim(`d:${key}`);
  const changes = entryChanges(scope, collection, key, before, after);
  scope.view.putDocument(key, bytes);
  applyChanges(scope, key, changes);
  return true;
}

export function removeDocument(scope: Scope, collection: Collection, key: number, fields: Doc): void {
  scope.claim(`d:${key}`);
  const changes = entryChanges(scope, collection, key, fields, undefined);
  scope.view.removeDocument(key);
  applyChanges(scope, key, changes);
}

export function rawOf(value: Value): Buffer {
  if (value instanceof RawDoc) return value.bytes;
  if (isDoc(value)) return encode(value);
  throw badValue('a document was expected');
}
