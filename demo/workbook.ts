/** Fills the real template, as it was downloaded: what a person does in a spreadsheet program. */
import * as xlsx from '@e965/xlsx';
import ExcelJS from 'exceljs';
import { ATTENDANCE_COLUMNS, DATA_SHEET } from '#models/attendance/attendance.form.ts';
import type { WorkbookFormat } from '#models/attendance/workbook.ts';
import type { CellValue } from './rows.ts';

export interface FillTask {
  template: Uint8Array;
  format: WorkbookFormat;
  rows: CellValue[][];
}

/** Writes the rows under the headings; everything else in the file stays as the hub made it. */
export default function fillTemplate({ template, format, rows }: FillTask): Promise<Uint8Array> {
  return format === 'xls' ? Promise.resolve(fillXls(template, rows)) : fillXlsx(template, rows);
}

const FIRST_HEADING = ATTENDANCE_COLUMNS[0]?.heading ?? '';

function fillXls(template: Uint8Array, rows: CellValue[][]): Uint8Array {
  const book = xlsx.read(template, { type: 'array' });
  const sheet = book.Sheets[DATA_SHEET];
  if (!sheet) throw new Error(`the template has no sheet «${DATA_SHEET}»`);
  const heading = xlsx.utils
    .sheet_to_json<unknown[]>(sheet, { header: 1, blankrows: true })
    .findIndex(([first]) => first === FIRST_HEADING);
  if (heading === -1) throw new Error('the template has no headings');
  xlsx.utils.sheet_add_aoa(sheet, rows, { origin: { r: heading + 1, c: 0 } });
  return new Uint8Array(xlsx.write(book, { bookType: 'biff8', type: 'array' }) as ArrayBuffer);
}

async function fillXlsx(template: Uint8Array, rows: CellValue[][]): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(template.slice().buffer);
  const sheet = book.getWorksheet(DATA_SHEET);
  if (!sheet) throw new Error(`the template has no sheet «${DATA_SHEET}»`);
  let heading = 1;
  while (sheet.getCell(heading, 1).text !== FIRST_HEADING)
    if (heading++ > sheet.rowCount) throw new Error('the template has no headings');
  rows.forEach((row, at) =>
    row.forEach((value, column) => {
      if (value !== null) sheet.getCell(heading + 1 + at, column + 1).value = value;
    }),
  );
  return new Uint8Array(await book.xlsx.writeBuffer());
}

/** A table as text under the name of a workbook: what some programs save when asked for the wrong thing. */
export const csvOf = (rows: CellValue[][]): Uint8Array =>
  new TextEncoder().encode(
    [ATTENDANCE_COLUMNS.map(({ heading }) => heading), ...rows].map((row) => row.join(';')).join('\r\n'),
  );
