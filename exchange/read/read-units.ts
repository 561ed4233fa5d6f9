/** From bytes to rows of units, whatever the format. Runs in a worker thread; never throws for a bad file. */
import type { UnitsPiece, UnitsReading } from '#models/attendance/workbook.ts';
import type { PlacedRow } from '#models/org/unit-difference.ts';
import type { UnitKey } from '#models/org/unit.form.ts';
import { columnLetters, type OpenTable } from '../cells.ts';
import { UNITS_FORM, UNITS_LIMITS } from '../units-form.ts';
import { FormReader } from './form-reader.ts';
import { openTable } from './open-table.ts';
import { listed, wholeFile } from './read-form.ts';
import { FileRefusal } from './refusal.ts';

const ROWS_PER_PIECE = 500;

export async function readUnits(bytes: Uint8Array, give: (piece: UnitsPiece) => void): Promise<UnitsReading> {
  let workbook: OpenTable | null = null;
  try {
    workbook = await openTable(bytes, UNITS_LIMITS);
    return await readSheet(workbook, give);
  } catch (error) {
    const { code, params } = error instanceof FileRefusal ? error : new FileRefusal('file_corrupt');
    return { kind: 'refused', findings: [wholeFile(code, params)] };
  } finally {
    workbook?.close();
  }
}

/** The sheet of the form's own name, or the first that is seen: lists come from other systems, too. */
async function readSheet(workbook: OpenTable, give: (piece: UnitsPiece) => void): Promise<UnitsReading> {
  const wanted = UNITS_FORM.dataSheet.toLowerCase();
  const named = workbook.sheets.findIndex(({ name }) => name.trim().toLowerCase() === wanted);
  const index = named === -1 ? workbook.sheets.findIndex(({ isHidden }) => !isHidden) : named;
  const sheet = workbook.sheets[index]?.name ?? UNITS_FORM.dataSheet;
  const reader = new FormReader(UNITS_FORM, sheet, workbook.date1904, []);
  const { merges } = await workbook.readSheet(index, reader);
  const reading = reader.end(merges);
  // What is wrong with the sheet as a whole leaves no row to trust.
  const ofSheet = reading.errors.filter(({ cell, code }) => cell === undefined || SHEET_CODES.has(code));
  if (ofSheet.length > 0) return { kind: 'refused', findings: ofSheet };

  for (let at = 0; at < reading.rows.length; at += ROWS_PER_PIECE)
    give(
      reading.rows.slice(at, at + ROWS_PER_PIECE).map((values, index): PlacedRow => {
        const row = reading.rowNumbers[at + index] ?? 0;
        // The columns of the form are the keys of a row, and each cell was read by its column.
        return { row, values: values, isBroken: reading.brokenRows.has(row) };
      }),
    );
  const letters: Partial<Record<UnitKey, string>> = {};
  for (const [key, index] of reading.columns) letters[key as UnitKey] = columnLetters(index);
  return {
    kind: 'read',
    sheet,
    letters,
    findings: listed(reading.errors, reading.errorCount).filter(({ severity }) => severity === 'error'),
    notes: reading.notes,
    brokenRows: reading.brokenRows.size,
  };
}

const SHEET_CODES: ReadonlySet<string> = new Set(['header_merged', 'column_doubled']);
