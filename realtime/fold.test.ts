import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import { fold } from './fold.ts';

const event = (q: number, entity: string, type = 'rowChanged'): JournalEvent => ({
  q,
  type,
  entity,
  rev: q,
  body: q,
  atMs: q,
});

describe('folding', () => {
  it('[N-6] keeps the last event of each entity, in the order of the last ones', () => {
    const events = [event(1, 'a'), event(2, 'b'), event(3, 'a'), event(4, 'c'), event(5, 'b')];
    expect(fold(events).map(({ q }) => q)).toEqual([3, 4, 5]);
  });

  it('tells events of different types apart', () => {
    expect(fold([event(1, 'a'), event(2, 'a', 'other'), event(3, 'a')]).map(({ q }) => q)).toEqual([2, 3]);
  });

  it('[J-4] obeys the law: applying what is left gives the state that applying all gives', () => {
    const seed = Number(process.env['SEED'] ?? 1);
    console.log(`seed ${seed}`);
    let random = seed;
    const events = Array.from({ length: 500 }, (_, index) => {
      random = (Math.imul(random, 1_103_515_245) + 12_345) & 0x7fffffff;
      return event(index + 1, `e${random % 20}`);
    });
    const apply = (given: readonly JournalEvent[]) =>
      Object.fromEntries(given.map(({ entity, body }) => [entity, body]));
    expect(fold(events)).toHaveLength(20);
    expect(apply(fold(events))).toEqual(apply(events));
  });
});
