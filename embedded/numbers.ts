/** Arithmetic that keeps MongoDB's types: Int32 grows into Long, Long refuses to overflow, Decimal128 wins over Double. */
import { Decimal128 } from 'bson';
import { Int32, kinds, Opaque } from './bson.ts';
import { decimalParts, decimalText, isDecimal, toDouble, toRatio, type Numeric } from './values.ts';

export type Arithmetic = 'add' | 'multiply';

const longMin = -(2n ** 63n);
const longMax = 2n ** 63n - 1n;

/** Returns undefined when a Long overflows. */
export function calculate(operation: Arithmetic, a: Numeric, b: Numeric): Numeric | undefined {
  if (isDecimal(a) || isDecimal(b)) return calculateDecimal(operation, a, b);
  if (typeof a === 'number' || typeof b === 'number') {
    const [x, y] = [toDouble(a), toDouble(b)];
    return operation === 'add' ? x + y : x * y;
  }
  const [x, y] = [toLong(a), toLong(b)];
  const result = operation === 'add' ? x + y : x * y;
  if (result < longMin || result > longMax) return undefined;
  if (a instanceof Int32 && b instanceof Int32 && result >= -2147483648n && result <= 2147483647n)
    return new Int32(Number(result));
  return result;
}

function toLong(value: Numeric): bigint {
  return typeof value === 'bigint' ? value : BigInt(Math.trunc(toDouble(value)));
}

function calculateDecimal(operation: Arithmetic, a: Numeric, b: Numeric): Opaque {
  const [x, y] = [toDouble(a), toDouble(b)];
  if (isEndless(a) || isEndless(b)) {
    const result = operation === 'add' ? x + y : x * y;
    return decimal(Number.isNaN(result) ? 'NaN' : result > 0 ? 'Infinity' : '-Infinity');
  }
  const p = partsOf(a);
  const q = partsOf(b);
  if (operation === 'multiply') return fromParts(p.coefficient * q.coefficient, p.exponent + q.exponent);
  const exponent = Math.min(p.exponent, q.exponent);
  const scaled = (part: typeof p) => part.coefficient * 10n ** BigInt(part.exponent - exponent);
  return fromParts(scaled(p) + scaled(q), exponent);
}

function isEndless(value: Numeric): boolean {
  return isDecimal(value) ? /NaN|Infinity/.test(decimalText(value)) : !Number.isFinite(toDouble(value));
}

function partsOf(value: Numeric): { coefficient: bigint; exponent: number } {
  if (isDecimal(value)) return decimalParts(value);
  // MongoDB takes 15 digits of a Double.
  if (typeof value === 'number') return decimalParts(decimal(String(Number(value.toPrecision(15))).replace('e', 'E')));
  return { coefficient: toRatio(value).top, exponent: 0 };
}

/** Rounds to 34 digits, half to even. */
function fromParts(coefficient: bigint, exponent: number): Opaque {
  const digits = (coefficient < 0n ? -coefficient : coefficient).toString().length;
  const excess = digits - 34;
  if (excess <= 0) return decimal(`${coefficient}E${exponent}`);
  const unit = 10n ** BigInt(excess);
  let quotient = coefficient / unit;
  const rest = (coefficient % unit) * 2n;
  const size = rest < 0n ? -rest : rest;
  if (size > unit || (size === unit && quotient % 2n !== 0n)) quotient += coefficient < 0n ? -1n : 1n;
  return fromParts(quotient, exponent + excess);
}

export function decimal(text: string): Opaque {
  return new Opaque(kinds.decimal, Buffer.from(Decimal128.fromString(text).bytes));
}

export function negate(value: Numeric): Numeric {
  return calculate('multiply', value, new Int32(-1)) ?? -toDouble(value);
}

/** The quotient as MongoDB's `$avg` and `$divide` give it: a Double, or a Decimal128 of one. */
export function divided(value: Numeric, by: number): Numeric {
  if (!isDecimal(value) || isEndless(value)) return toDouble(value) / by;
  const { coefficient, exponent } = decimalParts(value);
  // 34 digits more than needed, then rounded.
  const scaled = (coefficient * 10n ** 40n) / BigInt(by);
  return trimmed(fromParts(scaled, exponent - 40));
}

function trimmed(value: Opaque): Opaque {
  let { coefficient, exponent } = decimalParts(value);
  while (exponent < 0 && coefficient % 10n === 0n) {
    coefficient /= 10n;
    exponent++;
  }
  return decimal(`${coefficient}E${exponent}`);
}
