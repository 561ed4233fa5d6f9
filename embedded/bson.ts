/**
 * BSON as this store holds it. A document is a Map: it keeps the order of fields even when their names look like
 * integers, tells Int32 from Double from Long, and has no prototype to pollute.
 */
import { ByteWriter } from './byte-writer.ts';
import { CommandError } from './errors.ts';

export type Doc = Map<string, Value>;
export type Value = null | boolean | string | number | bigint | Int32 | Date | Regex | Opaque | RawDoc | Value[] | Doc;

export const documentBytesMax = 16 * 1024 * 1024;
const depthMax = 180;

/** A JavaScript number is a Double, a bigint a Long; this is the third. */
export class Int32 {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class Regex {
  readonly pattern: string;
  readonly flags: string;
  constructor(pattern: string, flags: string) {
    this.pattern = pattern;
    this.flags = flags;
  }
}

export const kinds = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: 255,
  maxKey: 127,
} as const;

/** Every other type (ObjectId, Binary, Decimal128, Timestamp, Code, MinKey …): its type byte and its bytes. */
export class Opaque {
  readonly kind: number;
  readonly bytes: Buffer;
  constructor(kind: number, bytes: Buffer) {
    this.kind = kind;
    this.bytes = bytes;
  }
}

/** A document that is passed on as it is stored. */
export class RawDoc {
  readonly bytes: Buffer;
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export const empty = Buffer.alloc(0);
export const minKey = new Opaque(kinds.minKey, empty);
export const maxKey = new Opaque(kinds.maxKey, empty);
export const undefinedValue = new Opaque(kinds.undefined, empty);

export function int(value: number): Int32 {
  return new Int32(value);
}

/** A document from a literal; for replies. */
export function doc(fields: Record<string, Value | undefined>): Doc {
  const map: Doc = new Map();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) map.set(name, value);
  return map;
}

export function isDoc(value: unknown): value is Doc {
  return value instanceof Map;
}

export function kindOf(value: Value): number {
  if (value === null) return kinds.null;
  switch (typeof value) {
    case 'string':
      return kinds.string;
    case 'number':
      return kinds.double;
    case 'bigint':
      return kinds.long;
    case 'boolean':
      return kinds.bool;
    default:
  }
  if (value instanceof Int32) return kinds.int;
  if (value instanceof Opaque) return value.kind;
  if (value instanceof Date) return kinds.date;
  if (Array.isArray(value)) return kinds.array;
  if (value instanceof Regex) return kinds.regex;
  return kinds.object;
}

function invalid(message: string): CommandError {
  return new CommandError('InvalidBSON', message);
}

/** A number for each kind; -1 for the others. */
export function byKind(...groups: [value: number, ...of: number[]][]): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (const [value, ...of] of groups) for (const kind of of) table[kind] = value;
  return table;
}

/** How many bytes a value has. */
const lengths = byKind(
  [0, kinds.null, kinds.undefined, kinds.minKey, kinds.maxKey],
  [1, kinds.bool],
  [4, kinds.int],
  [8, kinds.double, kinds.date, kinds.timestamp, kinds.long],
  [12, kinds.objectId],
  [16, kinds.decimal],
);
/** How many it has besides those that it says at its beginning. */
const besides = byKind(
  [0, kinds.object, kinds.array, kinds.javascriptWithScope],
  [4, kinds.string, kinds.javascript, kinds.symbol],
  [5, kinds.binData],
  [16, kinds.dbPointer],
);

/** Where a value of this kind that begins at `at` ends; refuses anything that leaves the document. */
function valueEnd(bytes: Buffer, kind: number, at: number, limit: number): number {
  const [length, more] = [lengths[kind] ?? -1, besides[kind] ?? -1];
  let end = at + length;
  if (kind === kinds.regex) end = cstringEnd(bytes, cstringEnd(bytes, at, limit) + 1, limit) + 1;
  else if (length < 0) {
    if (more < 0) throw invalid(`Unrecognized BSON type ${kind}`);
    const told = at + 4 > limit ? -1 : bytes.readInt32LE(at);
    if (told < (more === 0 ? 5 : more === 4 ? 1 : 0)) throw invalid('a value with an impossible length');
    end = at + told + more;
    if (more === 4 && end <= limit && bytes.readUInt8(end - 1) !== 0) throw invalid('a string without its end');
  }
  if (end > limit) throw invalid('a value outside its document');
  return end;
}

function cstringEnd(bytes: Buffer, at: number, limit: number): number {
  const end = bytes.indexOf(0, at);
  if (end < 0 || end >= limit) throw invalid('a name without its end');
  return end;
}

/** Goes through the elements of a document and tells where each name and value lie. Errors: InvalidBSON. */
export class ElementReader {
  kind = 0;
  end: number;
  #nameEnd = 0;
  readonly #bytes: Buffer;
  readonly #limit: number;
  #nameAt = 0;

  constructor(bytes: Buffer, start: number) {
    const documentEnd = start + 5 > bytes.length ? -1 : start + bytes.readInt32LE(start);
    if (documentEnd < start + 5 || documentEnd > bytes.length || bytes.readUInt8(documentEnd - 1) !== 0)
      throw invalid('a document without its end');
    this.#bytes = bytes;
    this.#limit = documentEnd - 1;
    this.end = start + 4;
  }

  next(): boolean {
    if (this.end >= this.#limit) return false;
    this.kind = this.#bytes.readUInt8(this.end);
    this.#nameAt = this.end + 1;
    this.#nameEnd = cstringEnd(this.#bytes, this.#nameAt, this.#limit);
    this.end = valueEnd(this.#bytes, this.kind, this.#nameEnd + 1, this.#limit);
    return true;
  }

  get name(): string {
    return this.#bytes.toString('utf8', this.#nameAt, this.#nameEnd);
  }

  value(depth = 0): Value {
    return decodeValue(this.#bytes, this.kind, this.#nameEnd + 1, this.end, depth);
  }

  /** The value as it is stored. */
  get raw(): Buffer {
    return this.#bytes.subarray(this.#nameEnd + 1, this.end);
  }
}

/** Reads a document, or only those of its top fields that are asked for. */
export function decode(bytes: Buffer, only?: ReadonlySet<string>): Doc {
  return decodeAt(bytes, 0, 0, only);
}

function checkDepth(depth: number): void {
  if (depth > depthMax) throw new CommandError('Overflow', `exceeded maximum nested object depth: ${depthMax}`);
}

function decodeAt(bytes: Buffer, start: number, depth: number, only?: ReadonlySet<string>): Doc {
  checkDepth(depth);
  const fields: Doc = new Map();
  const reader = new ElementReader(bytes, start);
  while (reader.next()) {
    const { name } = reader;
    if (!only || only.has(name)) fields.set(name, reader.value(depth));
  }
  return fields;
}

function decodeArray(bytes: Buffer, start: number, depth: number): Value[] {
  checkDepth(depth);
  const items: Value[] = [];
  const reader = new ElementReader(bytes, start);
  while (reader.next()) items.push(reader.value(depth));
  return items;
}

function decodeValue(bytes: Buffer, kind: number, at: number, end: number, depth: number): Value {
  switch (kind) {
    case kinds.double:
      return bytes.readDoubleLE(at);
    case kinds.string:
      return bytes.toString('utf8', at + 4, end - 1);
    case kinds.object:
      return decodeAt(bytes, at, depth + 1);
    case kinds.array:
      return decodeArray(bytes, at, depth + 1);
    case kinds.bool:
      return bytes.readUInt8(at) !== 0;
    case kinds.null:
      return null;
    case kinds.int:
      return new Int32(bytes.readInt32LE(at));
    case kinds.long:
      return bytes.readBigInt64LE(at);
    case kinds.date: {
      const ms = bytes.readBigInt64LE(at);
      const date = new Date(Number(ms));
      return Number.isNaN(date.getTime()) ? new Opaque(kind, Buffer.from(bytes.subarray(at, end))) : date;
    }
    case kinds.regex: {
      const middle = cstringEnd(bytes, at, end);
      return new Regex(bytes.toString('utf8', at, middle), bytes.toString('utf8', middle + 1, end - 1));
    }
    default:
      return new Opaque(kind, bytes.subarray(at, end));
  }
}

class Writer extends ByteWriter {
  document(fields: Iterable<[string, Value]>, depth: number): void {
    checkDepth(depth);
    const start = this.reserve(4);
    for (const [name, value] of fields) {
      this.byte(kindOf(value));
      this.#cstring(name);
      this.#value(value, depth);
    }
    this.byte(0);
    this.bytes.writeInt32LE(this.at - start, start);
  }

  #int32(value: number): void {
    const at = this.reserve(4);
    this.bytes.writeInt32LE(value, at);
  }

  #int64(value: bigint): void {
    const at = this.reserve(8);
    this.bytes.writeBigInt64LE(value, at);
  }

  #double(value: number): void {
    const at = this.reserve(8);
    this.bytes.writeDoubleLE(value, at);
  }

  #cstring(text: string): void {
    if (text.includes('\0')) throw new CommandError('FailedToParse', 'a name or pattern must not contain null bytes');
    this.#text(text);
  }

  #text(text: string): void {
    const length = Buffer.byteLength(text);
    const at = this.reserve(length + 1);
    this.bytes.write(text, at, length, 'utf8');
    this.bytes[at + length] = 0;
  }

  #value(value: Value, depth: number): void {
    if (value === null) return;
    if (typeof value === 'string') {
      this.#int32(Buffer.byteLength(value) + 1);
      this.#text(value);
    } else if (typeof value === 'number') this.#double(value);
    else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (typeof value === 'bigint') this.#int64(value);
    else if (value instanceof Int32) this.#int32(value.value);
    else if (value instanceof Date) this.#int64(BigInt(value.getTime()));
    else if (Array.isArray(value)) this.document(numbered(value), depth + 1);
    else if (value instanceof Opaque || value instanceof RawDoc) this.raw(value.bytes);
    else if (value instanceof Regex) {
      this.#cstring(value.pattern);
      this.#cstring(value.flags);
    } else this.document(value, depth + 1);
  }
}

function* numbered(items: Value[]): Generator<[string, Value]> {
  for (const [position, item] of items.entries()) yield [String(position), item];
}

export function encode(fields: Doc): Buffer {
  const writer = new Writer(512);
  writer.document(fields, 0);
  return writer.finish();
}
