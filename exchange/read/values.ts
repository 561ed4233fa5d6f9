/** One cell against its column: what it was read as, or what is wrong with it. */
import type { FindingCode } from '#models/attendance/workbook.ts';
import { type Cell, cellText, isBlankCell } from '../cells.ts';
import type { FormColumn } from '../form.ts';

export interface CellRemark {
  code: FindingCode;
  params: Record<string, string | number>;
}

/** `value` without `error`: read; with `note`: read in spite of its form. */
export interface CellReading {
  value?: string | number | null;
  error?: CellRemark;
  note?: CellRemark;
}

/** Sums of tenths leave dust like 11.999999999999998; a figure this close to a whole one is meant as whole. */
const WHOLE_DUST = 1e-9;
/** A cell holds 32,767 characters at most. */
const TEXT_CHARS_LOOKED_AT = 32_767;

export function readValue(cell: Cell | undefined, column: FormColumn, date1904: boolean): CellReading {
  const { type } = column;
  // The way of nearly every cell: a plain whole number where one is asked.
  if (cell?.kind === 'number' && !cell.hasFormula && type.kind === 'whole' && Number.isInteger(cell.number))
    return cell.number >= type.min && cell.number <= type.max ? { value: cell.number } : outOfRange(column, type);

  if (cell === undefined || (isBlankCell(cell) && !cell.hasFormula))
    return column.isOptional ? { value: null } : fault('value_missing', { heading: column.heading });
  if (cell.kind === 'error') return fault('cell_error_value', { heading: column.heading });
  if (cell.kind === 'void' || (cell.hasFormula && isBlankCell(cell)))
    return fault('formula_without_value', { heading: column.heading });
  if (cell.kind === 'date') return fault('date_instead', { heading: column.heading });

  const reading =
    type.kind === 'whole'
      ? readWhole(cell, column, type)
      : type.kind === 'term'
        ? readTerm(cell, column, date1904, type)
        : readText(cell, column, date1904, type);
  if (cell.hasFormula && reading.value !== undefined && reading.value !== null)
    return { value: reading.value, note: { code: 'note_formula_value', params: { read: reading.value } } };
  return reading;
}

type WholeType = Extract<FormColumn['type'], { kind: 'whole' }>;
type TextType = Extract<FormColumn['type'], { kind: 'text' }>;
type TermType = Extract<FormColumn['type'], { kind: 'term' }>;

function readWhole(cell: Cell, column: FormColumn, type: WholeType): CellReading {
  const { heading } = column;
  if (cell.kind === 'number') return wholeOf(cell.number, column, type);
  if (cell.kind !== 'text') return fault('not_a_number', { heading, min: type.min, max: type.max });
  const text = bareNumber(cell.text);
  if (/^\d{1,4}[./-]\d{1,2}[./-]\d{2,4}$/.test(text)) return fault('date_instead', { heading });
  if (!/^[+-]?\d{1,15}([.,]\d{0,15})?$/.test(text))
    return fault('not_a_number', { heading, min: type.min, max: type.max });
  const reading = wholeOf(Number(text.replace(',', '.')), column, type);
  return reading.value === undefined || reading.value === null
    ? reading
    : { value: reading.value, note: { code: 'note_number_as_text', params: { read: reading.value } } };
}

/** Spaces of every kind, also those between thousands, and the apostrophe that made the number a text. */
function bareNumber(text: string): string {
  return text
    .slice(0, 100)
    .normalize('NFKC')
    .replace(/[\s\u00AD\u200B-\u200F\u2060\uFEFF]/g, '')
    .replace(/^['’]/, '')
    .replace(/[−‐‑–]/, '-');
}

function wholeOf(number: number, column: FormColumn, type: WholeType): CellReading {
  const nearest = Math.round(number);
  if (Math.abs(number - nearest) > WHOLE_DUST) return fault('not_whole', { heading: column.heading });
  if (nearest < type.min || nearest > type.max) return outOfRange(column, type);
  return { value: nearest === 0 ? 0 : nearest };
}

function outOfRange(column: FormColumn, type: WholeType): CellReading {
  return fault('out_of_range', { heading: column.heading, min: type.min, max: type.max });
}

function readTerm(cell: Cell, column: FormColumn, date1904: boolean, type: TermType): CellReading {
  const text = cellText(cell, date1904).slice(0, 100);
  if (cell.kind === 'text' && /^\s*\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\s*$/.test(text))
    return fault('date_instead', { heading: column.heading });
  const value = cell.kind === 'boolean' ? null : type.read(text);
  return value === null ? fault(type.unreadable, { heading: column.heading, example: column.example }) : { value };
}

/** Control characters and runs of spaces are nobody's name; the apostrophe is what our own files put before a sign that begins a formula. */
function readText(cell: Cell, column: FormColumn, date1904: boolean, { charsMin, charsMax }: TextType): CellReading {
  const { heading } = column;
  const text = cellText(cell, date1904)
    .slice(0, TEXT_CHARS_LOOKED_AT)
    .replace(/[\s\u0000-\u001F\u007F\u00AD\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]+/g, ' ')
    .trim()
    .replace(/^'(?=[=+@-])/, '');
  const chars = text.length;
  if (chars < charsMin) return fault('text_too_short', { heading, min: charsMin });
  if (chars > charsMax) return fault('text_too_long', { heading, chars, max: charsMax });
  return { value: text };
}

function fault(code: FindingCode, params: Record<string, string | number>): CellReading {
  return { error: { code, params } };
}
