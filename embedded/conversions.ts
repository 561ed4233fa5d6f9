/** What `$toString` and its kin make of a value; undefined where there is no such conversion. */
import { int, kinds, Opaque, type Value } from './bson.ts';
import { decimalText, isDecimal, isNumeric, isTrue, textOf, toDouble, toRatio } from './values.ts';

export type Conversion = (value: Value) => Value | undefined;

const numberText = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

function isObjectId(value: Value): value is Opaque {
  return value instanceof Opaque && value.kind === kinds.objectId;
}

function toText(value: Value): Value | undefined {
  if (isDecimal(value)) return decimalText(value);
  if (isNumeric(value)) return String(typeof value === 'bigint' ? value : toDouble(value));
  if (value instanceof Date) return value.toISOString();
  if (isObjectId(value)) return value.bytes.toString('hex');
  return typeof value === 'boolean' ? String(value) : textOf(value);
}

/** A whole number of so many bits. */
function toWhole(value: Value, bits: 32 | 64): bigint | undefined {
  let number: bigint | undefined;
  if (typeof value === 'boolean') number = value ? 1n : 0n;
  else if (value instanceof Date) number = BigInt(value.getTime());
  else if (typeof value === 'string') number = /^-?\d+$/.test(value) ? BigInt(value) : undefined;
  else if (isNumeric(value) && Number.isFinite(toDouble(value))) {
    const { top, bottom } = toRatio(value);
    number = top / bottom;
  }
  return number !== undefined && BigInt.asIntN(bits, number) === number ? number : undefined;
}

function toDate(value: Value): Date | undefined {
  if (value instanceof Date) return value;
  if (isObjectId(value)) return new Date(value.bytes.readUInt32BE(0) * 1000);
  // A time without a zone is UTC.
  const text = typeof value === 'string' && /^\d{4}-\d\d/.test(value) ? value : '';
  const zoned = /T[\d:.]+$/.test(text) ? `${text}Z` : text;
  const date = new Date(isNumeric(value) ? Math.trunc(toDouble(value)) : zoned);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

export const conversions: ReadonlyMap<string, Conversion> = new Map<string, Conversion>([
  ['$toString', toText],
  ['$toBool', isTrue],
  [
    '$toInt',
    (value) => {
      const number = value instanceof Date ? undefined : toWhole(value, 32);
      return number === undefined ? undefined : int(Number(number));
    },
  ],
  ['$toLong', (value) => toWhole(value, 64)],
  [
    '$toDouble',
    (value) => {
      if (typeof value === 'string') return numberText.test(value) ? Number(value) : undefined;
      if (value instanceof Date || typeof value === 'boolean') return Number(value);
      return isNumeric(value) ? toDouble(value) : undefined;
    },
  ],
  ['$toDate', toDate],
  [
    '$toObjectId',
    (value) => {
      if (isObjectId(value)) return value;
      const isHex = typeof value === 'string' && /^[\da-f]{24}$/i.test(value);
      return isHex ? new Opaque(kinds.objectId, Buffer.from(value, 'hex')) : undefined;
    },
  ],
]);
