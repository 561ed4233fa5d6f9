/**
 * The expressions that mingo evaluates: mathematics, texts and dates. It gets scalars under names of ours and never sees a
 * document, so no field name can lead it astray; what its numbers lose of their types is put back here.
 */
import { Aggregator, Context } from 'mingo';
import * as mingoOperators from 'mingo/operators/expression';
import { int, Int32, type Doc, type Value } from './bson.ts';
import { badValue, failedToParse, typeMismatch } from './errors.ts';
import { typeName } from './values.ts';

/** Of what type a number is that comes back. */
type Result = 'double' | 'widest' | 'whole';

const operators = new Map<string, Result>();
function allow(result: Result, names: string): void {
  for (const name of names.split(' ')) operators.set(`$${name}`, result);
}
allow('double', 'divide exp ln log log10 sqrt degreesToRadians radiansToDegrees');
allow('double', 'acos acosh asin asinh atan atan2 atanh cos cosh sin sinh tan tanh');
allow('widest', 'abs ceil floor mod pow round trunc');
allow('whole', 'bitAnd bitNot bitOr bitXor strcasecmp strLenBytes strLenCP');
allow('whole', 'concat ltrim replaceAll replaceOne rtrim split substr substrBytes substrCP toLower toUpper trim');
allow('whole', 'dateDiff dateToParts dateToString dateTrunc dayOfMonth dayOfWeek dayOfYear hour');
allow('whole', 'isoDayOfWeek isoWeek isoWeekYear millisecond minute month second week year');

const operandNames = new Set(
  'input chars find replacement date format timezone onNull unit binSize startOfWeek startDate endDate iso8601'.split(
    ' ',
  ),
);

/** What comes of a null or missing operand, unless null does. */
const ofNull = new Map(['$toLower', '$toUpper', '$substr', '$substrBytes', '$substrCP'].map((name) => [name, '']));
/** mingo wants a list although MongoDB is content with one operand. */
const listed = new Set(['$round', '$trunc']);

const context = Context.init({ expression: mingoOperators });

/** An operator as a function of its evaluated operands, which are a list or have names; undefined when it is none. */
export function foreignOperator(
  name: string,
  names: readonly string[] | undefined,
  count: number,
): ((...values: (Value | undefined)[]) => Value) | undefined {
  const result = operators.get(name);
  if (!result) return undefined;
  const unknown = names?.find((each) => !operandNames.has(each));
  if (unknown !== undefined) throw failedToParse(`Unrecognized argument to ${name}: ${unknown}`);
  const places = Array.from({ length: count }, (_, place) => `$v${place}`);
  const operands = names
    ? Object.fromEntries(names.map((each, place) => [each, places[place]]))
    : count === 1 && !listed.has(name)
      ? places[0]
      : places;
  const stage = { $replaceWith: { told: { [name]: operands } } };
  const aggregator = new Aggregator([stage], { context, scriptEnabled: false });
  return (...values) => {
    if (values.some((value) => value === undefined || value === null))
      return values[names?.indexOf('onNull') ?? -1] ?? ofNull.get(name) ?? null;
    const input = Object.fromEntries(values.map((value, place) => [`v${place}`, toScalar(name, value ?? null)]));
    let told: unknown;
    try {
      told = aggregator.run([input])[0]?.['told'];
    } catch (error) {
      throw failedToParse(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const numbers = values.filter((value) => typeof value === 'number');
    // Where MongoDB refuses, as the logarithm of zero or a rest by it, mingo tells something endless.
    if (typeof told === 'number' && !(told > -Infinity) && numbers.every(Number.isFinite))
      throw badValue(`${name} has no value for these operands`);
    if (result === 'double' || (result === 'widest' && numbers.length > 0)) return fromForeign(told, 'double');
    const isLong = result === 'widest' && values.some((value) => typeof value === 'bigint');
    return fromForeign(told, isLong ? 'long' : 'int');
  };
}

function toScalar(name: string, value: Value): unknown {
  if (value instanceof Int32) return value.value;
  if (typeof value === 'bigint' && Number.isSafeInteger(Number(value))) return Number(value);
  if (typeof value === 'number' || typeof value === 'string' || value instanceof Date) return value;
  throw typeMismatch(`${name} does not take this ${typeName(value)} in this store`);
}

type NumberType = 'double' | 'long' | 'int';

function fromForeign(told: unknown, type: NumberType): Value {
  if (typeof told === 'number') {
    if (type === 'double' || !Number.isSafeInteger(told)) return told;
    return type === 'int' && told === (told | 0) ? int(told) : BigInt(told);
  }
  if (typeof told === 'string' || typeof told === 'boolean' || told instanceof Date) return told;
  if (Array.isArray(told)) return told.map((item) => fromForeign(item, type));
  if (typeof told !== 'object' || told === null) return null;
  const fields: Doc = new Map();
  for (const [name, value] of Object.entries(told)) fields.set(name, fromForeign(value, type));
  return fields;
}
