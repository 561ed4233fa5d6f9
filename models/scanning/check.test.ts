import { describe, expect, it } from 'vitest';
import { mark, newCheck, slotsFor, unmark } from './check.ts';

const fresh = newCheck({
  ...{ id: 'k1', procedure: 'study-fed-2019', centre: 'sc48', college: 'c1', work: 'study-fed-2019/c1/1' },
  ...{ field: 'free1', pointsMax: 3 },
});
const by = (id: string) => ({ id, name: `Эксперт ${id}` });
const refused = (code: string): unknown => expect.objectContaining({ code });

describe('the check of a free answer', () => {
  it('[S1-54] two experts who agree have checked it', () => {
    const one = mark(fresh, 'first', by('a'), 2, 1);
    expect(one.status).toBe('open');
    expect(mark(one, 'second', by('b'), 2, 2)).toMatchObject({ status: 'done', points: 2, rev: 3 });
  });

  it('[S1-54] where two differ a third decides, who is neither of them', () => {
    const two = mark(mark(fresh, 'first', by('a'), 0, 1), 'second', by('b'), 3, 2);
    expect(two.status).toBe('differing');
    expect([slotsFor(two, 'a'), slotsFor(two, 'b'), slotsFor(two, 'c')]).toEqual([[], [], ['third']]);
    expect(mark(two, 'third', by('c'), 1, 3)).toMatchObject({ status: 'done', points: 1 });
  });

  it('[S1-54] nobody marks an answer twice, beyond its points, or after it is done', () => {
    const one = mark(fresh, 'first', by('a'), 3, 1);
    expect(() => mark(one, 'second', by('a'), 3, 2)).toThrow(refused('check_over'));
    expect(() => mark(one, 'first', by('b'), 3, 2)).toThrow(refused('check_over'));
    expect(() => mark(one, 'third', by('b'), 3, 2)).toThrow(refused('check_over'));
    expect(() => mark(one, 'second', by('b'), 4, 2)).toThrow(refused('bad_input'));
    expect(slotsFor(mark(one, 'second', by('b'), 3, 2), 'c')).toEqual([]);
  });

  it('[S1-54] a mark is taken back by its expert, as long as nobody marked after him', () => {
    const one = mark(fresh, 'first', by('a'), 3, 1);
    expect(unmark(one, 'first', 'a')).toMatchObject({ marks: {}, status: 'open', rev: 3 });
    expect(() => unmark(one, 'first', 'b')).toThrow(refused('check_over'));
    expect(() => unmark(mark(one, 'second', by('b'), 1, 2), 'first', 'a')).toThrow(refused('check_over'));
  });
});
