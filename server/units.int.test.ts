/** The tree through the composition root: real store, real worker threads, the import as a node does it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImportView } from '#models/org/unit-import.ts';
import type { LineKind } from '#models/org/unit-difference.ts';
import { UNITS_FILE_BYTES_MAX } from '#models/org/unit.form.ts';
import type { Person } from '#models/people/person.ts';
import { PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const HEADINGS =
  'Код;Вид;Название;Краткое название;Код вышестоящей;Часовой пояс;Состояние;Код преемника;Форма собственности';
const REGION = '48;Регион;Липецкая область;;;Europe/Moscow;действует;';
const TREE = [
  REGION,
  '48-m1;Муниципалитет;Округ № 1;;48;;действует;',
  '48-m2;Муниципалитет;Округ № 2;;48;;действует;',
  'i48-1;Организация;МБОУ СОШ № 101;;48-m1;;действует;',
  'i48-2;Организация;МБОУ СОШ № 102;;48-m1;;действует;',
  'i48-3;Организация;МБОУ СОШ № 103;;48-m2;;действует;',
  'i48-4;Организация;МБОУ СОШ № 104;;48-m2;;действует;',
];
const csv = (...rows: string[]): Uint8Array => new TextEncoder().encode([HEADINGS, ...rows].join('\r\n'));
const changed = (from: string, to: string): string[] => TREE.map((row) => (row.startsWith(`${from};`) ? to : row));

let hub: TestHub;

async function send(content: Uint8Array, name = 'units.csv', person: Person = hub.coordinator): Promise<string> {
  return (await hub.door.imports.send(person, '48', { name, bytes: content.length, content })).import;
}
async function settled(id: string, ...wanted: ImportView['status'][]): Promise<ImportView> {
  for (;;) {
    const { state } = await hub.door.units.import(hub.coordinator, id);
    if (wanted.includes(state.status)) return state;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
async function compared(content: Uint8Array, name?: string) {
  const id = await send(content, name);
  const state = await settled(id, 'compared', 'unreadable');
  if (state.status !== 'compared') throw new Error(JSON.stringify(state));
  return { id, ...state.comparison };
}
const lines = (id: string, kind: LineKind) => hub.door.units.importLines(hub.coordinator, id, kind, 0);
const findings = async (id: string) =>
  (await lines(id, 'refused')).map((line) => (line.kind === 'refused' ? line.finding : null));
async function write(content: Uint8Array, closesGone = false): Promise<ImportView> {
  const { id, edition } = await compared(content);
  await hub.door.imports.confirm(hub.coordinator, id, { edition, closesGone });
  return settled(id, 'written');
}
const found = async (sought: string, person: Person = hub.coordinator) =>
  (await hub.door.units.search(person, sought)).units.map(({ id }) => id);
const unit = (id: string) => hub.door.units.unit(hub.coordinator, id);

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

describe('a list of units', () => {
  it('exported and sent back changes nothing, in both formats', async () => {
    for (const format of ['csv', 'xlsx'] as const) {
      const file = await hub.door.units.export(hub.coordinator, format, null);
      const { counts, same } = await compared(file, `units.${format}`);
      expect(counts).toEqual({ new: 0, changed: 0, moved: 0, gone: 0, refused: 0 });
      expect(same).toBe(7);
    }
  });

  it('shows the difference first, and writes nothing before the confirmation', async () => {
    const rows = changed('i48-1', 'i48-1;Организация;Гимназия № 101;;48-m2;;;').filter(
      (row) => !row.startsWith('i48-4'),
    );
    const { id, counts, closable } = await compared(
      csv(...rows, 'c48-1;Колледж;Колледж № 1;;48;;;', '48-m3;Муниципалитет;Округ № 3;;48;;;'),
    );
    expect(counts).toEqual({ new: 2, changed: 0, moved: 1, gone: 1, refused: 0 });
    expect(closable).toBe(1);
    expect((await unit('i48-1')).unit).toMatchObject({ name: 'МБОУ СОШ № 101', parent: '48-m1' });
    expect(await lines(id, 'moved')).toMatchObject([
      {
        id: 'i48-1',
        fromName: 'Округ № 1',
        toName: 'Округ № 2',
        fields: [
          { field: 'name', before: 'МБОУ СОШ № 101', after: 'Гимназия № 101' },
          { field: 'parent', before: '48-m1', after: '48-m2' },
        ],
      },
    ]);
    await hub.door.imports.withdraw(hub.coordinator, id);
    await expect(
      hub.door.imports.confirm(hub.coordinator, id, { edition: 'any', closesGone: false }),
    ).rejects.toMatchObject({ code: 'import_over' });
  });

  it('names each broken row by sheet, cell, value and cause, and is then not written at all', async () => {
    const { id, edition, counts, refusedRows } = await compared(
      csv(
        ...TREE,
        'i48-9;Гимназия;Девятая;;48-m1;;;',
        'код девять;Организация;Десятая;;48-m1;;;',
        'i48-11;Организация;;;48-m1;;;',
        'i48-12;Организация;Двенадцатая;;48-m9;;;',
        `i48-13;Организация;${'ш'.repeat(301)};;48-m1;;;`,
      ),
    );
    expect(counts).toMatchObject({ new: 0, refused: 5 });
    expect(refusedRows).toBe(5);
    expect(await findings(id)).toMatchObject([
      { code: 'unit_kind_unknown', sheet: 'CSV', cell: 'B9', value: 'Гимназия' },
      { code: 'unit_code_unreadable', cell: 'A10', value: 'код девять' },
      { code: 'value_missing', cell: 'C11' },
      { code: 'unit_parent_unknown', cell: 'E12' },
      { code: 'text_too_long', cell: 'C13', params: { chars: 301, max: 300 } },
    ]);
    await expect(hub.door.imports.confirm(hub.coordinator, id, { edition, closesGone: false })).rejects.toMatchObject({
      code: 'import_broken',
      params: { count: 5 },
    });
  });

  it('is read in windows-1251 and with commas, too', async () => {
    const text = [HEADINGS, ...TREE].join('\n').replaceAll(';', ',');
    const letters = Array.from(new TextDecoder('windows-1251').decode(Uint8Array.from({ length: 256 }, (_, at) => at)));
    const bytes = Uint8Array.from(text, (letter) => letters.indexOf(letter));
    expect((await compared(bytes)).same).toBe(7);
  });

  it('that is no list is refused by name', async () => {
    const id = await send(new TextEncoder().encode('Приказ\nо наведении порядка'), 'order.csv');
    expect(await settled(id, 'unreadable')).toMatchObject({ findings: [{ code: 'header_missing' }] });
    const pdf = await send(new TextEncoder().encode('%PDF-1.7'), 'units.xlsx');
    expect(await settled(pdf, 'unreadable')).toMatchObject({ findings: [{ code: 'file_not_spreadsheet' }] });
  });

  it('over its limit of bytes is refused at the door', async () => {
    const file = { name: 'units.csv', bytes: UNITS_FILE_BYTES_MAX + 1, content: null };
    await expect(hub.door.imports.send(hub.coordinator, '48', file)).rejects.toMatchObject({
      code: 'file_too_large',
      params: { mb: 16, mbMax: 15 },
    });
  });

  it('made by LibreOffice names its broken row by the cell', async () => {
    const content = readFileSync(new URL('../exchange/fixtures/units/broken-row.xlsx', import.meta.url));
    const { id, counts } = await compared(new Uint8Array(content), 'broken-row.xlsx');
    expect(counts).toMatchObject({ new: 11, refused: 1 });
    expect(await findings(id)).toMatchObject([
      { code: 'unit_parent_unknown', sheet: 'Организации', cell: 'E9', value: '48-m77' },
    ]);
  });
});

describe('a confirmed list', () => {
  it('is written whole, with history, and a repeated confirmation changes nothing', async () => {
    const rows = changed('i48-2', 'i48-2;Организация;МБОУ СОШ № 102 имени Ёлкина;СОШ № 102;48-m1;;;');
    const { id, edition } = await compared(csv(...rows, 'c48-1;Колледж;Колледж № 1;;48;;;'));
    const confirmation = { edition, closesGone: false };
    await hub.door.imports.confirm(hub.coordinator, id, confirmation);
    await hub.door.imports.confirm(hub.coordinator, id, confirmation);
    expect(await settled(id, 'written')).toMatchObject({ total: 2 });
    await hub.door.imports.confirm(hub.coordinator, id, confirmation);
    expect((await unit('c48-1')).unit).toMatchObject({ kind: 'college', path: '/48/c48-1/' });
    expect((await unit('i48-2')).history).toMatchObject([
      {
        deed: 'edited',
        import: id,
        byName: 'Тестов Тест Тестович',
        fields: [
          { field: 'name', before: 'МБОУ СОШ № 102', after: 'МБОУ СОШ № 102 имени Ёлкина' },
          { field: 'shortName', before: null, after: 'СОШ № 102' },
        ],
      },
      { deed: 'created', import: null },
    ]);
  });

  it('is refused when the territory changed since, compared anew, and then taken', async () => {
    const { id, edition } = await compared(csv(...TREE, 'i48-20;Организация;Двадцатая;;48-m1;;;'));
    await hub.door.units.edit(hub.coordinator, 'i48-3', { name: 'Школа в лесу', shortName: '', zone: null });
    await expect(hub.door.imports.confirm(hub.coordinator, id, { edition, closesGone: false })).rejects.toMatchObject({
      code: 'import_stale',
    });
    const anew = await settled(id, 'compared');
    if (anew.status !== 'compared') throw new Error(anew.status);
    expect(anew.comparison).toMatchObject({ isAnew: true, counts: { new: 1, changed: 2 } });
    // The old page's button says yes to a difference that is gone.
    await expect(hub.door.imports.confirm(hub.coordinator, id, { edition, closesGone: false })).rejects.toMatchObject({
      code: 'import_stale',
    });
    expect((await unit('i48-3')).unit.name).toBe('Школа в лесу');
    await hub.door.imports.confirm(hub.coordinator, id, { edition: anew.comparison.edition, closesGone: false });
    await settled(id, 'written');
    expect((await unit('i48-3')).unit.name).toBe('МБОУ СОШ № 103');
  });

  it('takes a unit’s people, files and board along when it moves', async () => {
    const school = await hub.enrol('i48-1');
    expect(school.assignments[0]?.path).toBe('/48/48-m1/i48-1/');
    await write(csv(...changed('i48-1', 'i48-1;Организация;МБОУ СОШ № 101;;48-m2;;;')));
    expect((await hub.person('i48-1')).assignments[0]?.path).toBe('/48/48-m2/i48-1/');
    const { parts } = await hub.door.participations.board(hub.coordinator, PROCEDURE);
    const rowsOf = (municipality: string) =>
      parts.find(({ state }) => state.municipality === municipality)?.state.rows.map(({ institution }) => institution);
    expect(rowsOf('48-m1')).not.toContain('i48-1');
    expect(rowsOf('48-m2')).toContain('i48-1');
    // The municipality that had it has no say over it any longer.
    const [former, present] = hub.municipal;
    expect(await found('СОШ № 101', former)).toEqual([]);
    expect(await found('СОШ № 101', present)).toEqual(['i48-1']);
  });

  it('closes what it does not name only when told so', async () => {
    const rows = TREE.filter((row) => !row.startsWith('i48-4'));
    await write(csv(...rows));
    expect((await unit('i48-4')).unit.status.status).toBe('active');
    await write(csv(...rows), true);
    expect((await unit('i48-4')).unit.status).toMatchObject({ status: 'closed', successor: null });
    // c48-1 and i48-20 came with earlier lists and are not in this one.
    expect((await unit('c48-1')).unit.status.status).toBe('closed');
  });

  it('is finished by the next node when its own stops half-way', async () => {
    const many = Array.from({ length: 450 }, (_, at) => `n-${at};Организация;Новая школа № ${at};;48-m1;;;`);
    const { id, edition } = await compared(csv(...TREE, ...many));
    await hub.door.imports.confirm(hub.coordinator, id, { edition, closesGone: false });
    await hub.restart();
    expect(await settled(id, 'written')).toMatchObject({ total: 451 });
    expect((await unit('n-449')).history).toHaveLength(1);
  });

  it('belongs to those who manage the territory', async () => {
    const [municipal] = hub.municipal;
    await expect(send(csv(...TREE), 'units.csv', municipal)).rejects.toMatchObject({ code: 'not_allowed' });
    const id = await send(csv(...TREE));
    await settled(id, 'compared');
    await expect(hub.door.units.import(municipal, id)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.units.importLines(municipal, id, 'new', 0)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.imports.confirm(municipal, id, { edition: 'any', closesGone: false })).rejects.toMatchObject({
      code: 'not_allowed',
    });
  });
});

describe('the tree by hand', () => {
  it('merges a municipality into another: what hangs under it goes along, history tells it', async () => {
    const before = (await unit('48-m1')).children.filter(({ unit: one }) => one.status.status === 'active').length;
    await hub.door.units.create(hub.coordinator, '48', {
      id: '48-M9',
      kind: 'municipality',
      name: 'Новый округ',
      shortName: '',
      zone: null,
    });
    await hub.door.units.merge(hub.coordinator, '48-m1', '48-m9');
    const merged = await unit('48-m1');
    expect(merged.unit.status).toMatchObject({ status: 'merged', into: '48-m9' });
    expect(merged.successor).toEqual({ id: '48-m9', name: 'Новый округ' });
    expect((await unit('48-m9')).children).toHaveLength(before);
    expect((await unit('i48-2')).unit.path).toBe('/48/48-m9/i48-2/');
    await expect(
      hub.door.units.create(hub.coordinator, '48-m1', {
        id: 'x',
        kind: 'institution',
        name: 'Новая',
        shortName: '',
        zone: null,
      }),
    ).rejects.toMatchObject({ code: 'unit_inactive' });
    await expect(
      hub.door.units.create(hub.coordinator, '48-m9', {
        id: 'i48-2',
        kind: 'institution',
        name: 'Новая',
        shortName: '',
        zone: null,
      }),
    ).rejects.toMatchObject({ code: 'unit_code_taken', params: { code: 'i48-2' } });
  });

  it('is read within one’s territory only', async () => {
    const [, second] = hub.municipal;
    expect((await hub.door.units.roots(second)).map(({ root }) => root.unit.id)).toEqual(['48-m2']);
    await expect(hub.door.units.unit(second, '48-m9')).rejects.toMatchObject({ code: 'not_found' });
    await expect(hub.door.units.children(second, '48')).rejects.toMatchObject({ code: 'not_found' });
    await expect(
      hub.door.units.edit(second, '48-m2', { name: 'Моё', shortName: '', zone: null }),
    ).rejects.toMatchObject({ code: 'not_allowed' });
    expect((await hub.door.units.unit(second, 'i48-3')).above.map(({ id }) => id)).toEqual(['48-m2']);
    const file = new TextDecoder().decode(await hub.door.units.export(second, 'csv', null));
    expect(file).toContain('i48-3');
    expect(file).not.toContain('48-m9;');
  });

  it('finds by any part of a name or code', async () => {
    expect(await found('елкин')).toEqual([]);
    await hub.door.units.edit(hub.coordinator, 'i48-2', { name: 'Школа имени Ёлкина', shortName: '', zone: null });
    expect(await found('ЕЛКИН')).toEqual(['i48-2']);
    expect(await found('лки')).toEqual(['i48-2']);
    expect(await hub.door.units.search(hub.coordinator, 'ююю школа')).toEqual({ units: [], isMore: false });
    expect(await found('новая 449')).toEqual(['n-449']);
    const { units, isMore } = await hub.door.units.search(hub.coordinator, 'новая школа');
    expect([units.length, isMore]).toEqual([20, true]);
    expect(units[0]?.place).toEqual(['Липецкая область', 'Новый округ']);
  });

  it('writes names that begin like formulas so that no program runs them, and reads them back', async () => {
    await hub.door.units.edit(hub.coordinator, 'i48-2', { name: '=HYPERLINK("x")', shortName: '@имя', zone: null });
    const text = new TextDecoder().decode(await hub.door.units.export(hub.coordinator, 'csv', 'i48-2'));
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
    for (const format of ['csv', 'xlsx'] as const) {
      const file = await hub.door.units.export(hub.coordinator, format, null);
      expect((await compared(file, `units.${format}`)).counts).toMatchObject({ changed: 0, refused: 0, new: 0 });
    }
  });
});
