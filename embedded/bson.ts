/**
 * BSON as this store holds it. A document is a Map: it keeps the order of fields even when their names look like
 * integers, tells Int32 from Double from Long, and has no prototype to pollute.
 */
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

/** One element of a stored document: where its name and its value lie. */
export interface Element {
  kind: number;
  name: string;
  start: number;
  nameEnd: number;
  end: number;
}

/** Where a value of this kind that begins at `at` ends; refuses anything that leaves the document. */
function valueEnd(bytes: Buffer, kind: number, at: number, limit: number): number {
  const counted = (extra: number) => {
    if (at + 4 > limit) throw invalid('a length outside its document');
    const length = bytes.readInt32LE(at);
    if (length < 0) throw invalid('a negative length');
    return at + length + extra;
  };
  let end: number;
  switch (kind) {
    case kinds.double:
    case kinds.date:
    case kinds.timestamp:
    case kinds.long:
      end = at + 8;
      break;
    case kinds.string:
    case kinds.javascript:
    case kinds.symbol:
      end = counted(4);
      if (end > limit || end < at + 5 || bytes.readUInt8(end - 1) !== 0) throw invalid('a string without its end');
      break;
    case kinds.object:
    case kinds.array:
    case kinds.javascriptWithScope:
      end = counted(0);
      if (end < at + 5) throw invalid('a document shorter than its frame');
      break;
    case kinds.binData:
      end = counted(5);
      break;
    case kinds.dbPointer:
      end = counted(16);
      break;
    case kinds.objectId:
      end = at + 12;
      break;
    case kinds.bool:
      end = at + 1;
      break;
    case kinds.int:
      end = at + 4;
      break;
    case kinds.decimal:
      end = at + 16;
      break;
    case kinds.regex:
      end = cstringEnd(bytes, cstringEnd(bytes, at, limit) + 1, limit) + 1;
      break;
    case kinds.null:
    case kinds.undefined:
    case kinds.minKey:
    case kinds.maxKey:
      end = at;
      break;
    default:
      throw invalid(`Unrecognized BSON type ${kind}`);
  }
  if (end > limit) throw invalid('a value outside its document');
  return end;
}

function cstringEnd(bytes: Buffer, at: number, limit: number): number {
  const end = bytes.indexOf(0, at);
  if (end < 0 || end >= limit) throw invalid('a name without its end');
  return end;
}

/** Where the document that begins at `at` ends, after looking at its frame. */
function documentEnd(bytes: Buffer, at: number): number {
  if (at + 5 > bytes.length) throw invalid('a document outside its message');
  const end = at + bytes.readInt32LE(at);
  if (end < at + 5 || end > bytes.length || bytes.readUInt8(end - 1) !== 0) throw invalid('a document without its end');
  return end;
}

export function* elements(bytes: Buffer, start = 0): Generator<Element> {
  const limit = documentEnd(bytes, start) - 1;
  let at = start + 4;
  while (at < limit) {
    const kind = bytes.readUInt8(at);
    const nameEnd = cstringEnd(bytes, at + 1, limit);
    const end = valueEnd(bytes, kind, nameEnd + 1, limit);
    yield { kind, name: bytes.toString('utf8', at + 1, nameEnd), start: at, nameEnd, end };
    at = end;
  }
}

/** Reads a document, or only those of its top fields that are asked for. */
export function decode(bytes: Buffer, only?: ReadonlySet<string>): Doc {
  return decodeAt(bytes, 0, 0, only);
}

function decodeAt(bytes: Buffer, start: number, depth: number, only?: ReadonlySet<string>): Doc {
  if (depth > depthMax) throw new CommandError('Overflow', `BSONObj exceeded maximum nested object depth: ${depthMax}`);
  const limit = documentEnd(bytes, start) - 1;
  const fields: Doc = new Map();
  let at = start + 4;
  while (at < limit) {
    const kind = bytes.readUInt8(at);
    const nameEnd = cstringEnd(bytes, at + 1, limit);
    const name = bytes.toString('utf8', at + 1, nameEnd);
    const end = valueEnd(bytes, kind, nameEnd + 1, limit);
    if (!only || only.has(name)) fields.set(name, decodeValue(bytes, kind, nameEnd + 1, end, depth));
    at = end;
  }
  return fields;
}

function decodeArray(bytes: Buffer, start: number, depth: number): Value[] {
  if (depth > depthMax) throw new CommandError('Overflow', `BSONObj exceeded maximum nested object depth: ${depthMax}`);
  const limit = documentEnd(bytes, start) - 1;
  const items: Value[] = [];
  let at = start + 4;
  while (at < limit) {
    const kind = bytes.readUInt8(at);
    const nameEnd = cstringEnd(bytes, at + 1, limit);
    const end = valueEnd(bytes, kind, nameEnd + 1, limit);
    items.push(decodeValue(bytes, kind, nameEnd + 1, end, depth));
    at = end;
  }
  return items;
}

export function decodeValue(bytes: Buffer, kind: number, at: number, end: number, depth = 0): Value {
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

/** Grows as it is written; one per encoding. */
class Writer {
  #bytes = Buffer.allocUnsafe(512);
  #at = 0;

  #reserve(length: number): number {
    const at = this.#at;
    if (at + length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + length));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#at = at + length;
    return at;
  }

  document(fields: Iterable<[string, Value]>, depth: number): void {
    if (depth > depthMax) throw new CommandError('Overflow', `exceeded maximum nested object depth: ${depthMax}`);
    const start = this.#reserve(4);
    for (const [name, value] of fields) {
      this.byte(kindOf(value));
      this.cstring(name);
      this.#value(value, depth);
    }
    this.byte(0);
    this.#bytes.writeInt32LE(this.#at - start, start);
  }

  byte(value: number): void {
    const at = this.#reserve(1);
    this.#bytes[at] = value;
  }

  int32(value: number): void {
    const at = this.#reserve(4);
    this.#bytes.writeInt32LE(value, at);
  }

  int64(value: bigint): void {
    const at = this.#reserve(8);
    this.#bytes.writeBigInt64LE(value, at);
  }

  cstring(text: string): void {
    if (text.includes('\0')) throw new CommandError('FailedToParse', 'a name or pattern must not contain null bytes');
    this.text(text);
    this.byte(0);
  }

  text(text: string): void {
    const length = Buffer.byteLength(text);
    const at = this.#reserve(length);
    this.#bytes.write(text, at, length, 'utf8');
  }

  raw(bytes: Buffer): void {
    const at = this.#reserve(bytes.length);
    bytes.copy(this.#bytes, at);
  }

  #value(value: Value, depth: number): void {
    if (value === null) return;
    if (typeof value === 'string') {
      this.int32(Buffer.byteLength(value) + 1);
      this.text(value);
      this.byte(0);
    } else if (typeof value === 'number') {
      const at = this.#reserve(8);
      this.#bytes.writeDoubleLE(value, at);
    } else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (typeof value === 'bigint') this.int64(value);
    else if (value instanceof Int32) this.int32(value.value);
    else if (value instanceof Date) this.int64(BigInt(value.getTime()));
    else if (Array.isArray(value)) this.document(numbered(value), depth + 1);
    else if (value instanceof Opaque || value instanceof RawDoc) this.raw(value.bytes);
    else if (value instanceof Regex) {
      this.cstring(value.pattern);
      this.cstring(value.flags);
    } else this.document(value, depth + 1);
  }

  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }
}

function* numbered(items: Value[]): Generator<[string, Value]> {
  for (const [position, item] of items.entries()) yield [String(position), item];
}

export function encode(fields: Doc): Buffer {
  const writer = new Writer();
  writer.document(fields, 0);
  return writer.finish();
}
