/** What mingo evaluates comes back with MongoDB's types, and nothing where MongoDB refuses. */
import { expect, it } from 'vitest';
import { doc, int, type Value } from './bson.ts';
import { compile } from './expressions.ts';
import { decimal } from './numbers.ts';

function value(name: string, operand: Value): Value | undefined {
  return compile(doc({ [name]: operand }), new Map())(new Map());
}

it.each<[string, Value, Value]>([
  ['$abs', int(-2147483648), 2147483648n],
  ['$abs', -2.5, 2.5],
  ['$abs', -5n, 5n],
  ['$floor', 2.5, 2],
  ['$round', [2.5, int(0)], 2],
  ['$round', 3.5, 4],
  ['$mod', [int(-5), int(3)], int(-2)],
  ['$pow', [int(2), int(40)], 1099511627776n],
  ['$pow', [int(2), int(-1)], 0.5],
  ['$divide', [int(4), int(2)], 2],
  ['$exp', int(1000), Infinity],
  ['$bitAnd', [int(6), int(3)], int(2)],
  ['$strLenCP', 'ёж', int(2)],
  ['$split', ['a,b', ','], ['a', 'b']],
  ['$replaceAll', doc({ input: 'a$a', find: doc({ $literal: '$a' }), replacement: 'x' }), 'ax'],
  ['$trim', doc({ input: ' a ' }), 'a'],
  ['$concat', ['a', null], null],
  ['$toLower', null, ''],
  ['$year', new Date(0), int(1970)],
  ['$year', null, null],
  ['$hour', doc({ date: new Date(0), timezone: 'Asia/Yekaterinburg' }), int(5)],
  ['$dateToString', doc({ date: null, onNull: 'none' }), 'none'],
  ['$dateDiff', doc({ startDate: new Date(0), endDate: new Date(86_400_000), unit: 'hour' }), int(24)],
  ['$dateTrunc', doc({ date: new Date(86_399_999), unit: 'day' }), new Date(0)],
])('%s keeps its type, %#', (name, operand, wanted) => {
  expect(value(name, operand)).toEqual(wanted);
});

it.each<[string, Value]>([
  ['$mod', [int(1), int(0)]],
  ['$ln', int(0)],
  ['$divide', [int(1), int(0)]],
  ['$sqrt', int(-1)],
  ['$abs', 'text'],
  ['$abs', decimal('1')],
  ['$abs', 2n ** 60n],
  ['$concat', ['a', int(1)]],
  ['$trim', doc({ input: 'a', noSuch: 'b' })],
])('%s is refused %#', (name, operand) => {
  expect(() => value(name, operand)).toThrow(expect.objectContaining({ name: 'CommandError' }));
});
