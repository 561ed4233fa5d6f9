/** What both formats have in common: where the errors of a sheet go and what is written there. */
import type { AnnotationWords, WordedFinding } from '#models/attendance/workbook.ts';
import { ATTENDANCE_FORM } from '../attendance-form.ts';
import { cellAddress, parseAddress } from '../cells.ts';
import { ERROR_HEADINGS } from '../identity.ts';
import { normaliseHeading } from '../read/form-reader.ts';

const HEADER_SEARCH_ROWS_MAX = 200;
/** A cell holds 32,767 characters; nobody reads a tenth of that. */
const CELL_CHARS_MAX = 3_000;

export const ERROR_COLUMN_WIDTH = 70;
export const LIST_WIDTHS: readonly number[] = [18, 10, 24, 70, 70];

/** Reads the text of a cell of the sheet at hand; rows from 1, columns from 0. */
export type TextAt = (row: number, column: number) => string;

export interface ErrorColumn {
  headerRow: number;
  column: number;
}

/** The column of an earlier annotation, or the first free one right of everything. Null in a sheet without headings. */
export function findErrorColumn(
  textAt: TextAt,
  lastRow: number,
  lastColumn: number,
  ownHeadings: readonly string[],
): ErrorColumn | null {
  const own = new Set([...ERROR_HEADINGS, ...ownHeadings].map(normaliseHeading));
  const known = new Set(ATTENDANCE_FORM.columns.map(({ heading }) => normaliseHeading(heading)));
  for (let row = 1; row <= Math.min(lastRow, HEADER_SEARCH_ROWS_MAX); row++) {
    const headings = Array.from({ length: lastColumn + 1 }, (_, column) => normaliseHeading(textAt(row, column)));
    const count = headings.filter((heading) => known.has(heading)).length;
    if (count * 2 <= ATTENDANCE_FORM.columns.length) continue;
    const old = headings.findIndex((heading) => own.has(heading));
    return { headerRow: row, column: old === -1 ? lastColumn + 1 : old };
  }
  return null;
}

/** The errors of one sheet by row: one text for the added cell. */
export function errorsByRow(findings: readonly WordedFinding[], sheet: string): Map<number, string> {
  const byRow = new Map<number, string>();
  for (const finding of findings) {
    const place = placeOf(finding, sheet);
    if (!place) continue;
    const text = `${finding.cell ?? ''}: ${finding.cause} ${finding.remedy}`;
    const before = byRow.get(place.row);
    byRow.set(place.row, before === undefined ? text : `${before}\n${text}`.slice(0, CELL_CHARS_MAX));
  }
  return byRow;
}

/** The errors of one sheet by cell address. */
export function errorsByCell(findings: readonly WordedFinding[], sheet: string): Map<string, string> {
  const byCell = new Map<string, string>();
  for (const finding of findings) {
    const place = placeOf(finding, sheet);
    if (!place) continue;
    const address = cellAddress(place.row, place.column);
    const text = `${finding.cause} ${finding.remedy}`;
    const before = byCell.get(address);
    byCell.set(address, before === undefined ? text : `${before}\n${text}`.slice(0, CELL_CHARS_MAX));
  }
  return byCell;
}

function placeOf(finding: WordedFinding, sheet: string): { row: number; column: number } | null {
  if (finding.severity !== 'error' || finding.cell === undefined || finding.sheet !== sheet) return null;
  return parseAddress(finding.cell);
}

/** The rows of the added sheet, headings first. */
export function listRows(findings: readonly WordedFinding[], words: AnnotationWords): string[][] {
  return [
    [words.sheet, words.cell, words.value, words.cause, words.remedy],
    ...findings.map(({ sheet, cell, value, cause, remedy }) => [sheet ?? '', cell ?? '', value ?? '', cause, remedy]),
  ];
}

export function isOwnErrorSheet(name: string, ownNames: readonly string[]): boolean {
  return [...ERROR_HEADINGS, ...ownNames].some((own) => own.trim().toLowerCase() === name.trim().toLowerCase());
}
