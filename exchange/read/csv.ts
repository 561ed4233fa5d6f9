/**
 * Text tables as programs save them: UTF-8, UTF-16 or windows-1251, with `;`, `,` or tabs between the cells. A table says neither its
 * encoding nor its sign, so both are told by the content.
 */
import { CsvError, parse } from 'csv-parse/sync';
import { SHEET_ROWS_MAX, type Cell, type OpenTable } from '../cells.ts';
import { FileRefusal } from './refusal.ts';

/** What the one sheet of a text table is called in findings. */
export const CSV_SHEET = 'CSV';
const DELIMITERS = [';', ',', '\t'] as const;
/** Characters of one row; a quotation mark that is never closed would otherwise swallow the file. */
const ROW_CHARS_MAX = 20_000;

export function openCsv(bytes: Uint8Array): OpenTable {
  const rows = parseRows(decode(bytes));
  return {
    date1904: false,
    sheets: [{ name: CSV_SHEET, isHidden: false }],
    readSheet: (_, sink) => {
      for (const [index, row] of rows.entries()) if (!sink.row(index + 1, row.map(toCell), false)) break;
      return Promise.resolve({ merges: [] });
    },
    close: () => undefined,
  };
}

function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    // Text in windows-1251 is never valid UTF-8 once it holds a Russian word.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1251').decode(bytes);
  }
}

function parseRows(text: string): string[][] {
  try {
    const rows = parse(text, {
      delimiter: delimiterOf(text),
      bom: true,
      relaxColumnCount: true,
      relaxQuotes: true,
      maxRecordSize: ROW_CHARS_MAX,
      // Blank lines count, so that rows keep their numbers; a file of nothing else must not fill the memory.
      to: SHEET_ROWS_MAX + 1,
    });
    if (rows.length > SHEET_ROWS_MAX) throw new FileRefusal('file_too_heavy');
    return rows;
  } catch (error) {
    if (error instanceof CsvError) throw new FileRefusal('csv_broken', { row: Number(error['lines'] ?? 1) });
    throw error;
  }
}

/** The sign that stands most often in the first line that has any, outside of quotation marks. */
function delimiterOf(text: string): string {
  for (const line of text.slice(0, 50_000).split(/\r\n|\r|\n/)) {
    const bare = line.replace(/"[^"]*"/g, '');
    const [best] = DELIMITERS.map((sign) => ({ sign, count: bare.split(sign).length - 1 })).sort(
      (a, b) => b.count - a.count,
    );
    if (best && best.count > 0) return best.sign;
  }
  return ';';
}

const toCell = (text: string): Cell | undefined =>
  text === '' ? undefined : { kind: 'text', text, number: 0, hasFormula: false };
