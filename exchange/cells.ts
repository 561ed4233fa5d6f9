/** Cells as both file formats give them, and their addresses. Rows count from 1 as people count them, columns from 0. */

export interface Cell {
  /** `void` is a formula whose result the program did not store. */
  kind: 'number' | 'date' | 'text' | 'boolean' | 'error' | 'void';
  /** The text, or the error as printed; empty for numbers. */
  text: string;
  /** The number, the serial day of a date, 0 or 1 of a boolean. */
  number: number;
  hasFormula: boolean;
}

export interface CellRange {
  firstRow: number;
  lastRow: number;
  firstColumn: number;
  lastColumn: number;
}

/** Takes the rows of a sheet as they are read; `cells` is sparse and belongs to the reader after the call. */
export interface SheetSink {
  /** False ends the reading of the sheet. */
  row(rowNumber: number, cells: readonly (Cell | undefined)[], isHidden: boolean): boolean;
}

export interface SheetInfo {
  name: string;
  isHidden: boolean;
}

/** Sheets of cells, wherever they come from. */
export interface OpenTable {
  sheets: SheetInfo[];
  /** Serial days count from 1904 instead of 1900. */
  date1904: boolean;
  readSheet(index: number, sink: SheetSink): Promise<{ merges: CellRange[] }>;
  close(): void;
}

/** A workbook of either format, opened. */
export interface OpenWorkbook extends OpenTable {
  format: 'xls' | 'xlsx';
}

export const COLUMNS_MAX = 16_384;
export const SHEET_ROWS_MAX = 1_048_576;
const VALUE_CHARS_MAX = 80;
const DAY_MS = 86_400_000;

export function columnLetters(column: number): string {
  let letters = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  return letters;
}

export function cellAddress(row: number, column: number): string {
  return `${columnLetters(column)}${row}`;
}

/** `B12` → row 12, column 1; null when it is no address of a sheet. */
export function parseAddress(address: string): { row: number; column: number } | null {
  let column = 0;
  let at = 0;
  for (; at < address.length && at < 4; at++) {
    const code = address.charCodeAt(at);
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  let row = 0;
  if (at === 0 || at === address.length || address.length > at + 7) return null;
  for (; at < address.length; at++) {
    const code = address.charCodeAt(at);
    if (code < 48 || code > 57) return null;
    row = row * 10 + code - 48;
  }
  return column <= COLUMNS_MAX && row >= 1 && row <= SHEET_ROWS_MAX ? { row, column: column - 1 } : null;
}

/** The cell's content as people read it, uncut. */
export function cellText(cell: Cell | undefined, date1904: boolean): string {
  if (!cell) return '';
  switch (cell.kind) {
    case 'number':
      return String(cell.number);
    case 'date':
      return cell.text || printSerialDay(cell.number, date1904);
    case 'boolean':
      return cell.number ? 'TRUE' : 'FALSE';
    case 'text':
    case 'error':
    case 'void':
      return cell.text;
  }
}

/** The value for a finding: short enough to be listed, without control characters. */
export function shownValue(text: string): string {
  const clean = text.replace(/[\u0000-\u001F\u007F\u202A-\u202E\u2066-\u2069]+/g, ' ').trim();
  return clean.length > VALUE_CHARS_MAX ? `${clean.slice(0, VALUE_CHARS_MAX - 1)}…` : clean;
}

export function isBlankText(text: string): boolean {
  return /^[\s\u00AD\u200B-\u200F\u2060\uFEFF]*$/.test(text);
}

export function isBlankCell(cell: Cell | undefined): boolean {
  return !cell || (cell.kind === 'text' && isBlankText(cell.text));
}

function printSerialDay(serial: number, date1904: boolean): string {
  const dayMs = Date.UTC(1899, 11, 30) + (Math.floor(serial) + (date1904 ? 1462 : 0)) * DAY_MS;
  if (!Number.isFinite(dayMs) || Math.abs(serial) > 3_000_000) return String(serial);
  const date = new Date(dayMs);
  const pad = (part: number): string => String(part).padStart(2, '0');
  return `${pad(date.getUTCDate())}.${pad(date.getUTCMonth() + 1)}.${date.getUTCFullYear()}`;
}

/** Number formats that show a day or a time: the built-in ones by number, the rest by their letters. */
export function isDateFormat(id: number, format: string | undefined): boolean {
  if ((id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58)) return true;
  if (format === undefined) return false;
  const bare = format
    .slice(0, 256)
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .replace(/\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '');
  return /[dmyhsдмгчс]/i.test(bare) && !/^general|^основной/i.test(bare);
}
