/**
 * Reads the data sheet of any form: finds the heading row, reads each row by the column definitions, applies the rules.
 * Everything that is wrong is found in one reading, so that one correction is enough.
 */
import type { Finding, FindingCode } from '#models/attendance/workbook.ts';
import {
  type Cell,
  cellAddress,
  type CellRange,
  cellText,
  isBlankCell,
  parseAddress,
  type SheetSink,
  shownValue,
} from '../cells.ts';
import type { FormColumn, FormDefinition, ReadValues } from '../form.ts';
import { ERROR_HEADINGS, parseIdentityLine, type WrittenIdentity } from '../identity.ts';
import { readValue } from './values.ts';

const HEADER_SEARCH_ROWS_MAX = 60;
const EXTRA_COLUMNS_LISTED_MAX = 20;
const TOTALS = /^(итого|всего|total)/i;
/** Kept of each severity beyond what will be listed, so that the count is right and memory is not the file's to take. */
const FINDINGS_KEPT_MAX = 5_000;

export interface FormReading {
  rows: ReadValues[];
  errors: Finding[];
  notes: Finding[];
  errorCount: number;
  noteCount: number;
  headIdentity: WrittenIdentity | null;
  /** Of the rows: their numbers in the sheet, and which have a cell that can't be read. */
  rowNumbers: number[];
  brokenRows: ReadonlySet<number>;
  /** Column index of each column that is there. */
  columns: ReadonlyMap<string, number>;
}

interface FoundHeader {
  row: number;
  found: FoundColumn[];
  missing: FormColumn[];
  /** Headings of the whole row as they stand. */
  texts: readonly string[];
}

interface FoundColumn {
  column: FormColumn;
  index: number;
}

export class FormReader implements SheetSink {
  readonly #form: FormDefinition;
  readonly #sheet: string;
  readonly #date1904: boolean;
  readonly #errorHeadings: ReadonlySet<string>;
  readonly #errors: Finding[] = [];
  readonly #notes: Finding[] = [];
  #errorCount = 0;
  #noteCount = 0;
  readonly #rows: ReadValues[] = [];
  readonly #rowNumbers: number[] = [];
  #headIdentity: WrittenIdentity | null = null;
  #header: FoundHeader | null = null;
  #hasContent = false;
  #hasHiddenRows = false;
  #rowsSeen = 0;
  readonly #brokenRows = new Set<number>();

  constructor(form: FormDefinition, sheet: string, date1904: boolean, errorHeadings: Iterable<string>) {
    this.#form = form;
    this.#sheet = sheet;
    this.#date1904 = date1904;
    this.#errorHeadings = new Set([...ERROR_HEADINGS, ...errorHeadings].map(normaliseHeading));
  }

  row(rowNumber: number, cells: readonly (Cell | undefined)[], isHidden: boolean): boolean {
    if (!this.#header) {
      if (cells.length > 0) this.#header = this.#seekHeader(rowNumber, cells);
      return this.#rowsSeen <= HEADER_SEARCH_ROWS_MAX;
    }
    if (this.#isBlankRow(cells)) return true;
    if (this.#rows.length >= this.#form.rowsMax) {
      this.#fault('rows_too_many', { rowsMax: this.#form.rowsMax });
      return false;
    }
    if (isHidden && !this.#hasHiddenRows) {
      this.#hasHiddenRows = true;
      this.#note('note_rows_hidden', { row: rowNumber }, { cell: cellAddress(rowNumber, 0) });
    }
    this.#readRow(rowNumber, cells);
    return true;
  }

  /** After the last row, when the merged cells of the sheet are known. */
  end(merges: readonly CellRange[]): FormReading {
    if (!this.#header) this.#fault(this.#hasContent ? 'header_missing' : 'sheet_empty', { sheet: this.#sheet });
    else {
      this.#faultMissingColumns(this.#header.missing, merges, this.#header.row);
      if (this.#rows.length === 0) this.#fault('sheet_empty', { sheet: this.#sheet });
      this.#checkRules();
    }
    return {
      rows: this.#rows,
      errors: this.#errors.sort(byPlace),
      notes: this.#notes,
      errorCount: this.#errorCount,
      noteCount: this.#noteCount,
      headIdentity: this.#headIdentity,
      rowNumbers: this.#rowNumbers,
      brokenRows: this.#brokenRows,
      columns: this.#columns(),
    };
  }

  #seekHeader(rowNumber: number, cells: readonly (Cell | undefined)[]): FoundHeader | null {
    const texts = Array.from(cells, (cell) => (isBlankCell(cell) ? '' : cellText(cell, this.#date1904)));
    if (texts.every((text) => text === '')) return null;
    this.#rowsSeen++;
    this.#hasContent = true;
    this.#headIdentity ??= texts.map(parseIdentityLine).find((identity) => identity !== null) ?? null;
    const headings = texts.map(normaliseHeading);
    const known = this.#form.columns.filter(({ heading }) => headings.includes(normaliseHeading(heading)));
    // Half of the headings are enough to know the row; those that lack are then named one by one.
    if (known.length * 2 <= this.#form.columns.filter(({ isOmittable }) => !isOmittable).length) return null;
    return this.#takeHeader(rowNumber, texts, headings);
  }

  #takeHeader(rowNumber: number, texts: readonly string[], headings: string[]): FoundHeader {
    const found: FoundColumn[] = [];
    const missing: FormColumn[] = [];
    for (const column of this.#form.columns) {
      const wanted = normaliseHeading(column.heading);
      const index = headings.indexOf(wanted);
      if (index !== -1) found.push({ column, index });
      else if (!column.isOmittable) missing.push(column);
      const second = index === -1 ? -1 : headings.indexOf(wanted, index + 1);
      if (second !== -1)
        this.#fault('column_doubled', { heading: column.heading }, { cell: cellAddress(rowNumber, second) });
    }
    const wanted = new Set(this.#form.columns.map(({ heading }) => normaliseHeading(heading)));
    headings
      .map((heading, index) => ({ heading, index, text: texts[index] ?? '' }))
      .filter(({ heading }) => heading !== '' && !wanted.has(heading) && !this.#errorHeadings.has(heading))
      .slice(0, EXTRA_COLUMNS_LISTED_MAX)
      .forEach(({ index, text }) =>
        this.#note('note_column_extra', { heading: shownValue(text) }, { cell: cellAddress(rowNumber, index) }),
      );
    return { row: rowNumber, found, missing, texts };
  }

  /** Only the form's own columns count: a remark beside the table is no data. */
  #isBlankRow(cells: readonly (Cell | undefined)[]): boolean {
    if (cells.length === 0) return true;
    for (const { index } of this.#header?.found ?? []) {
      const cell = cells[index];
      if (cell !== undefined && (cell.kind !== 'text' || !isBlankCell(cell))) return false;
    }
    return true;
  }

  #readRow(rowNumber: number, cells: readonly (Cell | undefined)[]): void {
    const found = this.#header?.found ?? [];
    const values: ReadValues = {};
    const first = cells[found[0]?.index ?? 0];
    if (first?.kind === 'text' && this.#skipsRow(rowNumber, first.text, cells)) return;
    for (const { column, index } of found) {
      const cell = cells[index];
      const reading = readValue(cell, column, this.#date1904);
      if (reading.value !== undefined) values[column.key] = reading.value;
      const remark = reading.error ?? reading.note;
      if (!remark) continue;
      const place = { cell: cellAddress(rowNumber, index), value: shownValue(cellText(cell, this.#date1904)) };
      if (reading.error) this.#brokenRows.add(rowNumber);
      if (reading.error) this.#fault(remark.code, remark.params, place);
      else this.#note(remark.code, remark.params, place);
    }
    this.#rows.push(values);
    this.#rowNumbers.push(rowNumber);
  }

  /** A copied heading row and a row of totals are no data. */
  #skipsRow(rowNumber: number, first: string, cells: readonly (Cell | undefined)[]): boolean {
    const place = { cell: cellAddress(rowNumber, this.#header?.found[0]?.index ?? 0), value: shownValue(first) };
    if (TOTALS.test(first.trim())) {
      this.#note('note_row_totals', { heading: shownValue(first) }, place);
      return true;
    }
    const found = this.#header?.found ?? [];
    const isMost = (of: readonly unknown[]): boolean => of.length * 2 > found.length;
    const texts = found.filter(({ index }) => cells[index]?.kind === 'text');
    if (!isMost(texts)) return false;
    const repeated = texts.filter(
      ({ column, index }) => normaliseHeading(cells[index]?.text ?? '') === normaliseHeading(column.heading),
    );
    if (!isMost(repeated)) return false;
    this.#note('note_header_repeated', { row: rowNumber }, place);
    return true;
  }

  /** A heading merged over the next ones hides them: that is one mistake and is told as one. */
  #faultMissingColumns(missing: readonly FormColumn[], merges: readonly CellRange[], headerRow: number): void {
    const wide = merges.filter(
      ({ firstRow, lastRow, firstColumn, lastColumn }) =>
        firstRow <= headerRow && lastRow >= headerRow && lastColumn > firstColumn,
    );
    for (const { firstColumn } of wide)
      this.#fault(
        'header_merged',
        { heading: shownValue(this.#header?.texts[firstColumn] ?? '') },
        { cell: cellAddress(headerRow, firstColumn) },
      );
    if (wide.length === 0) for (const { heading } of missing) this.#fault('column_missing', { heading });
  }

  #columns(): Map<string, number> {
    return new Map((this.#header?.found ?? []).map(({ column, index }) => [column.key, index]));
  }

  #checkRules(): void {
    const columns = this.#columns();
    if ((this.#header?.missing.length ?? 0) > 0) return;
    for (const { code, row, otherRow, key, params } of this.#form.check(this.#rows)) {
      const rowNumber = this.#rowNumbers[row] ?? 0;
      const value = this.#rows[row]?.[key];
      this.#fault(code, otherRow === undefined ? params : { ...params, row: this.#rowNumbers[otherRow] ?? 0 }, {
        cell: cellAddress(rowNumber, columns.get(key) ?? 0),
        ...(value === undefined || value === null ? {} : { value: shownValue(String(value)) }),
      });
    }
  }

  #fault(code: FindingCode, params: Finding['params'], place: { cell?: string; value?: string } = {}): void {
    this.#errorCount++;
    if (this.#errors.length < FINDINGS_KEPT_MAX)
      this.#errors.push({ code, severity: 'error', sheet: this.#sheet, ...place, params });
  }

  #note(code: FindingCode, params: Finding['params'], place: { cell?: string; value?: string }): void {
    this.#noteCount++;
    if (this.#notes.length < FINDINGS_KEPT_MAX)
      this.#notes.push({ code, severity: 'note', sheet: this.#sheet, ...place, params });
  }
}

/** What concerns the whole sheet first, then cells as they are read: by row, by column. */
function byPlace(one: Finding, other: Finding): number {
  const [a, b] = [one, other].map(({ cell }) => (cell === undefined ? null : parseAddress(cell)));
  return (a?.row ?? 0) - (b?.row ?? 0) || (a?.column ?? 0) - (b?.column ?? 0);
}

/** Headings are the same whatever the case, the spaces, the line breaks, «ё» and the marks at their end. */
export function normaliseHeading(text: string): string {
  return text
    .slice(0, 300)
    .normalize('NFKC')
    .replace(/[\u00AD\u200B-\u200F\u2060\uFEFF]/g, '')
    .toLowerCase()
    .replace(/ё/g, 'е')
    .replace(/\s+/g, ' ')
    .replace(/\s*([.,;:()])\s*/g, '$1')
    .trim()
    .replace(/[.,;:*]+$/, '');
}
