import * as xlsx from '@e965/xlsx';
import ExcelJS from 'exceljs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTENDANCE_COLUMNS, DATA_SHEET, LEARNERS_MAX } from '#models/attendance/attendance.form.ts';
import { formAttendanceReport } from '#models/attendance/attendance.report.ts';
import type { Finding, ReadOutcome, ReportWords, WorkbookFormat, Workbooks } from '#models/attendance/workbook.ts';
import { IDENTITY_SHEET, INSTRUCTION_SHEET } from './identity.ts';
import {
  ANNOTATION_WORDS,
  filled,
  filledXls,
  filledXlsx,
  GOOD_ROWS,
  handmade,
  HEAD,
  IDENTITY,
  ROW,
  rowsOfClasses,
  type Value,
  worded,
  xmlForm,
} from './testing.ts';
import { createWorkbooks } from './workbooks.ts';

const FORMATS: readonly WorkbookFormat[] = ['xls', 'xlsx'];
let workbooks: Workbooks;
beforeAll(() => {
  workbooks = createWorkbooks({ threads: 2 });
});
afterAll(() => workbooks.close());

function briefly(outcome: ReadOutcome): string[] {
  const findings: Finding[] = outcome.kind === 'accepted' ? outcome.notes : outcome.findings;
  return [outcome.kind, ...findings.map(({ code, cell }) => (cell === undefined ? code : `${code} ${cell}`))];
}

async function readRows(rows: Value[][], format: WorkbookFormat = 'xlsx'): Promise<ReadOutcome> {
  return workbooks.read(await filled(rows, format), IDENTITY);
}

describe('the template', () => {
  it('[S2-10] the .xls is BIFF8 in a compound file, the .xlsx a package', async () => {
    const xls = await workbooks.template(IDENTITY, HEAD, 'xls');
    expect([...xls.subarray(0, 8)]).toEqual([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    const container = xlsx.CFB as {
      read(
        bytes: Uint8Array,
        options: { type: 'buffer' },
      ): { FullPaths: string[]; FileIndex: { content: Uint8Array }[] };
    };
    const { FullPaths, FileIndex } = container.read(xls, { type: 'buffer' });
    const stream = FileIndex[FullPaths.findIndex((path) => path.endsWith('/Workbook'))]?.content;
    expect([...(stream ?? []).slice(0, 6)].map((byte) => byte.toString(16))).toEqual(['9', '8', '10', '0', '0', '6']);
    const packed = await workbooks.template(IDENTITY, HEAD, 'xlsx');
    expect(Buffer.from(packed.subarray(0, 4)).toString('latin1')).toBe('PK\u0003\u0004');
  });

  it.each(FORMATS)(
    '[S2-12] the %s asks for both half-years and says whose it is, for people and for the reader',
    async (format) => {
      const book = xlsx.read(await workbooks.template(IDENTITY, HEAD, format), { type: 'buffer' });
      expect(book.SheetNames).toEqual([DATA_SHEET, INSTRUCTION_SHEET, IDENTITY_SHEET]);
      expect(book.Workbook?.Sheets?.map(({ Hidden }) => Hidden)).toEqual([0, 0, 1]);
      const lines = xlsx.utils.sheet_to_json<string[]>(book.Sheets[DATA_SHEET] ?? {}, { header: 1, blankrows: true });
      expect(lines[0]?.[0]).toBe('Данные о посещаемости за первое и второе полугодие 2012-2013 учебного года');
      expect(lines[1]?.[0]).toBe('МБОУ СОШ № 101');
      expect(lines[2]?.[0]).toBe('Форма attendance · версия 2 · мониторинг attendance-48-2012 · организация i48-1');
      expect(lines[4]).toEqual(ATTENDANCE_COLUMNS.map(({ heading }) => heading));
      expect(xlsx.utils.sheet_to_json(book.Sheets[IDENTITY_SHEET] ?? {}, { header: 1 })).toEqual([
        ['form', 'attendance'],
        ['version', '2'],
        ['procedure', 'attendance-48-2012'],
        ['institution', 'i48-1'],
      ]);
    },
  );

  it('the .xlsx checks cells while they are filled, keeps its head in view and locked', async () => {
    const book = new ExcelJS.Workbook();
    await book.xlsx.load((await workbooks.template(IDENTITY, HEAD, 'xlsx')).slice().buffer);
    const sheet = book.getWorksheet(DATA_SHEET);
    expect(sheet?.views[0]).toMatchObject({ state: 'frozen', ySplit: 5 });
    expect(sheet?.getCell('C6').dataValidation).toMatchObject({ type: 'whole', formulae: [0, LEARNERS_MAX] });
    expect(sheet?.getCell('B6').dataValidation).toMatchObject({ type: 'list', formulae: ['"I,II"'] });
    expect(sheet?.getCell('C6').protection).toMatchObject({ locked: false });
    expect(sheet?.getCell('C5').protection).not.toEqual({ locked: false });
  });

  it.each(FORMATS)('the %s unfilled has no rows yet', async (format) => {
    const outcome = await workbooks.read(await workbooks.template(IDENTITY, HEAD, format), IDENTITY);
    expect(briefly(outcome)).toEqual(['refused', 'sheet_empty']);
  });
});

describe('reading', () => {
  it.each(FORMATS)('[S2-12] a filled .%s gives its rows', async (format) => {
    const outcome = await readRows(GOOD_ROWS, format);
    expect(outcome).toEqual({
      kind: 'accepted',
      format,
      rows: [ROW, { ...ROW, halfYear: 'II', schoolDays: 92, missed: 500 }],
      notes: [],
    });
  });

  it.each<[string, Value, string]>([
    ['the largest figure', LEARNERS_MAX, 'accepted'],
    ['one more', LEARNERS_MAX + 1, 'out_of_range C6'],
    ['less than nothing', -1, 'out_of_range C6'],
    ['dust of a sum', 24.999999999999996, 'accepted'],
    ['a half', 12.5, 'not_whole C6'],
    ['a text with spaces', ' 2 5 ', 'note_number_as_text C6'],
    ['a no-break space', '\u00A025\u202F', 'note_number_as_text C6'],
    ['a comma decimal of a whole', '12,0', 'note_number_as_text C6'],
    ['a comma decimal of a part', '12,5', 'not_whole C6'],
    ['an apostrophe', "'25", 'note_number_as_text C6'],
    ['full-width digits', '２５', 'note_number_as_text C6'],
    ['a minus sign', '−5', 'out_of_range C6'],
    ['a number of thirty digits', '9'.repeat(30), 'not_a_number C6'],
    ['a power', '1e1', 'not_a_number C6'],
    ['a hexadecimal', '0x19', 'not_a_number C6'],
    ['units', '25 чел.', 'not_a_number C6'],
    ['a dash', '–', 'not_a_number C6'],
    ['a truth', true, 'not_a_number C6'],
    ['nothing', null, 'value_missing C6'],
    ['a blank text', ' \u00A0', 'value_missing C6'],
    ['a date', new Date(Date.UTC(2012, 8, 1)), 'date_instead C6'],
    ['a date as text', '01.09.2012', 'date_instead C6'],
    ['a formula with its value', { formula: '20+5', result: 25 }, 'note_formula_value C6'],
    ['a formula without', { formula: '20+5' }, 'formula_without_value C6'],
    [
      'a formula that failed',
      { formula: '1/0', result: { error: '#DIV/0!' } as ExcelJS.CellErrorValue },
      'cell_error_value C6',
    ],
    ['what begins like a formula', '=25', 'not_a_number C6'],
  ])('[S2-19] a figure: %s', async (_, value, expected) => {
    const [first = [], second = []] = GOOD_ROWS;
    const outcome = await readRows([first.map((cell, column): Value => (column === 2 ? value : cell)), second]);
    const [kind, ...found] = briefly(outcome);
    expect(found.find((one) => one === expected) ?? kind).toBe(expected);
  });

  it('a date for a class is told as a date', async () => {
    const outcome = await readRows([[new Date(Date.UTC(2012, 4, 1)), ...(GOOD_ROWS[0] ?? []).slice(1)], ...GOOD_ROWS]);
    expect(briefly(outcome)).toContain('date_instead A6');
  });

  it('[S2-19] every mistake of a file is found in one reading, in the order of the rows', async () => {
    const outcome = await readRows([
      ['5А', 'I', 'много', 78, 400, 300, 10],
      ['5А', 'II', 25, 92, 500, 600, 10],
      ['6А', 'I', 25, 78, 0, 0, 0],
    ]);
    expect(briefly(outcome)).toEqual(['refused', 'not_a_number C6', 'parts_exceed_total E7', 'half_year_missing B8']);
    expect(outcome.kind === 'refused' && outcome.findings[0]).toEqual({
      code: 'not_a_number',
      severity: 'error',
      sheet: DATA_SHEET,
      cell: 'C6',
      value: 'много',
      params: { heading: 'Число обучающихся', min: 0, max: LEARNERS_MAX },
    });
  });

  it('a long value is cut to 80 characters and loses what could deceive the eye', async () => {
    const outcome = await readRows([['5А', 'I', `\u202E${'я'.repeat(500)}`, 78, 400, 300, 10], ...GOOD_ROWS.slice(1)]);
    const value = outcome.kind === 'refused' ? outcome.findings[0]?.value : undefined;
    expect(value).toHaveLength(80);
    expect(value).toMatch(/^я+…$/);
  });

  it('headings are known in any case and spacing; columns may stand in any order', async () => {
    const order = [6, 5, 4, 3, 2, 1, 0];
    const rows = [
      order.map((column) => ` ${(ATTENDANCE_COLUMNS[column]?.heading ?? '').toUpperCase()}: `),
      ...GOOD_ROWS.map((row) => order.map((column) => row[column] ?? null)),
    ];
    const [identity = ''] = xmlForm([]).split('</row>');
    const body = rows.map((row, index) => xmlRowAt(index + 2, row)).join('');
    const outcome = await workbooks.read(handmade({ sheetData: `${identity}</row>${body}` }), IDENTITY);
    expect(outcome.kind === 'accepted' && outcome.rows[0]).toEqual(ROW);
  });

  it('a heading that stands twice is named at its second place', async () => {
    const bytes = await filledXlsx(GOOD_ROWS, (sheet) => {
      sheet.getCell('H5').value = 'Класс';
    });
    expect(briefly(await workbooks.read(bytes, IDENTITY))).toEqual(['refused', 'column_doubled H5']);
  });

  it('a newer version of the form than the hub knows is refused as such', async () => {
    const template = await workbooks.template({ ...IDENTITY, version: 3 }, HEAD, 'xls');
    expect(briefly(await workbooks.read(template, IDENTITY))).toEqual(['refused', 'form_version_unknown']);
  });

  it('the same file is refused to another institution and in another procedure', async () => {
    const bytes = await filled(GOOD_ROWS, 'xls');
    expect(briefly(await workbooks.read(bytes, { ...IDENTITY, institution: 'i48-2' }))).toEqual([
      'refused',
      'institution_foreign',
    ]);
    expect(briefly(await workbooks.read(bytes, { ...IDENTITY, procedure: 'attendance-48-2013' }))).toEqual([
      'refused',
      'procedure_foreign',
    ]);
  });

  it('a large school is read while the caller goes on', async () => {
    const bytes = await filledXlsx(rowsOfClasses(120));
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => workbooks.read(bytes, IDENTITY)));
    clearInterval(timer);
    expect(outcomes.every((outcome) => outcome.kind === 'accepted' && outcome.rows.length === 240)).toBe(true);
    expect(ticks).toBeGreaterThan(5);
  });
});

function xmlRowAt(row: number, values: readonly (string | number | null)[]): string {
  const cells = values.map((value) =>
    typeof value === 'number' ? `<c><v>${value}</v></c>` : `<c t="str"><v>${value ?? ''}</v></c>`,
  );
  return `<row r="${row}">${cells.join('')}</row>`;
}

describe('the annotated file', () => {
  const BAD: Value[][] = [
    ['5А', 'I', 'много', 78, 400, 300, 10],
    ['5А', 'II', 25, 92, 500, 300, 10],
  ];

  async function annotated(format: WorkbookFormat): Promise<{ bytes: Uint8Array; before: ReadOutcome }> {
    const bytes = await filled(BAD, format);
    const before = await workbooks.read(bytes, IDENTITY);
    const findings = before.kind === 'refused' ? before.findings : [];
    return { bytes: await workbooks.annotate(bytes, format, worded(findings), ANNOTATION_WORDS), before };
  }

  function grid(bytes: Uint8Array, sheet: string): string[][] {
    const book = xlsx.read(bytes, { type: 'buffer' });
    return xlsx.utils.sheet_to_json<string[]>(book.Sheets[sheet] ?? {}, { header: 1, blankrows: true });
  }

  it.each(FORMATS)(
    '[S2-19] the .%s has its own rows, the error beside the row and the list in a sheet',
    async (format) => {
      const { bytes } = await annotated(format);
      const rows = grid(bytes, DATA_SHEET);
      expect(rows[4]?.[7]).toBe('Ошибки');
      expect(rows[5]).toEqual([...(BAD[0] ?? []), 'C6: not_a_number. Исправьте.']);
      expect(rows[6]).toEqual(BAD[1]);
      expect(grid(bytes, 'Ошибки')).toEqual([
        ['Лист', 'Ячейка', 'Значение', 'Что не так', 'Что сделать'],
        [DATA_SHEET, 'C6', 'много', 'not_a_number.', 'Исправьте.'],
      ]);
    },
  );

  it.each(FORMATS)(
    'the .%s reads as before: the added column and sheet are no data and no reason for a note',
    async (format) => {
      const { bytes, before } = await annotated(format);
      expect(await workbooks.read(bytes, IDENTITY)).toEqual(before);
    },
  );

  it.each(FORMATS)('[S2-19] the .%s corrected is accepted', async (format) => {
    const { bytes } = await annotated(format);
    const book = xlsx.read(bytes, { type: 'buffer' });
    const cell = (book.Sheets[DATA_SHEET] as Record<string, xlsx.CellObject> | undefined)?.['C6'];
    Object.assign(cell ?? {}, { t: 'n', v: 25, w: undefined });
    const bookType = format === 'xls' ? 'biff8' : 'xlsx';
    const corrected = new Uint8Array(xlsx.write(book, { bookType, type: 'array' }) as ArrayBuffer);
    expect(briefly(await workbooks.read(corrected, IDENTITY))).toEqual(['accepted']);
  });

  it.each(FORMATS)('the .%s annotated again, also in another language, has one column and one list', async (format) => {
    const { bytes, before } = await annotated(format);
    const findings = before.kind === 'refused' ? before.findings : [];
    const words = { ...ANNOTATION_WORDS, errorsHeading: 'Mistakes found' };
    const again = await workbooks.annotate(bytes, format, worded(findings), words);
    const rows = grid(again, DATA_SHEET);
    expect(rows[4]?.slice(7)).toEqual(['Mistakes found']);
    expect(rows[5]).toHaveLength(8);
    expect(xlsx.read(again, { type: 'buffer' }).SheetNames).toEqual([
      DATA_SHEET,
      INSTRUCTION_SHEET,
      IDENTITY_SHEET,
      'Mistakes found',
    ]);
    expect(await workbooks.read(again, IDENTITY)).toEqual(before);
  });

  it('in .xlsx the cell is coloured and carries a note; both go when it is annotated anew', async () => {
    const { bytes } = await annotated('xlsx');
    const load = async (file: Uint8Array): Promise<ExcelJS.Cell | undefined> => {
      const book = new ExcelJS.Workbook();
      await book.xlsx.load(file.slice().buffer);
      return book.getWorksheet(DATA_SHEET)?.getCell('C6');
    };
    const marked = await load(bytes);
    expect(marked?.fill).toMatchObject({ type: 'pattern', fgColor: { argb: 'FFFBD5CB' } });
    expect(JSON.stringify(marked?.note)).toContain('not_a_number. Исправьте.');
    const clean = await load(await workbooks.annotate(bytes, 'xlsx', [], ANNOTATION_WORDS));
    expect(JSON.stringify(clean?.style.fill ?? {})).not.toContain('FFFBD5CB');
    expect(clean?.note).toBeUndefined();
  });

  it('in .xls the cell carries a note', async () => {
    const { bytes } = await annotated('xls');
    const cell = (xlsx.read(bytes, { type: 'buffer' }).Sheets[DATA_SHEET] as Record<string, xlsx.CellObject>)['C6'];
    expect(cell?.c?.[0]?.t).toContain('not_a_number');
  });

  it('a file that the writer cannot load goes back with its values', async () => {
    const strange = handmade({ sheetData: xmlForm(BAD as (string | number)[][]), afterData: '<drawing r:id="none"/>' });
    const before = await workbooks.read(strange, IDENTITY);
    const findings = before.kind === 'refused' ? before.findings : [];
    const bytes = await workbooks.annotate(strange, 'xlsx', worded(findings), ANNOTATION_WORDS);
    expect(grid(bytes, DATA_SHEET)[2]?.[7]).toBe('C3: not_a_number. Исправьте.');
    expect(await workbooks.read(bytes, IDENTITY)).toEqual(before);
  });
});

describe('the report files', () => {
  const report = formAttendanceReport(
    Array.from({ length: 60 }, (_, index) =>
      (['I', 'II'] as const).map((halfYear) => ({
        ...ROW,
        className: `${1 + (index % 11)}/${1 + Math.floor(index / 11)}`,
        halfYear,
      })),
    ).flat(),
  );
  const words: ReportWords = {
    title: 'Отчёт о посещаемости',
    institution: 'МБОУ СОШ № 101',
    period: '2012-2013 учебный год',
    formedAt: 'Сформирован 15.10.2013 12:00',
    fileHash: 'SHA-256 0123abcd',
    headings: { otherCause: 'Другие причины' },
    figures: [{ label: 'Классов', value: '60' }],
    plotTitle: 'Пропущено уроков по классам',
    howCounted: 'Доли округлены до целых процентов.',
    page: 'Страница',
  };

  it('[S2-18] the PDF has pages, text in Cyrillic fonts of its own and no picture', async () => {
    const pdf = Buffer.from(await workbooks.reportPdf(report, words)).toString('latin1');
    expect(pdf.slice(0, 5)).toBe('%PDF-');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1);
    expect(pdf).toMatch(/\/FontFile2/);
    expect(pdf).toMatch(/DejaVuSans/);
    expect(pdf).not.toMatch(/\/Subtype \/Image/);
  });

  it('a report without classes is a PDF too', async () => {
    const pdf = Buffer.from(await workbooks.reportPdf(formAttendanceReport([]), words)).toString('latin1');
    expect(pdf.slice(0, 5)).toBe('%PDF-');
  });

  it('[S2-18] the .xlsx has the figures above and a row for each class and half-year', async () => {
    const book = xlsx.read(await workbooks.reportXlsx(report, words), { type: 'buffer' });
    const rows = xlsx.utils.sheet_to_json<(string | number)[]>(book.Sheets[book.SheetNames[0] ?? ''] ?? {}, {
      header: 1,
    });
    expect(rows.flat()).toContain('Классов: 60');
    expect(rows.at(-120)).toEqual(['1/1', 'I', 25, 78, 400, 300, 10, 90, 16]);
  });

  it('a table keeps texts that begin like formulas as texts', async () => {
    const texts = ['=1+1', '+7 000', '-5', '@SUM(A1)', '=HYPERLINK("http://example.org")', '\t=1'];
    const bytes = await workbooks.tableXlsx(
      'Доска: [все]/*?',
      ['=A1', 'Число'],
      texts.map((text) => [text, 1]),
    );
    const book = new ExcelJS.Workbook();
    await book.xlsx.load(bytes.slice().buffer);
    const [sheet] = book.worksheets;
    expect(sheet?.name).toBe('Доска все');
    texts.forEach((text, index) => {
      const cell = sheet?.getCell(index + 2, 1);
      expect(cell?.type).toBe(ExcelJS.ValueType.String);
      expect(cell?.value).toBe(text);
      expect(cell?.numFmt).toBe('@');
    });
    expect(sheet?.getCell('A1').value).toBe('=A1');
  });
});

it('an .xls with a merged heading and a hidden sheet is told of both', async () => {
  const bytes = await filledXls(GOOD_ROWS, (sheet, book) => {
    sheet['!merges'] = [xlsx.utils.decode_range('F5:G5')];
    xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet([['черновик']]), 'Черновик');
    book.Workbook?.Sheets?.push({ Hidden: 1 });
  });
  expect(briefly(await workbooks.read(bytes, IDENTITY))).toEqual(['refused', 'header_merged F5', 'note_hidden_sheet']);
});
