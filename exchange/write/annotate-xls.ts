import * as xlsx from '@e965/xlsx';
import { DATA_SHEET } from '#models/attendance/attendance.form.ts';
import type { AnnotationWords, WordedFinding } from '#models/attendance/workbook.ts';
import { parseAddress } from '../cells.ts';
import { silently, workbookStream } from '../read/xls.ts';
import { annotationRows, IDENTITY_SHEET } from '../identity.ts';
import {
  ERROR_COLUMN_WIDTH,
  errorsByCell,
  errorsByRow,
  findErrorColumn,
  isOwnErrorSheet,
  LIST_WIDTHS,
  listRows,
} from './annotation.ts';
import { sheetNameOf } from './table.ts';

/** Author of our cell notes: how an earlier one is known. */
const NOTE_AUTHOR = 'Свод';

/** The library writes values, widths, hidden sheets and notes of cells, but no colours: the column and the notes carry the errors. */
export function annotateXls(bytes: Uint8Array, findings: readonly WordedFinding[], words: AnnotationWords): Uint8Array {
  const book = silently(() =>
    xlsx.read(workbookStream(bytes), { type: 'buffer', dense: true, cellStyles: true, cellNF: true, cellText: false }),
  );
  const own = takeAnnotation(book);
  for (const name of [...book.SheetNames]) if (isOwnErrorSheet(name, own)) removeSheet(book, name);
  for (const name of book.SheetNames) {
    const sheet = sheetOf(book, name);
    if (sheet && (name === DATA_SHEET || findings.some((finding) => finding.sheet === name)))
      markSheet(new Grid(sheet), name, findings, words, own);
  }
  addList(book, findings, words);
  rememberAnnotation(book, words);
  return new Uint8Array(xlsx.write(book, { bookType: 'biff8', type: 'array' }) as ArrayBuffer);
}

function sheetOf(book: xlsx.WorkBook, name: string | undefined): xlsx.WorkSheet | undefined {
  return name !== undefined && Object.hasOwn(book.Sheets, name) ? book.Sheets[name] : undefined;
}

function removeSheet(book: xlsx.WorkBook, name: string): void {
  const index = book.SheetNames.indexOf(name);
  book.SheetNames.splice(index, 1);
  book.Workbook?.Sheets?.splice(index, 1);
  Reflect.deleteProperty(book.Sheets, name);
}

/** The cells of a sheet as the library keeps them; rows and columns from 0. */
class Grid {
  readonly sheet: xlsx.WorkSheet;
  readonly rows: ((xlsx.CellObject | undefined)[] | undefined)[];

  constructor(sheet: xlsx.WorkSheet) {
    this.sheet = sheet;
    const dense = sheet as { '!data'?: ((xlsx.CellObject | undefined)[] | undefined)[] };
    this.rows = dense['!data'] ??= [];
  }

  at(row: number, column: number): xlsx.CellObject | undefined {
    return this.rows[row]?.[column];
  }

  textAt(row: number, column: number): string {
    return String(this.at(row, column)?.v ?? '').trim();
  }

  put(row: number, column: number, text: string): void {
    (this.rows[row] ??= [])[column] = { t: 's', v: text };
    const range = xlsx.utils.decode_range(this.sheet['!ref'] ?? 'A1');
    range.e.r = Math.max(range.e.r, row);
    range.e.c = Math.max(range.e.c, column);
    this.sheet['!ref'] = xlsx.utils.encode_range(range);
  }
}

function identityGrid(book: xlsx.WorkBook): Grid | null {
  const sheet = sheetOf(
    book,
    book.SheetNames.find((name) => name.trim().toLowerCase() === IDENTITY_SHEET),
  );
  return sheet ? new Grid(sheet) : null;
}

function takeAnnotation(book: xlsx.WorkBook): string[] {
  const grid = identityGrid(book);
  if (!grid) return [];
  return [...grid.rows.keys()]
    .filter((row) => grid.textAt(row, 0).startsWith('errors'))
    .map((row) => grid.textAt(row, 1));
}

function rememberAnnotation(book: xlsx.WorkBook, words: AnnotationWords): void {
  const grid = identityGrid(book);
  if (!grid) return;
  for (const [key = '', value = ''] of annotationRows({ heading: words.errorsHeading, sheet: words.errorsHeading })) {
    const old = [...grid.rows.keys()].find((row) => grid.textAt(row, 0) === key);
    const row = old ?? grid.rows.length;
    grid.put(row, 0, key);
    grid.put(row, 1, value);
  }
}

function markSheet(
  grid: Grid,
  name: string,
  findings: readonly WordedFinding[],
  words: AnnotationWords,
  own: readonly string[],
): void {
  let lastRow = 0;
  let lastColumn = -1;
  for (const [row, cells] of grid.rows.entries())
    for (const [column, cell] of (cells ?? []).entries()) {
      if (!cell) continue;
      if (cell.c?.some(({ a }) => a === NOTE_AUTHOR)) delete cell.c;
      if (grid.textAt(row, column) === '') continue;
      lastRow = row;
      lastColumn = Math.max(lastColumn, column);
    }
  const place = findErrorColumn((row, column) => grid.textAt(row - 1, column), lastRow + 1, lastColumn, own);
  for (const [address, text] of errorsByCell(findings, name)) addNote(grid, address, text);
  if (!place) return;
  for (let row = place.headerRow - 1; row <= lastRow; row++) {
    const cells = grid.rows[row];
    if (cells) cells[place.column] = undefined;
  }
  grid.put(place.headerRow - 1, place.column, words.errorsHeading);
  for (const [row, text] of errorsByRow(findings, name))
    if (row !== place.headerRow) grid.put(row - 1, place.column, text);
  const columns = (grid.sheet['!cols'] ??= []);
  columns[place.column] = { wch: ERROR_COLUMN_WIDTH };
}

function addNote(grid: Grid, address: string, text: string): void {
  const place = parseAddress(address);
  if (!place) return;
  const cell = grid.at(place.row - 1, place.column);
  if (!cell || cell.t === 'z') return;
  cell.c = [...(cell.c ?? []), { a: NOTE_AUTHOR, t: text }];
  cell.c.hidden = true;
}

function addList(book: xlsx.WorkBook, findings: readonly WordedFinding[], words: AnnotationWords): void {
  const sheet = xlsx.utils.aoa_to_sheet(listRows(findings, words), { dense: true });
  sheet['!cols'] = LIST_WIDTHS.map((wch) => ({ wch }));
  xlsx.utils.book_append_sheet(book, sheet, sheetNameOf(words.errorsHeading));
}
