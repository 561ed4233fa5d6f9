/** Expressions that are functions of their evaluated operands, on values with their types. */
import { distinct, listAccumulators, plus, type Accumulator } from './accumulators.ts';
import { int, isDoc, undefinedValue, type Value } from './bson.ts';
import { conversions } from './conversions.ts';
import { CommandError, typeMismatch } from './errors.ts';
import { compileRegex, regexOf } from './matcher.ts';
import { calculate, negate } from './numbers.ts';
import {
  compareValues,
  dateMs,
  equalValues,
  isNumeric,
  isTrue,
  toDouble,
  typeName,
  wholeNumber,
  type Numeric,
} from './values.ts';

type Operand = Value | undefined;

export interface Operator {
  least: number;
  most: number;
  /** Its operands have these names instead of places. */
  names?: readonly string[];
  run: (...operands: Operand[]) => Operand;
}

const one = (run: (value: Operand) => Operand): Operator => ({ least: 1, most: 1, run });
const two = (run: (a: Operand, b: Operand) => Operand): Operator => ({ least: 2, most: 2, run });
const many = (run: (...values: Operand[]) => Operand): Operator => ({ least: 0, most: Infinity, run });

function isNothing(value: Operand): value is null | undefined {
  return value === null || value === undefined;
}

function listOf(value: Operand, code = 28689): Value[] {
  if (!Array.isArray(value)) throw new CommandError(code, `an array was expected, found: ${typeName(value)}`);
  return value;
}

function wholeOf(value: Operand): number {
  const number = wholeNumber(value);
  if (number === undefined) throw new CommandError(28690, `a whole number was expected, found: ${typeName(value)}`);
  return number;
}

function numericOf(value: Value): Numeric {
  if (!isNumeric(value)) throw typeMismatch(`only numeric types are supported here, not ${typeName(value)}`);
  return value;
}

/** A copy with a field whatever it is called; a missing value (`$$REMOVE`) takes it away. */
function withField(name: Operand, input: Operand, value: Operand): Operand {
  if (isNothing(input)) return null;
  if (typeof name !== 'string' || !isDoc(input))
    throw new CommandError(4161107, '$setField needs the name of a field, and a document as input');
  const fields = new Map(input);
  if (value === undefined) fields.delete(name);
  else fields.set(name, value);
  return fields;
}

/** Null when an operand is null or missing. */
const strict =
  (run: (...values: Value[]) => Operand) =>
  (...operands: Operand[]): Operand => {
    const values = operands.filter((operand) => !isNothing(operand));
    return values.length < operands.length ? null : run(...values);
  };
const onLists = (run: (...lists: Value[][]) => Operand) =>
  strict((...values) => run(...values.map((value) => listOf(value))));

function compared(holds: (order: number) => Value): Operator {
  return two((a = undefinedValue, b = undefinedValue) => holds(compareValues(a, b)));
}

function add(...values: Value[]): Value {
  const [date, another] = values.filter((value) => value instanceof Date);
  if (another) throw new CommandError(16612, 'only one date allowed in an $add expression');
  const sum = values
    .filter((value) => value !== date)
    .reduce<Numeric>((total, value) => plus(total, numericOf(value)), int(0));
  return date ? new Date(date.getTime() + Math.round(toDouble(sum))) : sum;
}

function subtract(a: Value, b: Value): Value {
  if (!(a instanceof Date)) return plus(numericOf(a), negate(numericOf(b)));
  return b instanceof Date ? dateMs(a) - dateMs(b) : new Date(a.getTime() - Math.round(toDouble(numericOf(b))));
}

function multiply(...values: Value[]): Value {
  return values.map(numericOf).reduce((a, b) => calculate('multiply', a, b) ?? toDouble(a) * toDouble(b), int(1));
}

function slice(items: Value, first: Value, second?: Value): Value {
  const [list, from] = [listOf(items), wholeOf(first)];
  if (second === undefined) return from < 0 ? list.slice(from) : list.slice(0, from);
  const count = wholeOf(second);
  if (count <= 0) throw new CommandError(28729, 'Third argument to $slice must be positive');
  const start = from < 0 ? Math.max(0, list.length + from) : from;
  return list.slice(start, start + count);
}

function matchesRegex(input: Operand, pattern: Operand, options: Operand): boolean {
  if (isNothing(input) || isNothing(pattern)) return false;
  if (typeof input !== 'string') throw new CommandError(51104, "$regexMatch needs 'input' to be a string");
  return compileRegex(regexOf(pattern, options ?? undefined)).test(input);
}

/** `{ $sum: ['$a', '$b'] }` takes its operands, `{ $sum: '$list' }` the elements of its only one. */
function accumulated(make: () => Accumulator): Operator {
  return many((...values) => {
    const [only] = values;
    const accumulator = make();
    for (const value of values.length === 1 && Array.isArray(only) ? only : values) accumulator.take(value);
    return accumulator.result();
  });
}

export const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['$eq', compared((order) => order === 0)],
  ['$ne', compared((order) => order !== 0)],
  ['$gt', compared((order) => order > 0)],
  ['$gte', compared((order) => order >= 0)],
  ['$lt', compared((order) => order < 0)],
  ['$lte', compared((order) => order <= 0)],
  ['$cmp', compared((order) => int(Math.sign(order)))],
  ['$not', one((value) => !isTrue(value))],
  ['$add', many(strict(add))],
  ['$subtract', two(strict(subtract))],
  ['$multiply', many(strict(multiply))],
  ['$type', one(typeName)],
  ['$isNumber', one(isNumeric)],
  ['$isArray', one(Array.isArray)],
  ['$size', one((items) => int(listOf(items, 17124).length))],
  ['$in', two((wanted = undefinedValue, items) => listOf(items, 40081).some((item) => equalValues(item, wanted)))],
  ['$arrayElemAt', two(strict((items, at) => listOf(items).at(wholeOf(at))))],
  ['$first', one(onLists((items) => items[0]))],
  ['$last', one(onLists((items) => items.at(-1)))],
  ['$slice', { least: 2, most: 3, run: strict(slice) }],
  ['$concatArrays', many(onLists((...lists) => lists.flat()))],
  ['$reverseArray', one(onLists((items) => items.toReversed()))],
  ['$setUnion', many(onLists((...lists) => distinct(lists.flat())))],
  ['$regexMatch', { least: 3, most: 3, names: ['input', 'regex', 'options'], run: matchesRegex }],
  ['$setField', { least: 3, most: 3, names: ['field', 'input', 'value'], run: withField }],
  ['$rand', { least: 0, most: 1, run: () => Math.random() }],
  ...[...listAccumulators].map(([name, make]): [string, Operator] => [name, accumulated(make)]),
  ...[...conversions].map(([name, convert]): [string, Operator] => [
    name,
    one(
      strict((value) => {
        const told = convert(value);
        if (told === undefined) throw new CommandError(241, `${name} failed to convert this ${typeName(value)}`);
        return told;
      }),
    ),
  ]),
]);
