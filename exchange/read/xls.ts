/** The .xls reader (BIFF8 in a compound file): `@e965/xlsx` parses, after our own look at what the file says it is. */
import * as xlsx from '@e965/xlsx';
import { type Cell, type CellRange, isDateFormat, type OpenWorkbook, type SheetSink } from '../cells.ts';
import { FileRefusal } from './refusal.ts';

/** The library's own reader of compound files, which its types leave out. */
const compoundFile = xlsx.CFB as {
  read(bytes: Uint8Array, options: { type: 'buffer' }): { FullPaths: string[]; FileIndex: { content?: unknown }[] };
};

const RECORD_BOF = 0x0809;
const RECORD_EOF = 0x000a;
const RECORD_FILE_PASS = 0x002f;
const VERSION_BIFF8 = 0x0600;

export function openXls(bytes: Uint8Array): OpenWorkbook {
  refuseForeignStreams(bytes);
  const book = silently(() =>
    xlsx.read(bytes, {
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

/** Names what a compound file holds instead of a workbook of Excel 97–2003. */
function refuseForeignStreams(bytes: Uint8Array): void {
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
  if (!stream || stream.length < 8) {
    if (streamOf('book')) throw new FileRefusal('file_excel_old', { program: 'Excel 5.0/95' });
    const isOffice = streamOf('worddocument') ?? streamOf('powerpoint document');
    throw new FileRefusal(
      isOffice ? 'file_not_spreadsheet' : 'file_corrupt',
      isOffice ? { looksLike: 'document' } : {},
    );
  }
  refuseOldOrEncrypted(stream);
}

/** Walks the records of the workbook's globals, where version and encryption are told. */
function refuseOldOrEncrypted(stream: Uint8Array): void {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  if (view.getUint16(0, true) !== RECORD_BOF) throw new FileRefusal('file_corrupt');
  if (view.getUint16(4, true) !== VERSION_BIFF8) throw new FileRefusal('file_excel_old', { program: 'Excel 5.0/95' });
  for (let at = 0; at + 4 <= stream.length;) {
    const type = view.getUint16(at, true);
    if (type === RECORD_FILE_PASS) throw new FileRefusal('file_encrypted');
    if (type === RECORD_EOF) return;
    at += 4 + view.getUint16(at + 2, true);
  }
  throw new FileRefusal('file_corrupt');
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
