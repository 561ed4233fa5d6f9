import { describe, expect, it } from 'vitest';
import { compare, LINE_KINDS, openFromTarget, reach, type Difference, type PlacedRow } from './unit-difference.ts';
import type { UnitRow } from './unit.form.ts';
import { closeUnit, openUnit, type Unit, type UnitKind } from './unit.ts';

const made = (id: string, kind: UnitKind, parent: Unit | null, name = `Единица ${id}`): Unit =>
  openUnit({ id, kind, name, shortName: null, zone: kind === 'region' ? 'Europe/Moscow' : null }, parent, 1);
const region = made('48', 'region', null);
const first = made('m1', 'municipality', region);
const second = made('m2', 'municipality', region);
const school = made('s1', 'institution', first, 'Школа № 1');
const other = made('s2', 'institution', second, 'Школа № 2');
const point = made('p1', 'examPoint', school);
const TREE = [region, first, second, school, other, point];

const LETTERS = { code: 'A', kind: 'B', name: 'C', parent: 'D', zone: 'E', status: 'F', successor: 'G' } as const;

function difference(
  rows: (Partial<UnitRow> & { isBroken?: boolean })[],
  tree = TREE,
  foreign: string[] = [],
): Difference {
  const work = compare({
    scope: region,
    topKind: 'region',
    present: new Map(tree.map((unit) => [unit.id, unit])),
    rows: rows.map(({ isBroken = false, ...values }, at): PlacedRow => ({ row: at + 2, values, isBroken })),
    foreign: new Set(foreign),
    sheet: 'Организации',
    letters: LETTERS,
    cellFindings: [],
  });
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
  }
}

const rowOf = ({ id, kind, name, parent, zone }: Unit): UnitRow => ({ code: id, kind, name, parent, zone });
const ALL = TREE.map(rowOf);
const changed = (id: string, change: Partial<UnitRow>) =>
  ALL.map((row) => (row.code === id ? { ...row, ...change } : row));
const refusals = (found: Difference) =>
  found.lines.refused.map((line) => (line.kind === 'refused' ? [line.finding.code, line.finding.cell] : []));
const counts = ({ lines, same }: Difference) => [...LINE_KINDS.map((kind) => lines[kind].length), same];

describe('the difference of a file', () => {
  it('is nothing when the file says what the hub knows', () => {
    expect(counts(difference(ALL))).toEqual([0, 0, 0, 0, 0, 6]);
  });

  it('[S4-03] takes whose an institution is; a blank cell leaves it, and no municipality has an owner', () => {
    const owned = { ...school, ownership: 'private' as const };
    const tree = TREE.map((unit) => (unit === school ? owned : unit));
    expect(difference(changed('s1', { ownership: 'private' })).lines.changed[0]).toMatchObject({
      fields: [{ field: 'ownership', before: null, after: 'private' }],
    });
    for (const values of [{}, { ownership: null }])
      expect(counts(difference(changed('s1', values), tree))).toEqual([0, 0, 0, 0, 0, 6]);
    expect(refusals(difference(changed('m1', { ownership: 'state' })))).toEqual([['unit_ownership_extra', 'A3']]);
  });

  it('tells new, changed, moved and gone apart, with what was and what will be', () => {
    const found = difference([
      ...ALL.filter(({ code }) => code !== 's2' && code !== 's1' && code !== 'm2'),
      { ...rowOf(second), name: 'Округ № 2' },
      { ...rowOf(school), parent: 'm2' },
      { code: 's3', kind: 'institution', name: 'Школа № 3', parent: 'm1' },
    ]);
    expect(counts(found)).toEqual([1, 1, 1, 1, 0, 3]);
    expect(found.lines.new[0]).toMatchObject({ id: 's3', row: 7, parentName: 'Единица m1' });
    expect(found.lines.changed[0]).toMatchObject({
      id: 'm2',
      fields: [{ field: 'name', before: 'Единица m2', after: 'Округ № 2' }],
    });
    expect(found.lines.moved[0]).toMatchObject({ id: 's1', fromName: 'Единица m1', toName: 'Округ № 2' });
    expect(found.lines.gone[0]).toMatchObject({ id: 's2', stays: false });
  });

  it('leaves what a missing column or a blank cell of zone and state does not say', () => {
    const closed = closeUnit(other, null, 0, 5);
    const tree = TREE.map((unit) => (unit.id === 's2' ? closed : unit));
    expect(
      counts(
        difference(
          ALL.map((row) => ({ ...row, zone: null, status: null })),
          tree,
        ),
      ),
    ).toEqual([0, 0, 0, 0, 0, 6]);
  });

  it('puts parents before what hangs under them, whatever the order of the rows', () => {
    const found = difference([
      ...ALL,
      { code: 'p9', kind: 'examPoint', name: 'ППЭ', parent: 's9' },
      { code: 's9', kind: 'institution', name: 'Школа № 9', parent: 'm9' },
      { code: 'm9', kind: 'municipality', name: 'Округ № 9', parent: '48' },
    ]);
    expect(found.lines.new.map((line) => ('id' in line ? line.id : ''))).toEqual(['m9', 's9', 'p9']);
    expect(found.refusedRows).toBe(0);
  });

  it.each([
    ['unit_code_doubled', 'A8', [...ALL, rowOf(school)]],
    ['unit_kind_fixed', 'B5', changed('s1', { kind: 'college' })],
    ['unit_parent_unknown', 'D5', changed('s1', { parent: 'm7' })],
    ['unit_parent_missing', 'D5', changed('s1', { parent: null })],
    ['unit_parent_kind', 'D5', changed('s1', { parent: '48' })],
    ['unit_zone_extra', 'E5', changed('s1', { zone: 'Asia/Tomsk' })],
    ['unit_zone_missing', 'E8', [...ALL, { code: '70', kind: 'region', name: 'Регион', parent: 'f' }]],
    ['unit_top_fixed', 'D2', changed('48', { parent: 'm1' })],
    ['unit_top_fixed', 'F2', changed('48', { status: 'closed' })],
    ['unit_successor_missing', 'G6', changed('s2', { status: 'merged' })],
    ['unit_successor_wrong', 'G6', changed('s2', { status: 'merged', successor: 'm1' })],
    ['unit_successor_wrong', 'G6', changed('s2', { status: 'closed', successor: 's2' })],
    ['unit_successor_extra', 'G6', changed('s2', { successor: 's1' })],
    ['unit_children_left', 'F5', changed('s1', { status: 'closed' })],
  ] as const)('refuses a row by name: %s at %s', (code, cell, rows) => {
    const found =
      code === 'unit_zone_missing'
        ? difference([...rows], [...TREE, { ...region, id: 'f', kind: 'federation' }])
        : difference([...rows]);
    expect(refusals(found)).toContainEqual([code, cell]);
    expect(found.refusedRows).toBeGreaterThan(0);
  });

  it('refuses a unit, and a parent, of somebody else’s territory', () => {
    expect(
      refusals(difference([...ALL, { code: 'x1', kind: 'institution', name: 'Чужая', parent: 'm1' }], TREE, ['x1'])),
    ).toEqual([['unit_foreign', 'A8']]);
    expect(refusals(difference(changed('s1', { parent: 'x-m1' }), TREE, ['x-m1']))).toEqual([['unit_foreign', 'D5']]);
  });

  it('refuses to leave what works under what ended', () => {
    const rows = changed('m2', { status: 'closed' }).map((row) =>
      row.code === 's2' ? { ...row, status: 'closed' as const } : row,
    );
    expect(difference(rows).refusedRows).toBe(0);
    expect(refusals(difference(changed('m2', { status: 'closed' })))).toEqual([
      ['unit_children_left', 'F4'],
      ['unit_parent_ended', 'D6'],
    ]);
  });

  it('does not count a row that can’t be read as gone, nor blame those that hang under it', () => {
    const rows = ALL.map((row) => (row.code === 'm2' ? { code: 'm2', isBroken: true } : row));
    const found = difference(rows);
    expect(found.lines.gone).toEqual([]);
    expect(found.refusedRows).toBe(1);
    expect(found.lines.refused).toEqual([]);
  });

  it('keeps of the gone what something active hangs under', () => {
    const found = difference([rowOf(region), rowOf(school), { ...rowOf(first) }]);
    expect(found.lines.gone.map((line) => line.kind === 'gone' && [line.id, line.stays])).toEqual([
      ['p1', false],
      ['s2', false],
      ['m2', false],
    ]);
    const onlySchools = difference([rowOf(region), rowOf(school), rowOf(point), rowOf(other)]);
    expect(onlySchools.lines.gone.map((line) => line.kind === 'gone' && [line.id, line.stays])).toEqual([
      ['m1', true],
      ['m2', true],
    ]);
  });

  it('written out, makes the file’s state: a second difference is nothing', () => {
    const rows = [
      ...changed('s1', { parent: 'm2', name: 'Школа имени первого' }).filter(({ code }) => code !== 's2'),
      { code: 's2', kind: 'institution', name: 'Школа № 2', parent: 'm2', status: 'merged', successor: 's1' },
      { code: 's3', kind: 'institution', name: 'Школа № 3', parent: 'm1' },
    ] satisfies UnitRow[];
    const { lines } = difference(rows);
    const tree = new Map(TREE.map((unit) => [unit.id, unit]));
    for (const line of [...lines.new, ...lines.moved, ...lines.changed]) {
      if (line.kind === 'new') {
        tree.set(line.id, openFromTarget(line.id, line.target, tree.get(line.target.parent ?? '')?.path ?? '/', 1, 9));
        continue;
      }
      if (line.kind !== 'moved' && line.kind !== 'changed') continue;
      const before = tree.get(line.id);
      const parent = tree.get(line.target.parent ?? '');
      if (before) tree.set(line.id, reach(before, line.target, `${parent?.path ?? '/'}${before.id}/`, 9));
    }
    expect(counts(difference(rows, [...tree.values()]))).toEqual([0, 0, 0, 0, 0, 7]);
    expect(tree.get('s1')?.path).toBe('/48/m2/s1/');
  });
});
