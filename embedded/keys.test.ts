import { expect, it } from 'vitest';
import { Chance } from '#chance/chance.ts';
import { doc, int, Int32, kinds, maxKey, minKey, Opaque, Regex, undefinedValue, type Value } from './bson.ts';
import { encodeKey } from './keys.ts';
import { decimal } from './numbers.ts';
import { compareValues } from './values.ts';

const seed = 20_260_301;

const objectId = (byte: number) => new Opaque(kinds.objectId, Buffer.alloc(12, byte));
const binary = (subtype: number, ...bytes: number[]) =>
  new Opaque(kinds.binData, Buffer.from([bytes.length, 0, 0, 0, subtype, ...bytes]));

const values: Value[] = [
  minKey,
  undefinedValue,
  null,
  -Infinity,
  decimal('-1E400'),
  -1.5,
  int(-1),
  decimal('-0.1'),
  -0.1,
  0,
  int(0),
  0n,
  decimal('0'),
  5e-324,
  decimal('0.1'),
  0.1,
  int(1),
  1n,
  decimal('1.00'),
  2 ** 53,
  2n ** 53n + 1n,
  2n ** 62n,
  2n ** 62n + 1n,
  decimal('4611686018427387904.5'),
  9223372036854775807n,
  1e300,
  Infinity,
  NaN,
  '',
  'a',
  'a\0',
  'a\0b',
  'ab',
  'я',
  'ё',
  '\u{1F600}',
  '\uFFFD',
  doc({}),
  doc({ a: int(1) }),
  doc({ a: int(1), b: null }),
  doc({ a: 'x' }),
  doc({ b: int(1) }),
  doc({ a: doc({}) }),
  [],
  [int(1)],
  [int(1), int(2)],
  [[int(1)]],
  ['a'],
  binary(0),
  binary(0, 1),
  binary(4, 1),
  binary(0, 1, 2),
  objectId(1),
  objectId(2),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Date(8.64e15),
  new Regex('a', ''),
  new Regex('a', 'i'),
  new Regex('b', ''),
  maxKey,
];

it('bytes of keys stand in the order of their values, up and down', () => {
  for (const a of values)
    for (const b of values) {
      const wanted = Math.sign(compareValues(a, b));
      expect(
        Math.sign(Buffer.compare(encodeKey([a], [1]), encodeKey([b], [1]))) - wanted,
        `${show(a)} against ${show(b)}`,
      ).toBe(0);
      expect(
        Math.sign(Buffer.compare(encodeKey([a], [-1]), encodeKey([b], [-1]))) + wanted,
        `${show(a)} against ${show(b)}, descending`,
      ).toBe(0);
    }
});

it('in compound keys each field keeps its direction', () => {
  const random = new Chance(seed);
  const directions = [1, -1, 1];
  const compare = (a: Value[], b: Value[]) =>
    directions.reduce((result, direction, at) => result || direction * compareValues(a[at] ?? null, b[at] ?? null), 0);
  for (let round = 0; round < 3000; round++) {
    const [a, b] = [0, 1].map(() => directions.map(() => random.oneOf(values)));
    if (!a || !b) continue;
    expect(
      Math.sign(Buffer.compare(encodeKey(a, directions), encodeKey(b, directions))),
      `seed ${seed}, round ${round}`,
    ).toBe(Math.sign(compare(a, b)) || 0);
  }
});

function show(value: Value): string {
  if (value instanceof Int32) return `Int32(${value.value})`;
  if (value instanceof Opaque) return `${value.kind}:${value.bytes.toString('hex')}`;
  return typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
}
