import { describe, expect, it } from 'vitest';
import { changePicture, mark, newCheck, slotsFor, unmark, type Check, type Slot } from './check.ts';

const fresh = newCheck({
  ...{ id: 'k1', procedure: 'study-fed-2019', centre: 'sc48', college: 'c1', work: 'study-fed-2019/c1/1' },
  ...{ field: 'free1', pointsMax: 3 },
});
const by = (id: string) => ({ id, name: `Эксперт ${id}` });
const given = (check: Check, slot: Slot, expert: string, points: number, atMs: number, round = check.round): Check =>
  mark(check, { slot, points, round }, by(expert), atMs);
const refused = (code: string): unknown => expect.objectContaining({ code });

describe('the check of a free answer', () => {
  it('[S1-54] two experts who agree have checked it', () => {
    const one = given(fresh, 'first', 'a', 2, 1);
    expect(one.status).toBe('open');
    expect(given(one, 'second', 'b', 2, 2)).toMatchObject({ status: 'done', points: 2, rev: 3 });
  });

  it('[S1-54] where two differ a third decides, who is neither of them', () => {
    const two = given(given(fresh, 'first', 'a', 0, 1), 'second', 'b', 3, 2);
    expect(two.status).toBe('differing');
    expect([slotsFor(two, 'a'), slotsFor(two, 'b'), slotsFor(two, 'c')]).toEqual([[], [], ['third']]);
    expect(given(two, 'third', 'c', 1, 3)).toMatchObject({ status: 'done', points: 1 });
  });

  it('[S1-54] nobody marks an answer twice, beyond its points, or after it is done', () => {
    const one = given(fresh, 'first', 'a', 3, 1);
    expect(() => given(one, 'second', 'a', 3, 2)).toThrow(refused('check_over'));
    expect(() => given(one, 'first', 'b', 3, 2)).toThrow(refused('check_over'));
    expect(() => given(one, 'third', 'b', 3, 2)).toThrow(refused('check_over'));
    expect(() => given(one, 'second', 'b', 4, 2)).toThrow(refused('bad_input'));
    expect(slotsFor(given(one, 'second', 'b', 3, 2), 'c')).toEqual([]);
  });

  it('[S1-54] a mark is taken back by its expert, as long as nobody marked after him', () => {
    const one = given(fresh, 'first', 'a', 3, 1);
    expect(unmark(one, 'first', 'a')).toMatchObject({ marks: {}, status: 'open', rev: 3 });
    expect(() => unmark(one, 'first', 'b')).toThrow(refused('check_over'));
    expect(() => unmark(given(one, 'second', 'b', 1, 2), 'first', 'a')).toThrow(refused('check_over'));
  });

  it('[S1-54] marks of a scan that is there no more are void: both experts mark the new one, and whoever looked at the old marks nothing', () => {
    const done = given(given(fresh, 'first', 'a', 2, 1), 'second', 'b', 2, 2);
    const again = changePicture(done, { was: 'old', is: 'new' }, 3);
    expect(again).toMatchObject({ status: 'open', marks: {}, round: 2 });
    expect(again.voided).toEqual([{ atMs: 3, of: 'old', marks: done.marks }]);
    expect(slotsFor(again, 'a')).toEqual(['first', 'second']);
    expect(() => given(again, 'first', 'a', 1, 4, 1)).toThrow(refused('check_moved'));
    // Nobody had marked it yet: only the picture is another.
    expect(changePicture(fresh, { was: 'old', is: 'new' }, 3)).toMatchObject({ round: 2, voided: [] });
  });

  it('[S1-54] a scan that only comes back brings its marks, and those of the other one are void', () => {
    const done = given(given(fresh, 'first', 'a', 2, 1), 'second', 'b', 2, 2);
    const other = given(changePicture(done, { was: 'old', is: 'new' }, 3), 'first', 'c', 1, 4);
    const back = changePicture(other, { was: 'new', is: 'old' }, 5);
    expect(back).toMatchObject({ status: 'done', points: 2, marks: done.marks, round: 3 });
    expect(back.voided.map(({ of }) => of)).toEqual(['new']);
  });
});
