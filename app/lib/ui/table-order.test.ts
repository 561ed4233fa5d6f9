import { describe, expect, it } from 'vitest';
import { compareValues, countPending, layOut, nextSort, orderRows, visibleRange } from './table-order.ts';

type School = { id: string; name: string; done: number | null; town: string };
const collator = new Intl.Collator('ru', { numeric: true });
const keyOf = (school: School) => school.id;
const groupOf = (school: School) => ({ key: school.town, title: school.town });
const schools: School[] = [
  { id: 'a', name: 'Школа № 10', done: 3, town: 'Тверь' },
  { id: 'b', name: 'Школа № 2', done: null, town: 'Бежецк' },
  { id: 'c', name: 'школа № 1', done: 1, town: 'Тверь' },
  { id: 'd', name: 'Ёлочка', done: 2, town: 'Бежецк' },
];
const keys = (direction: 'ascending' | 'descending', sortValueOf?: (school: School) => string | number | null) =>
  orderRows(schools, { keyOf, sortValueOf, direction, collator }).keys;

describe('the order of rows', () => {
  it('counts numbers inside names and knows the Russian alphabet', () => {
    expect(keys('ascending', (school) => school.name)).toEqual(['d', 'c', 'b', 'a']);
  });
  it('puts what is not answered last in both directions', () => {
    expect(keys('ascending', (school) => school.done)).toEqual(['c', 'd', 'a', 'b']);
    expect(keys('descending', (school) => school.done)).toEqual(['a', 'd', 'c', 'b']);
    expect(compareValues(null, '', 'descending', collator)).toBe(0);
  });
  it('without a value is the order rows come in', () => {
    expect(keys('ascending')).toEqual(['a', 'b', 'c', 'd']);
  });
  it('breaks ties by the order rows come in, whatever was shown before', () => {
    const previous = ['d', 'c', 'b', 'a'];
    const ordered = orderRows(schools, { keyOf, sortValueOf: () => 1, direction: 'descending', collator, previous });
    expect(ordered.keys).toEqual(['a', 'b', 'c', 'd']);
  });
  it('keeps groups together, sorted by their own value or by title', () => {
    const byTitle = orderRows(schools, { keyOf, groupOf, direction: 'ascending', collator });
    expect(byTitle.keys).toEqual(['b', 'd', 'a', 'c']);
    expect(byTitle.groups.map((group) => group.rows.length)).toEqual([2, 2]);
    const bySum = orderRows(schools, {
      keyOf,
      groupOf,
      sortValueOf: (school) => school.done,
      groupSortValueOf: (group) => group.rows.reduce((sum, school) => sum + (school.done ?? 0), 0),
      direction: 'descending',
      collator,
    });
    expect(bySum.keys).toEqual(['a', 'c', 'd', 'b']);
  });
});

describe('a held order', () => {
  it('counts the fewest rows that move, come or go', () => {
    expect(countPending(['a', 'b', 'c'], ['a', 'b', 'c'])).toBe(0);
    expect(countPending(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'])).toBe(1);
    expect(countPending(['a', 'b'], ['b', 'c'])).toBe(2);
    expect(countPending([], ['a', 'b'])).toBe(2);
  });
  it('keeps a gone row at its place and new rows outside', () => {
    const held = new Map(schools.map((school) => [school.id, school]));
    const now = [...schools.filter((school) => school.id !== 'b'), { id: 'e', name: 'Новая', done: 9, town: 'Тверь' }];
    const ordered = orderRows(now, { keyOf, direction: 'ascending', collator });
    const lines = layOut({ keys: ['a', 'b', 'c', 'd'], ordered, heldRows: held, isOpen: () => true });
    expect(lines.map((line) => [line.key, line.kind === 'row' && line.isGone])).toEqual([
      ['r:a', false],
      ['r:b', true],
      ['r:c', false],
      ['r:d', false],
    ]);
  });
  it('shows the newest content of a row at its old place', () => {
    const now = schools.map((school) => ({ ...school, done: 100 }));
    const ordered = orderRows(now, { keyOf, sortValueOf: (school) => school.done, direction: 'descending', collator });
    const [first] = layOut({ keys: ['c', 'a'], ordered, isOpen: () => true });
    expect(first).toMatchObject({ key: 'r:c', row: { done: 100 } });
  });
  it('random changes: the pending count is zero exactly when nothing would be seen to change', () => {
    const seed = 20131129;
    let state = seed;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return state % below;
    };
    for (let round = 0; round < 200; round++) {
      const pool = 'abcdefgh'.split('');
      const pick = () => pool.filter(() => random(3) > 0).sort(() => random(3) - 1);
      const [shown, wanted] = [pick(), pick()];
      const same = shown.join() === wanted.join();
      expect(countPending(shown, wanted) === 0, `seed ${seed}, round ${round}`).toBe(same);
    }
  });
});

describe('groups', () => {
  const ordered = orderRows(schools, { keyOf, groupOf, direction: 'ascending', collator });
  it('open into their rows', () => {
    const lines = layOut({ keys: ordered.keys, ordered, groupOf, isOpen: (key) => key === 'Тверь' });
    expect(lines.map((line) => line.key)).toEqual(['g:Бежецк', 'g:Тверь', 'r:a', 'r:c']);
  });
  it('count the rows there are, not those held', () => {
    const now = orderRows(schools.slice(1), { keyOf, groupOf, direction: 'ascending', collator });
    const held = new Map(schools.map((school) => [school.id, school]));
    const lines = layOut({ keys: ordered.keys, ordered: now, heldRows: held, groupOf, isOpen: () => true });
    const town = lines.find((line) => line.key === 'g:Тверь');
    expect(town?.kind === 'group' && town.group.rows.length).toBe(1);
    expect(lines.map((line) => line.key)).toContain('r:a');
  });
});

describe('sorting by a heading', () => {
  it('goes one way, the other, and back to the table’s own order', () => {
    const one = nextSort(null, 'name');
    const two = nextSort(one, 'name');
    expect([one, two, nextSort(two, 'name')]).toEqual([
      { column: 'name', direction: 'ascending' },
      { column: 'name', direction: 'descending' },
      null,
    ]);
    expect(nextSort(one, 'done', 'descending')).toEqual({ column: 'done', direction: 'descending' });
  });
});

describe('the visible range', () => {
  it('is the rows in view and a few around', () => {
    const view = { heightPx: 320, rowHeightPx: 32, overscan: 5 };
    expect(visibleRange({ ...view, scrollTopPx: 0 }, 40_000)).toEqual({ start: 0, end: 15 });
    expect(visibleRange({ ...view, scrollTopPx: 32_000 }, 40_000)).toEqual({ start: 995, end: 1015 });
  });
  it('never leaves the table, also when rows vanish below the scroll position', () => {
    expect(visibleRange({ scrollTopPx: 9_000, heightPx: 320, rowHeightPx: 32, overscan: 5 }, 10)).toEqual({
      start: 10,
      end: 10,
    });
  });
});
