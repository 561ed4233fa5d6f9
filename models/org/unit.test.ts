import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import {
  closeUnit,
  editUnit,
  kindsUnder,
  mayHang,
  mergeUnit,
  moveUnit,
  newUnitSchema,
  openUnit,
  regionPath,
  reopenUnit,
  UNIT_KINDS,
  UNIT_NAME_CHARS_MAX,
  type Unit,
  type UnitKind,
} from './unit.ts';

const made = (id: string, kind: UnitKind, parent: Unit | null, name = `Единица ${id}`): Unit =>
  openUnit({ id, kind, name, shortName: null, zone: kind === 'region' ? 'Europe/Moscow' : null }, parent, 1);
const region = made('48', 'region', null);
const first = made('m1', 'municipality', region);
const second = made('m2', 'municipality', region);
const school = made('s1', 'institution', first);

const codeOf = (deed: () => unknown): string => {
  try {
    deed();
  } catch (error) {
    if (error instanceof HubError) return error.code;
    throw error;
  }
  return 'done';
};

describe('the tree', () => {
  it('[S1-53] hangs municipalities under regions, institutions under municipalities, colleges directly under regions (domain 2.1)', () => {
    expect(kindsUnder('federation')).toEqual(['region']);
    expect(kindsUnder('region')).toEqual(['municipality', 'college', 'examPoint', 'scanningCentre']);
    expect(kindsUnder('municipality')).toEqual(['institution', 'examPoint', 'scanningCentre']);
    expect(kindsUnder('institution')).toEqual(['examPoint']);
    expect(UNIT_KINDS.filter((kind) => mayHang(kind, null))).toEqual(['federation', 'region']);
  });

  it('has no way round: nothing hangs, at any depth, under its own kind', () => {
    const below = (kind: UnitKind, depth = 0): UnitKind[] =>
      depth > UNIT_KINDS.length ? ['federation'] : kindsUnder(kind).flatMap((one) => [one, ...below(one, depth + 1)]);
    for (const kind of UNIT_KINDS) expect(below(kind)).not.toContain(kind);
  });

  it('gives a unit the path of its parent, and a region its zone', () => {
    expect(school.path).toBe('/48/m1/s1/');
    expect(region.zone).toBe('Europe/Moscow');
    expect(codeOf(() => openUnit({ ...region, id: '70', zone: null }, null, 1))).toBe('bad_input');
    expect(codeOf(() => openUnit({ ...school, zone: 'Europe/Moscow' }, first, 1))).toBe('bad_input');
    expect(codeOf(() => made('c1', 'college', first))).toBe('unit_parent_unfit');
  });

  it('[S4-03] knows whose an institution is, once somebody said it; nothing else has an owner', () => {
    const edit = { name: school.name, shortName: null, zone: null };
    const owned = editUnit(school, { ...edit, ownership: 'private' });
    expect(owned?.ownership).toBe('private');
    expect(owned && editUnit(owned, edit)).toBeNull();
    expect(owned && editUnit(owned, { ...edit, ownership: null })).not.toHaveProperty('ownership');
    expect(codeOf(() => editUnit(first, { ...edit, name: first.name, ownership: 'state' }))).toBe('bad_input');
  });

  it('takes names up to their limit, and codes of 40 signs', () => {
    const unit = { kind: 'institution', shortName: '', zone: null } as const;
    const parse = (id: string, name: string) => newUnitSchema.safeParse({ ...unit, id, name }).success;
    expect(parse('a'.repeat(40), 'ш'.repeat(UNIT_NAME_CHARS_MAX))).toBe(true);
    expect(parse('a'.repeat(41), 'школа')).toBe(false);
    expect(parse('a', 'ш'.repeat(UNIT_NAME_CHARS_MAX + 1))).toBe(false);
    expect(newUnitSchema.parse({ ...unit, id: ' S-1 ', name: 'школа' }).id).toBe('s-1');
  });

  it('says nothing of an edit that changes nothing', () => {
    expect(editUnit(school, school)).toBeNull();
    expect(editUnit(school, { ...school, name: 'Школа' })).toMatchObject({ name: 'Школа', rev: 2 });
  });
});

describe('moving', () => {
  it('hangs an institution under another municipality of its region', () => {
    expect(moveUnit(school, second, 'region')).toMatchObject({ parent: 'm2', path: '/48/m2/s1/', rev: 2 });
    expect(moveUnit(school, first, 'region')).toBeNull();
  });

  it('is refused across regions: procedures are a region’s', () => {
    const top = { ...made('fed', 'region', null), kind: 'federation' as const };
    const [one, other] = [made('48', 'region', top), made('70', 'region', top)];
    const from = made('s', 'institution', made('a', 'municipality', one));
    expect(codeOf(() => moveUnit(from, made('b', 'municipality', other), 'federation'))).toBe('unit_region_other');
    expect(regionPath('/fed/48/a/s/', 'federation')).toBe('/fed/48/');
    expect(regionPath('/48/a/s/', 'region')).toBe('/48/');
  });
});

describe('ending', () => {
  it('merges only into an active unit of the same sort', () => {
    const other = made('s2', 'institution', second);
    expect(mergeUnit(school, other, 5).status).toEqual({ status: 'merged', into: 's2', atMs: 5 });
    expect(mergeUnit(school, made('c', 'college', region), 5).status.status).toBe('merged');
    expect(codeOf(() => mergeUnit(school, school, 5))).toBe('unit_successor_unfit');
    expect(codeOf(() => mergeUnit(school, second, 5))).toBe('unit_successor_unfit');
    const ended = mergeUnit(other, school, 5);
    expect(codeOf(() => mergeUnit(school, ended, 6))).toBe('unit_successor_unfit');
    expect(codeOf(() => mergeUnit(ended, school, 6))).toBe('unit_inactive');
  });

  it('closes only what nothing active hangs under, and never the top', () => {
    expect(codeOf(() => closeUnit(first, null, 1, 5))).toBe('unit_has_children');
    expect(codeOf(() => closeUnit(region, null, 0, 5))).toBe('unit_top');
    expect(closeUnit(first, second, 0, 5).status).toEqual({ status: 'closed', successor: 'm2', atMs: 5 });
    expect(closeUnit(school, null, 0, 5).status).toEqual({ status: 'closed', successor: null, atMs: 5 });
  });

  it('can be taken back while the unit above works', () => {
    const closed = closeUnit(school, null, 0, 5);
    expect(reopenUnit(closed, first)?.status).toEqual({ status: 'active' });
    expect(reopenUnit(school, first)).toBeNull();
    expect(codeOf(() => reopenUnit(closed, closeUnit(first, null, 0, 5)))).toBe('unit_inactive');
  });
});
