/** Values as bytes whose plain order is MongoDB's order: what index entries are made of. */
import { ByteWriter } from './byte-writer.ts';
import { kindOf, kinds, Opaque, Regex, isDoc, RawDoc, Int32, decode, type Value } from './bson.ts';
import { dateMs, isInfinite, isNumeric, rankOfKind, textOf, toDouble, toRatio, type Numeric } from './values.ts';

/** Turns text into what an index with a collation compares: equal texts give equal forms. */
export type Fold = (text: string) => string;

class KeyWriter extends ByteWriter {
  readonly #fold: Fold | undefined;

  constructor(fold: Fold | undefined) {
    super(64);
    this.#fold = fold;
  }

  /** Ended by 00 01; a 00 inside is followed by FF: a longer text sorts after its beginning, or before it when inverted. */
  #terminated(bytes: Buffer): void {
    for (let from = 0; ;) {
      const zero = bytes.indexOf(0, from);
      const until = zero < 0 ? bytes.length : zero;
      this.raw(bytes.subarray(from, until));
      this.byte(0);
      this.byte(zero < 0 ? 1 : 0xff);
      if (zero < 0) return;
      from = zero + 1;
    }
  }

  #double(value: number): void {
    const at = this.reserve(8);
    const bytes = this.bytes;
    bytes.writeDoubleBE(value === 0 ? 0 : value, at);
    if (bytes.readUInt8(at) & 0x80) for (let i = at; i < at + 8; i++) bytes[i] = ~bytes.readUInt8(i);
    else bytes[at] = bytes.readUInt8(at) | 0x80;
  }

  /** The nearest Double, then what it misses: Longs and Decimals beyond 53 bits keep their order. */
  #number(value: Numeric): void {
    let nearest = toDouble(value);
    if (Number.isNaN(nearest)) {
      this.reserve(8);
      this.bytes.fill(0, this.at - 8, this.at);
      this.byte(0x80);
      return;
    }
    // A finite Decimal128 may lie outside of all Doubles; it stands between them and infinity.
    if (!Number.isFinite(nearest) && !isInfinite(value)) nearest = Math.sign(nearest) * Number.MAX_VALUE;
    this.#double(nearest);
    const rests = value instanceof Int32 || typeof value === 'number' ? [] : restsOf(value, nearest);
    for (const rest of rests) {
      this.byte(rest < 0 ? 0x40 : 0xc0);
      this.#double(rest);
    }
    this.byte(0x80);
  }

  #sortedLong(value: bigint): void {
    const at = this.reserve(8);
    this.bytes.writeBigUInt64BE(BigInt.asUintN(64, value ^ (1n << 63n)), at);
  }

  value(value: Value): void {
    const kind = kindOf(value);
    this.byte(rankOfKind(kind));
    this.#body(value, kind);
  }

  #body(value: Value, kind: number): void {
    if (isNumeric(value)) this.#number(value);
    else if (kind === kinds.string || kind === kinds.symbol) {
      const text = textOf(value) ?? '';
      this.#terminated(Buffer.from(this.#fold ? this.#fold(text) : text));
    } else if (typeof value === 'boolean') this.byte(value ? 1 : 0);
    else if (kind === kinds.date) this.#sortedLong(dateMs(value));
    else if (Array.isArray(value)) {
      for (const item of value) this.value(item);
      this.byte(0);
    } else if (value instanceof Regex) {
      this.#terminated(Buffer.from(value.pattern));
      this.#terminated(Buffer.from(value.flags));
    } else if (value instanceof Opaque) this.#opaque(value);
    else if (isDoc(value) || value instanceof RawDoc) {
      for (const [name, field] of isDoc(value) ? value : decode(value.bytes)) {
        this.byte(rankOfKind(kindOf(field)));
        this.#terminated(Buffer.from(name));
        this.#body(field, kindOf(field));
      }
      this.byte(0);
    }
  }

  #opaque(value: Opaque): void {
    if (value.kind === kinds.timestamp) this.#sortedLong(value.bytes.readBigInt64LE(0) ^ (-1n << 63n));
    else if (value.kind === kinds.binData) {
      const at = this.reserve(4);
      this.bytes.writeInt32BE(value.bytes.length, at);
      this.raw(value.bytes.subarray(4));
    } else if (value.kind === kinds.objectId) this.raw(value.bytes);
    else this.#terminated(value.bytes);
  }

  get length(): number {
    return this.at;
  }

  invertFrom(start: number): void {
    for (let at = start; at < this.at; at++) this.bytes[at] = ~this.bytes.readUInt8(at);
  }
}

/** What is left of a number after its nearest Double, as up to two further Doubles. */
function restsOf(value: Numeric, nearest: number): number[] {
  if (!Number.isFinite(nearest)) return [];
  const exact = toRatio(value);
  const rests: number[] = [];
  let { top, bottom } = exact;
  let taken = nearest;
  while (rests.length < 2) {
    const part = toRatio(taken);
    top = top * part.bottom - part.top * bottom;
    bottom *= part.bottom;
    if (top === 0n) break;
    taken = divide(top, bottom);
    rests.push(taken);
    if (!Number.isFinite(taken)) break;
  }
  return rests;
}

/** A quotient of large integers as a Double. */
function divide(top: bigint, bottom: bigint): number {
  const shift = bottom.toString(2).length - (top < 0n ? -top : top).toString(2).length + 80;
  const scaled = shift > 0 ? (top << BigInt(shift)) / bottom : top / (bottom << BigInt(-shift));
  return Number(scaled) * 2 ** -shift;
}

/** One component of a key; descending ones are inverted. */
export function encodeKey(values: readonly Value[], directions: readonly number[], fold?: Fold): Buffer {
  const writer = new KeyWriter(fold);
  for (const [position, value] of values.entries()) {
    const start = writer.length;
    writer.value(value);
    if ((directions[position] ?? 1) < 0) writer.invertFrom(start);
  }
  return Buffer.from(writer.finish());
}

/** The bytes before which (or after which) all values of a type stand. */
export function rankKey(rank: number): Buffer {
  return Buffer.from([rank]);
}
