/** The list of units as a file: what the hub exports, it reads back. */
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { stringify } from 'csv-stringify/sync';
import ExcelJS from 'exceljs';
import {
  KIND_WORDS,
  OWNERSHIP_WORDS,
  STATUS_WORDS,
  UNIT_COLUMNS,
  UNITS_ROWS_MAX,
  UNITS_SHEET,
  type UnitRow,
  writeRow,
} from '#models/org/unit.form.ts';
import { columnLetters } from '../cells.ts';
import { INSTRUCTION_SHEET } from '../identity.ts';

const WIDTHS: Readonly<Record<string, number>> = { code: 14, kind: 26, name: 70, shortName: 26, parent: 18, zone: 20 };
const BOM = '\uFEFF';

/** A writer that is given rows as they come and makes the file at the end. */
export interface UnitsWriter {
  add(rows: readonly UnitRow[]): void;
  finish(): Promise<Uint8Array>;
}

export const unitsWriter = (format: 'xlsx' | 'csv'): UnitsWriter => (format === 'csv' ? csvWriter() : xlsxWriter());

/** Semicolons and a mark of UTF-8: so a spreadsheet program opens it as a table with Russian letters. */
function csvWriter(): UnitsWriter {
  const pieces = [BOM];
  const write = (rows: string[][]): void => {
    pieces.push(stringify(rows, { delimiter: ';', escape_formulas: true, record_delimiter: 'windows' }));
  };
  write([UNIT_COLUMNS.map(({ heading }) => heading)]);
  return {
    add: (rows) => write(rows.map(writeRow)),
    finish: () => Promise.resolve(new Uint8Array(Buffer.from(pieces.join('')))),
  };
}

/** Row by row: a nation of units never stands in memory as a tree of cells. */
function xlsxWriter(): UnitsWriter {
  const stream = new PassThrough();
  const bytes = buffer(stream);
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream, useSharedStrings: false, useStyles: true });
  const sheet = book.addWorksheet(UNITS_SHEET, { views: [{ state: 'frozen', ySplit: 1 }] });
  // Text cells in text format: a name that begins like a formula stays a name, also when a person edits it.
  sheet.columns = UNIT_COLUMNS.map(({ key }) => ({ key, width: WIDTHS[key] ?? 16, style: { numFmt: '@' } }));
  const head = sheet.addRow(UNIT_COLUMNS.map(({ heading }) => heading));
  head.font = { bold: true };
  head.commit();
  const lists = { kind: KIND_WORDS, status: STATUS_WORDS, ownership: OWNERSHIP_WORDS };
  UNIT_COLUMNS.forEach(({ key, heading }, index) => {
    if (key !== 'kind' && key !== 'status' && key !== 'ownership') return;
    const words = Object.values(lists[key]).map(([word]) => word);
    const letters = columnLetters(index);
    const rules = (sheet as unknown as { dataValidations: { add(range: string, rule: ExcelJS.DataValidation): void } })
      .dataValidations;
    rules.add(`${letters}2:${letters}${UNITS_ROWS_MAX + 1}`, {
      type: 'list',
      allowBlank: true,
      formulae: [`"${words.join(',')}"`],
      showErrorMessage: true,
      errorTitle: heading,
      error: `Нужно одно из: ${words.join(', ')}.`,
    });
  });
  return {
    add(rows) {
      for (const row of rows) sheet.addRow(writeRow(row).map((text) => (text === '' ? null : clean(text)))).commit();
    },
    async finish() {
      sheet.commit();
      const help = book.addWorksheet(INSTRUCTION_SHEET);
      help.getColumn(1).width = 120;
      for (const line of INSTRUCTIONS) help.addRow([line]).commit();
      help.commit();
      await book.commit();
      return new Uint8Array(await bytes);
    },
  };
}

const clean = (text: string): string => text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, ' ');

const INSTRUCTIONS: readonly string[] = [
  'Как заполнить',
  `1. Одна строка — одна единица. Не больше ${UNITS_ROWS_MAX} строк.`,
  '2. Код даётся один раз: латинские буквы, цифры и дефис, до 40 знаков. По коду строка находит свою организацию.',
  `3. Вид: ${Object.values(KIND_WORDS)
    .map(([word]) => word)
    .join('; ')}.`,
  '4. Код вышестоящей: у муниципалитета — регион, у организации — муниципалитет, у колледжа — регион.',
  '5. Часовой пояс нужен только регионам: Europe/Moscow, Asia/Tomsk. Пустая ячейка оставляет прежний.',
  `6. Состояние: ${Object.values(STATUS_WORDS)
    .map(([word]) => word)
    .join('; ')}. Пустая ячейка оставляет прежнее. У присоединённой нужен код преемника.`,
  `7. Форма собственности нужна организациям и колледжам: ${Object.values(OWNERSHIP_WORDS)
    .map(([word]) => word)
    .join('; ')}. Пустая ячейка оставляет прежнюю.`,
  `Пример строки: ${UNIT_COLUMNS.slice(0, 7)
    .map(({ heading, example }) => `${heading}: ${example}`)
    .join('; ')}`,
];
