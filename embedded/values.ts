/** How MongoDB orders and equates values of all types. */
import { Decimal128 } from 'bson';
import { byKind, Int32, kindOf, kinds, Opaque, Regex, isDoc, type Doc, type Value } from './bson.ts';

export type Collate = (a: string, b: string) => number;

const ranks = byKind(
  [1, kinds.minKey],
  [3, kinds.undefined],
  [5, kinds.null],
  [10, kinds.double, kinds.int, kinds.long, kinds.decimal],
  [15, kinds.string, kinds.symbol],
  [20, kinds.object],
  [25, kinds.array],
  [30, kinds.binData],
  [35, kinds.objectId],
  [40, kinds.bool],
  [45, kinds.date],
  [47, kinds.timestamp],
  [50, kinds.regex],
  [55, kinds.dbPointer],
  [60, kinds.javascript],
  [65, kinds.javascriptWithScope],
  [127, kinds.maxKey],
);

export function rankOfKind(kind: number): number {
  return ranks[kind] ?? -1;
}

/** Place of a value's type in the order of types; equal places compare by value. */
export function rankOf(value: Value): number {
  return rankOfKind(kindOf(value));
}

export type Numeric = number | bigint | Int32 | Opaque;

export function isNumeric(value: Value | undefined): value is Numeric {
  return (
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    value instanceof Int32 ||
    (value instanceof Opaque && value.kind === kinds.decimal)
  );
}

export function isDecimal(value: Value | undefined): value is Opaque {
  return value instanceof Opaque && value.kind === kinds.decimal;
}

/** A number as a Double, rounded where it must be. */
export function toDouble(value: Numeric): number {
  if (typeof value === 'number') return value;
  if (value instanceof Int32) return value.value;
  if (typeof value === 'bigint') return Number(value);
  return Number(decimalText(value));
}

export function decimalText(value: Opaque): string {
  return new Decimal128(value.bytes).toString();
}

/** A finite number exactly: numerator over denominator. */
interface Ratio {
  top: bigint;
  bottom: bigint;
}

export function toRatio(value: Numeric): Ratio {
  if (typeof value === 'bigint') return { top: value, bottom: 1n };
  if (value instanceof Int32) return { top: BigInt(value.value), bottom: 1n };
  if (typeof value === 'number') {
    let bottom = 1n;
    let scaled = value;
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      bottom *= 2n;
    }
    return { top: BigInt(scaled), bottom };
  }
  const { coefficient, exponent } = decimalParts(value);
  return exponent >= 0
    ? { top: coefficient * 10n ** BigInt(exponent), bottom: 1n }
    : { top: coefficient, bottom: 10n ** BigInt(-exponent) };
}

export function decimalParts(value: Opaque): { coefficient: bigint; exponent: number } {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(decimalText(value));
  if (!match) return { coefficient: 0n, exponent: 0 };
  const [, sign = '', whole = '0', fraction = '', power = '0'] = match;
  const coefficient = BigInt(whole + fraction);
  return { coefficient: sign ? -coefficient : coefficient, exponent: Number(power) - fraction.length };
}

function compareNumbers(a: Numeric, b: Numeric): number {
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  const x = toDouble(a);
  const y = toDouble(b);
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.isNaN(x) ? (Number.isNaN(y) ? 0 : -1) : 1;
  if (x < y) return -1;
  if (x > y) return 1;
  if (!isWide(a) && !isWide(b)) return 0;
  if (!Number.isFinite(x) && (isInfinite(a) || isInfinite(b)))
    return isInfinite(a) && isInfinite(b) ? 0 : isInfinite(a) === x > 0 ? 1 : -1;
  const p = toRatio(a);
  const q = toRatio(b);
  const left = p.top * q.bottom;
  const right = q.top * p.bottom;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whether a Double may be too narrow for it. */
function isWide(value: Numeric): boolean {
  return typeof value === 'bigint' || value instanceof Opaque;
}

export function isInfinite(value: Numeric): boolean {
  if (value instanceof Opaque) return decimalText(value).includes('Infinity');
  return typeof value === 'number' && !Number.isFinite(value);
}

export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    let x = a.charCodeAt(at);
    let y = b.charCodeAt(at);
    if (x === y) continue;
    // UTF-16 puts surrogates below U+E000; MongoDB compares UTF-8.
    if (x >= 0xd800 && y >= 0xd800) {
      x = x >= 0xe000 ? x - 0x800 : x + 0x2000;
      y = y >= 0xe000 ? y - 0x800 : y + 0x2000;
    }
    return x - y;
  }
  return a.length - b.length;
}

export function textOf(value: Value): string | undefined {
  if (typeof value === 'string') return value;
  if (value instanceof Opaque && value.kind === kinds.symbol)
    return value.bytes.toString('utf8', 4, value.bytes.length - 1);
  return undefined;
}

export function compareValues(a: Value, b: Value, collate: Collate = compareText): number {
  if (typeof a === 'string' && typeof b === 'string') return collate(a, b);
  const rank = rankOf(a);
  const difference = rank - rankOf(b);
  if (difference !== 0) return difference;
  if (isNumeric(a) && isNumeric(b)) return compareNumbers(a, b);
  if (rank === 15) return collate(textOf(a) ?? '', textOf(b) ?? '');
  if (isDoc(a) && isDoc(b)) return compareDocs(a, b, collate);
  if (Array.isArray(a) && Array.isArray(b)) return compareArrays(a, b, collate);
  if (typeof a === 'boolean') return Number(a) - Number(b);
  if (rank === 45) {
    const x = dateMs(a);
    const y = dateMs(b);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a instanceof Regex && b instanceof Regex)
    return compareText(a.pattern, b.pattern) || compareText(a.flags, b.flags);
  if (a instanceof Opaque && b instanceof Opaque) return compareOpaque(a, b);
  return 0;
}

export function dateMs(value: Value): bigint {
  if (value instanceof Date) return BigInt(value.getTime());
  return value instanceof Opaque ? value.bytes.readBigInt64LE(0) : 0n;
}

function compareOpaque(a: Opaque, b: Opaque): number {
  if (a.kind === kinds.timestamp) {
    const x = a.bytes.readBigUInt64LE(0);
    const y = b.bytes.readBigUInt64LE(0);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (a.kind === kinds.binData) {
    const shorter = a.bytes.length - b.bytes.length;
    return shorter || Buffer.compare(a.bytes.subarray(4), b.bytes.subarray(4));
  }
  return Buffer.compare(a.bytes, b.bytes);
}

function compareDocs(a: Doc, b: Doc, collate: Collate): number {
  const others = b.entries();
  for (const [name, value] of a) {
    const next = others.next();
    if (next.done) return 1;
    const [otherName, other] = next.value;
    const result =
      rankOf(value) - rankOf(other) || compareText(name, otherName) || compareValues(value, other, collate);
    if (result !== 0) return result;
  }
  return others.next().done ? 0 : -1;
}

function compareArrays(a: Value[], b: Value[], collate: Collate): number {
  for (const [position, item] of a.entries()) {
    const other = b[position];
    if (other === undefined) return 1;
    const result = compareValues(item, other, collate);
    if (result !== 0) return result;
  }
  return a.length - b.length;
}

export function equalValues(a: Value, b: Value, collate: Collate = compareText): boolean {
  return compareValues(a, b, collate) === 0;
}

/** MongoDB's truth: everything but false, null, undefined and zero. */
export function isTrue(value: Value | undefined): boolean {
  if (value === undefined || value === null || value === false) return false;
  if (value instanceof Opaque && value.kind === kinds.undefined) return false;
  return !isNumeric(value) || toDouble(value) !== 0;
}

const names = new Map<number, string>(Object.entries(kinds).map(([name, kind]) => [kind, name]));

export function typeName(value: Value | undefined): string {
  return value === undefined ? 'missing' : (names.get(kindOf(value)) ?? 'unknown');
}

/** Its text, or nothing when it is none. */
export function nameOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** A whole number that fits JavaScript's, or undefined. */
export function wholeNumber(value: Value | undefined): number | undefined {
  if (!isNumeric(value)) return undefined;
  const number = toDouble(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
