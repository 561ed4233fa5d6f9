/** Lists of units as files: what is read of them, and what is written. */
import { describe, expect, it } from 'vitest';
import type { PlacedRow } from '#models/org/unit-difference.ts';
import { UNIT_COLUMNS, UNITS_FILE_BYTES_MAX, UNITS_ROWS_MAX, type UnitRow } from '#models/org/unit.form.ts';
import { readUnits } from './read/read-units.ts';
import { unitsWriter } from './write/units.ts';

const HEADINGS = UNIT_COLUMNS.map(({ heading }) => heading);
const ROW: UnitRow = {
  code: 's1',
  kind: 'institution',
  name: 'Школа № 1; «первая», "лучшая"',
  shortName: null,
  parent: 'm1',
  zone: null,
  status: 'active',
  successor: null,
  ownership: 'municipal',
};

async function read(bytes: Uint8Array | string) {
  const rows: PlacedRow[] = [];
  const content = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const reading = await readUnits(content, (piece) => rows.push(...piece));
  return { reading, rows };
}
const codes = ({ reading }: Awaited<ReturnType<typeof read>>) => reading.findings.map(({ code }) => code);
const table = (sign: string, ...rows: string[][]) => [HEADINGS, ...rows].map((row) => row.join(sign)).join('\n');

describe('a list of units', () => {
  it.each(['xlsx', 'csv'] as const)(
    'written as %s reads back as it was, whatever its names begin with',
    async (format) => {
      const rows = ['=1+1', '@СОШ', '+7', '-школа', "'кавычка", 'Обычная'].map((name, at) => ({
        ...ROW,
        code: `s${at}`,
        name,
      }));
      const writer = unitsWriter(format);
      writer.add(rows);
      const { rows: back } = await read(await writer.finish());
      expect(back.map(({ values }) => values)).toEqual(rows);
      expect(back.map(({ row }) => row)).toEqual([2, 3, 4, 5, 6, 7]);
    },
  );

  it('as an empty form has nothing to import, and says so', async () => {
    for (const format of ['xlsx', 'csv'] as const)
      expect(codes(await read(await unitsWriter(format).finish()))).toEqual(['sheet_empty']);
  });

  it('is read whatever its encoding and the sign between its cells', async () => {
    const cells = ['s1', 'Школа', 'СОШ № 1', '', 'm1', '', '', ''];
    for (const sign of [';', ',', '\t']) {
      const text = table(sign, cells);
      const utf16 = Uint8Array.from([0xff, 0xfe, ...new Uint8Array(Buffer.from(text, 'utf16le'))]);
      for (const bytes of [text, `\uFEFF${text}`, utf16])
        expect((await read(bytes)).rows).toMatchObject([{ row: 2, values: { code: 's1', kind: 'institution' } }]);
    }
  });

  it('takes quoted cells with signs and line breaks in them, and tells of a quotation mark that never ends', async () => {
    const { rows } = await read(table(';', ['s1', 'Школа', '"СОШ; ""первая""\n№ 1"', '', 'm1']));
    expect(rows[0]?.values.name).toBe('СОШ; "первая" № 1');
    const broken = await read(table(';', ['s1', 'Школа', '"СОШ', '', 'm1'], ['s2', 'Школа', 'Вторая', '', 'm1']));
    expect(codes(broken)).toEqual(['csv_broken']);
  });

  it('needs four columns only; what it does not have is not said', async () => {
    const { rows } = await read('Код;Вид;Название;Код вышестоящей\nS1;ОО;Школа;m1');
    expect(rows[0]?.values).toEqual({ code: 's1', kind: 'institution', name: 'Школа', parent: 'm1' });
    const without = await read('Код;Вид;Название;Примечание\nS1;ОО;Школа;м');
    expect(without.reading).toMatchObject({
      findings: [{ code: 'column_missing', params: { heading: 'Код вышестоящей' } }],
    });
  });

  it('has so many rows and no more', async () => {
    const rows = (count: number) =>
      table(';', ...Array.from({ length: count }, (_, at) => [`s${at}`, 'ОО', 'Школа', '', 'm1', '', '', '']));
    expect((await read(rows(UNITS_ROWS_MAX))).rows).toHaveLength(UNITS_ROWS_MAX);
    const over = await read(rows(UNITS_ROWS_MAX + 1));
    expect(codes(over)).toEqual(['rows_too_many']);
    expect(over.rows).toEqual([]);
  });

  it('has so many bytes and no more', async () => {
    const text = table(';', ['s1', 'ОО', 'Школа', '', 'm1', '', '', '']);
    const line = `\n${' '.repeat(9_999)}`;
    const padded = (bytes: number) => {
      const rest = bytes - new TextEncoder().encode(text).length;
      return text + line.repeat(Math.floor(rest / line.length)) + ' '.repeat(rest % line.length);
    };
    expect((await read(padded(UNITS_FILE_BYTES_MAX))).rows).toHaveLength(1);
    expect(codes(await read(padded(UNITS_FILE_BYTES_MAX + 1)))).toEqual(['file_too_big']);
  });

  it('of nothing but blank lines does not fill the memory', async () => {
    expect(codes(await read('\n'.repeat(1_100_000)))).toEqual(['file_too_heavy']);
  });

  it('holds names to their limits, at the edge', async () => {
    const named = (chars: number) => ['s1', 'ОО', 'ш'.repeat(chars), 'к'.repeat(chars - 200), 'm1', '', '', ''];
    expect(codes(await read(table(';', named(300))))).toEqual([]);
    expect(codes(await read(table(';', named(301))))).toEqual(['text_too_long', 'text_too_long']);
  });
});
