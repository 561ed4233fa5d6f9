import ExcelJS from 'exceljs';
import { DATA_SHEET } from '#models/attendance/attendance.form.ts';
import type { AnnotationWords, WordedFinding } from '#models/attendance/workbook.ts';
import { ATTENDANCE_LIMITS } from '../attendance-form.ts';
import { type Cell, cellAddress, type OpenWorkbook } from '../cells.ts';
import { annotationRows, IDENTITY_SHEET } from '../identity.ts';
import { openXlsx } from '../read/xlsx.ts';
import {
  ERROR_COLUMN_WIDTH,
  errorsByCell,
  errorsByRow,
  findErrorColumn,
  isOwnErrorSheet,
  LIST_WIDTHS,
  listRows,
} from './annotation.ts';
import { sheetNameOf, writeCell } from './table.ts';

/** The colour of a marked cell; also how an earlier mark is known, wherever its row has moved since. */
const MARK = 'FFFBD5CB';

export async function annotateXlsx(
  bytes: Uint8Array,
  findings: readonly WordedFinding[],
  words: AnnotationWords,
): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load(bytes.slice().buffer);
  return write(book, findings, words);
}

/** Values only, as our own reader sees them, each in its place: for files that exceljs cannot load. */
export async function annotateXlsxPlain(
  bytes: Uint8Array,
  findings: readonly WordedFinding[],
  words: AnnotationWords,
): Promise<Uint8Array> {
  const workbook = await openXlsx(bytes, ATTENDANCE_LIMITS);
  try {
    return await write(await copyValues(workbook), findings, words);
  } finally {
    workbook.close();
  }
}

/** Far more than a form can hold; what a file has beyond it is not the form's, and memory is not the file's to take. */
const COPIED_CELLS_MAX = 100_000;

async function copyValues(workbook: OpenWorkbook): Promise<ExcelJS.Workbook> {
  const book = new ExcelJS.Workbook();
  book.properties.date1904 = workbook.date1904;
  let copied = 0;
  for (const [index, { name, isHidden }] of workbook.sheets.entries()) {
    const sheet = book.addWorksheet(sheetNameOf(name), { state: isHidden ? 'hidden' : 'visible' });
    await workbook.readSheet(index, {
      row: (rowNumber, cells) => {
        cells.forEach((cell, column) => {
          if (cell && ++copied <= COPIED_CELLS_MAX) copyValue(sheet.getCell(rowNumber, column + 1), cell);
        });
        return copied < COPIED_CELLS_MAX;
      },
    });
  }
  return book;
}

function copyValue(target: ExcelJS.Cell, cell: Cell): void {
  if (cell.kind === 'text' || cell.kind === 'error') writeCell(target, cell.text);
  else if (cell.kind === 'boolean') target.value = cell.number === 1;
  else if (cell.kind !== 'void') target.value = cell.text === '' ? cell.number : cell.text;
  if (cell.kind === 'date') target.numFmt = 'dd.mm.yyyy';
}

async function write(
  book: ExcelJS.Workbook,
  findings: readonly WordedFinding[],
  words: AnnotationWords,
): Promise<Uint8Array> {
  const own = takeAnnotation(book);
  for (const sheet of [...book.worksheets]) if (isOwnErrorSheet(sheet.name, own)) book.removeWorksheet(sheet.id);
  for (const sheet of book.worksheets)
    if (sheet.name === DATA_SHEET || findings.some((finding) => finding.sheet === sheet.name))
      markSheet(sheet, findings, words, own);
  addList(book, findings, words);
  rememberAnnotation(book, words);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

function identitySheet(book: ExcelJS.Workbook): ExcelJS.Worksheet | undefined {
  return book.worksheets.find(({ name }) => name.trim().toLowerCase() === IDENTITY_SHEET);
}

/** The names an earlier annotation used, in whatever language. */
function takeAnnotation(book: ExcelJS.Workbook): string[] {
  const own: string[] = [];
  identitySheet(book)?.eachRow((row) => {
    if (row.getCell(1).text.startsWith('errors')) own.push(row.getCell(2).text);
  });
  return own;
}

function rememberAnnotation(book: ExcelJS.Workbook, words: AnnotationWords): void {
  const sheet = identitySheet(book);
  if (!sheet) return;
  const rows = new Map<string, number>();
  sheet.eachRow((row, rowNumber) => rows.set(row.getCell(1).text, rowNumber));
  let next = sheet.rowCount + 1;
  for (const [key = '', value = ''] of annotationRows({ heading: words.errorsHeading, sheet: words.errorsHeading })) {
    const row = rows.get(key) ?? next++;
    writeCell(sheet.getCell(row, 1), key);
    writeCell(sheet.getCell(row, 2), value);
  }
}

function markSheet(
  sheet: ExcelJS.Worksheet,
  findings: readonly WordedFinding[],
  words: AnnotationWords,
  own: readonly string[],
): void {
  let lastRow = 0;
  let lastColumn = -1;
  sheet.eachRow((row, rowNumber) =>
    row.eachCell((cell, column) => {
      clearMark(cell);
      if (cell.text.trim() === '') return;
      lastRow = rowNumber;
      lastColumn = Math.max(lastColumn, column - 1);
    }),
  );
  const textAt = (row: number, column: number): string => sheet.getCell(row, column + 1).text;
  const place = findErrorColumn(textAt, lastRow, lastColumn, own);
  for (const [address, text] of errorsByCell(findings, sheet.name)) mark(sheet.getCell(address), text);
  if (!place) return;
  for (let row = place.headerRow; row <= lastRow; row++) sheet.getCell(row, place.column + 1).value = null;
  const heading = sheet.getCell(place.headerRow, place.column + 1);
  writeCell(heading, words.errorsHeading);
  heading.style = { ...heading.style, font: { bold: true, color: { argb: 'FFB42318' } } };
  sheet.getColumn(place.column + 1).width = ERROR_COLUMN_WIDTH;
  for (const [row, text] of errorsByRow(findings, sheet.name)) {
    if (row === place.headerRow) continue;
    const cell = sheet.getCell(cellAddress(row, place.column));
    writeCell(cell, text);
    cell.style = {
      ...cell.style,
      alignment: { wrapText: true, vertical: 'top' },
      font: { color: { argb: 'FFB42318' } },
    };
  }
}

/** Styles of loaded cells are shared between them: a mark needs a copy, or it would colour the whole column. */
function mark(cell: ExcelJS.Cell, text: string): void {
  cell.style = { ...cell.style, fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: MARK } } };
  cell.note = { texts: [{ text }], margins: { insetmode: 'auto' } };
}

function clearMark(cell: ExcelJS.Cell): void {
  const fill = cell.style.fill;
  if (fill?.type !== 'pattern' || fill.fgColor?.argb !== MARK) return;
  const { fill: _, ...style } = cell.style;
  cell.style = style;
  // exceljs has no way to take a note away: it lives in the field behind `note` and in the loaded value, which is made anew.
  (cell as unknown as { _comment: undefined })._comment = undefined;
  const { value } = cell;
  cell.value = null;
  cell.value = value;
}

function addList(book: ExcelJS.Workbook, findings: readonly WordedFinding[], words: AnnotationWords): void {
  const sheet = book.addWorksheet(sheetNameOf(words.errorsHeading), { views: [{ state: 'frozen', ySplit: 1 }] });
  listRows(findings, words).forEach((row, rowIndex) =>
    row.forEach((text, column) => {
      const cell = sheet.getCell(rowIndex + 1, column + 1);
      writeCell(cell, text);
      cell.alignment = { wrapText: true, vertical: 'top' };
      if (rowIndex === 0) cell.font = { bold: true };
    }),
  );
  LIST_WIDTHS.forEach((width, index) => {
    sheet.getColumn(index + 1).width = width;
  });
}
