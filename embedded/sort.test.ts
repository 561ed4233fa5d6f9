import { expect, it } from 'vitest';
import { Chance } from '#chance/chance.ts';
import { doc, int, type Doc } from './bson.ts';
import { sortBytesMax, sorted, sortedInTurns, sortFieldsOf } from './sort.ts';

const seed = 20_260_302;

interface Item {
  key: number;
  place: number;
}

function itemsOf(count: number): Item[] {
  const random = new Chance(seed);
  return Array.from({ length: count }, (_, place) => ({ key: random.below(50), place }));
}

it.each([0, 1, 499, 500, 501, 5000, 12_345])('sorts %i items as one stable sort would', (count) => {
  const items = itemsOf(count);
  const steps = sortedInTurns(items, (a, b) => a.key - b.key);
  let step = steps.next();
  while (!step.done) step = steps.next();
  expect(step.value).toEqual(items.toSorted((a, b) => a.key - b.key));
});

it('a sort of 100,000 items rests after few thousand comparisons', () => {
  let compared = 0;
  let longest = 0;
  const steps = sortedInTurns(itemsOf(100_000), (a, b) => {
    compared++;
    return a.key - b.key;
  });
  for (let step = steps.next(); !step.done; step = steps.next()) {
    longest = Math.max(longest, compared);
    compared = 0;
  }
  expect(longest).toBeLessThan(5000);
});

it('a limited sort holds few rows, and an unlimited one ends at its limit of bytes', () => {
  const fields = sortFieldsOf(doc({ n: int(1) }));
  const rows = (count: number) => Array.from({ length: count }, (_, n) => doc({ n: int(count - n) }));
  const told = (limit: number, bytes: number) =>
    [...sorted<Doc>(rows(1000), (row) => ({ fields: row, bytes }), fields, limit)].filter((row) => row !== undefined);
  const heavy = sortBytesMax / 200;
  expect(told(3, heavy).slice(0, 3)).toEqual([1, 2, 3].map((n) => doc({ n: int(n) })));
  expect(told(0, sortBytesMax / 1000)).toHaveLength(1000);
  expect(() => told(0, sortBytesMax / 1000 + 1)).toThrow(/memory limit/);
});
