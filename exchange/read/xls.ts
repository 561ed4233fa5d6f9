/** The .xls reader (BIFF8 in a compound file): `@e965/xlsx` parses, after our own look at what the file says it is. */
import * as xlsx from '@e965/xlsx';
import { type Cell, type CellRange, isDateFormat, type OpenWorkbook, type SheetSink } from '../cells.ts';
import { safeStream } from './biff.ts';
import { FileRefusal } from './refusal.ts';

/** The library's own reader of compound files, which its types leave out. */
const compoundFile = xlsx.CFB as {
  read(bytes: Uint8Array, options: { type: 'buffer' }): { FullPaths: string[]; FileIndex: { content?: unknown }[] };
};

export function openXls(bytes: Uint8Array): OpenWorkbook {
  const stream = workbookStream(bytes);
  const book = silently(() =>
    xlsx.read(stream, {
      type: 'buffer',
      dense: true,
      cellFormula: true,
      cellHTML: false,
      cellText: false,
      cellNF: true,
    }),
  );
  const infos = book.Workbook?.Sheets ?? [];
  const date1904 = book.Workbook?.WBProps?.date1904 === true;
  return {
    format: 'xls',
    date1904,
    sheets: book.SheetNames.map((name, index) => ({ name, isHidden: (infos[index]?.Hidden ?? 0) !== 0 })),
    readSheet: (index, sink) => {
      const name = book.SheetNames[index] ?? '';
      const sheet = Object.hasOwn(book.Sheets, name) ? book.Sheets[name] : undefined;
      if (!sheet) return Promise.reject(new FileRefusal('file_corrupt'));
      giveRows(sheet, sink);
      return Promise.resolve({ merges: mergesOf(sheet) });
    },
    close: () => undefined,
  };
}

/** The library reports records it does not know to the console: a damaged file would fill the log. */
export function silently<T>(read: () => T): T {
  const { error, warn } = console;
  console.error = console.warn = () => undefined;
  try {
    return read();
  } finally {
    Object.assign(console, { error, warn });
  }
}

/** The workbook stream of a compound file, checked; or the refusal that names what the file holds instead. */
export function workbookStream(bytes: Uint8Array): Uint8Array {
  const container = compoundFile.read(bytes, { type: 'buffer' });
  const streamOf = (name: string): Uint8Array | null => {
    const index = container.FullPaths.findIndex((path) => path.replace(/^.*\/(?=.)/, '').toLowerCase() === name);
    const content = container.FileIndex[index]?.content;
    return content instanceof Uint8Array
      ? content
      : Array.isArray(content)
        ? Uint8Array.from(content as number[])
        : null;
  };
  if (streamOf('encryptedpackage')) throw new FileRefusal('file_encrypted');
  const stream = streamOf('workbook');
  if (stream) return safeStream(stream);
  if (streamOf('book')) throw new FileRefusal('file_excel_old', { program: 'Excel 5.0/95' });
  const isOffice = streamOf('worddocument') ?? streamOf('powerpoint document');
  throw isOffice ? new FileRefusal('file_not_spreadsheet', { looksLike: 'document' }) : new FileRefusal('file_corrupt');
}

function giveRows(sheet: xlsx.WorkSheet, sink: SheetSink): void {
  const rows = (sheet as { '!data'?: (xlsx.CellObject | undefined)[][] })['!data'] ?? [];
  const infos = sheet['!rows'] ?? [];
  for (let row = 0; row < rows.length; row++) {
    const given = rows[row];
    if (!given) continue;
    const cells = given.map((cell) => (cell ? toCell(cell) : undefined));
    if (!sink.row(row + 1, cells, infos[row]?.hidden === true)) return;
  }
}

function toCell(cell: xlsx.CellObject): Cell | undefined {
  const hasFormula = cell.f !== undefined || cell.F !== undefined;
  switch (cell.t) {
    case 'n':
    case 'd': {
      const number = Number(cell.v);
      const isDate = isDateFormat(-1, typeof cell.z === 'string' ? cell.z : undefined);
      return { kind: isDate ? 'date' : 'number', text: '', number, hasFormula };
    }
    case 's':
      return { kind: 'text', text: String(cell.v ?? ''), number: 0, hasFormula };
    case 'b':
      return { kind: 'boolean', text: '', number: cell.v ? 1 : 0, hasFormula };
    case 'e':
      return { kind: 'error', text: cell.w ?? errorName(cell.v), number: 0, hasFormula };
    case 'z':
      return hasFormula ? { kind: 'void', text: '', number: 0, hasFormula } : undefined;
  }
}

const ERROR_NAMES = new Map<unknown, string>([
  [0x00, '#NULL!'],
  [0x07, '#DIV/0!'],
  [0x0f, '#VALUE!'],
  [0x17, '#REF!'],
  [0x1d, '#NAME?'],
  [0x24, '#NUM!'],
  [0x2a, '#N/A'],
]);

function errorName(code: unknown): string {
  return ERROR_NAMES.get(code) ?? '#ERROR!';
}

function mergesOf(sheet: xlsx.WorkSheet): CellRange[] {
  return (sheet['!merges'] ?? []).slice(0, 1_000).map(({ s, e }) => ({
    firstRow: s.r + 1,
    lastRow: e.r + 1,
    firstColumn: s.c,
    lastColumn: e.c,
  }));
}
