/** What the tests of this folder share: the institution they play, filled files, packages taken apart and put together. */
import { deflateRawSync } from 'node:zlib';
import * as xlsx from '@e965/xlsx';
import ExcelJS from 'exceljs';
import { type AttendanceRow, ATTENDANCE_COLUMNS, DATA_SHEET } from '#models/attendance/attendance.form.ts';
import type {
  AnnotationWords,
  FileIdentity,
  Finding,
  WordedFinding,
  WorkbookFormat,
} from '#models/attendance/workbook.ts';
import { HEADER_ROW, makeTemplate } from './write/template.ts';

export const IDENTITY: FileIdentity = {
  formId: 'attendance',
  version: 2,
  procedure: 'attendance-48-2012',
  institution: 'i48-1',
};
export const HEAD = { institutionName: 'МБОУ СОШ № 101', academicYear: '2012-2013' };
export const ANNOTATION_WORDS: AnnotationWords = {
  errorsHeading: 'Ошибки',
  sheet: 'Лист',
  cell: 'Ячейка',
  value: 'Значение',
  cause: 'Что не так',
  remedy: 'Что сделать',
};

export type Value = string | number | boolean | Date | null | ExcelJS.CellFormulaValue;

export const ROW: AttendanceRow = {
  className: '5А',
  halfYear: 'I',
  learners: 25,
  schoolDays: 78,
  missed: 400,
  illness: 300,
  unexcused: 10,
};

/** Rows of as many classes as asked, both half-years of each: `1А`, `1Б` … */
export function rowsOfClasses(classes: number): Value[][] {
  return Array.from({ length: classes }, (_, index) => {
    const className = `${1 + (index % 11)}/${1 + Math.floor(index / 11)}`;
    return ['I', 'II'].map((halfYear): Value[] => [className, halfYear, 25, 78, 400, 300, 10]);
  }).flat();
}

/** The template filled by exceljs; `edit` may spoil it further. */
export async function filledXlsx(
  rows: readonly (readonly Value[])[],
  edit: (sheet: ExcelJS.Worksheet, book: ExcelJS.Workbook) => void = () => undefined,
  identity: FileIdentity = IDENTITY,
): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  await book.xlsx.load((await makeTemplate(identity, HEAD, 'xlsx')).slice().buffer);
  const sheet = book.getWorksheet(DATA_SHEET);
  if (!sheet) throw new Error('the template has no data sheet');
  rows.forEach((row, at) =>
    row.forEach((value, column) => {
      const cell = sheet.getCell(HEADER_ROW + 1 + at, column + 1);
      if (value !== null) cell.value = value;
      if (value instanceof Date) cell.style = { ...cell.style, numFmt: 'dd.mm.yyyy' };
    }),
  );
  edit(sheet, book);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

/** The template filled by the BIFF8 library. */
export async function filledXls(
  rows: readonly (readonly Value[])[],
  edit: (sheet: xlsx.WorkSheet, book: xlsx.WorkBook) => void = () => undefined,
): Promise<Uint8Array> {
  const book = xlsx.read(await makeTemplate(IDENTITY, HEAD, 'xls'), { type: 'buffer' });
  const sheet = book.Sheets[DATA_SHEET];
  if (!sheet) throw new Error('the template has no data sheet');
  xlsx.utils.sheet_add_aoa(sheet, rows as unknown[][], { origin: `A${HEADER_ROW + 1}` });
  edit(sheet, book);
  return new Uint8Array(xlsx.write(book, { bookType: 'biff8', type: 'array' }) as ArrayBuffer);
}

export function filled(rows: readonly (readonly Value[])[], format: WorkbookFormat): Promise<Uint8Array> {
  return format === 'xls' ? filledXls(rows) : filledXlsx(rows);
}

export function worded(findings: readonly Finding[]): WordedFinding[] {
  return findings.map((finding) => ({ ...finding, cause: `${finding.code}.`, remedy: 'Исправьте.' }));
}

export interface ZipPart {
  name: string;
  content: string | Buffer;
  /** What the archive claims instead of the truth. */
  declaredBytes?: number;
}

/** A package written by hand, so that it can lie. */
export function zipOf(parts: readonly ZipPart[]): Uint8Array {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, content, declaredBytes } of parts) {
    const raw = Buffer.from(content);
    const packed = deflateRawSync(raw);
    const nameBytes = Buffer.from(name);
    const size = declaredBytes ?? raw.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt16LE(0x0800, 6);
    local.writeUInt16LE(8, 8);
    local.writeUInt32LE(packed.length, 18);
    local.writeUInt32LE(size, 22);
    local.writeUInt16LE(nameBytes.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(0x0800, 8);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(size, 24);
    entry.writeUInt16LE(nameBytes.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, nameBytes, packed);
    central.push(entry, nameBytes);
    offset += local.length + nameBytes.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...locals, directory, end]));
}

const MAIN = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main';
const RELATIONS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
export const STRICT_MAIN = 'http://purl.oclc.org/ooxml/spreadsheetml/main';
const STRICT_RELATIONS = 'http://purl.oclc.org/ooxml/officeDocument/relationships';

export interface HandmadeWorkbook {
  /** XML inside `<sheetData>`. */
  sheetData: string;
  beforeData?: string;
  afterData?: string;
  sharedStrings?: string;
  isStrict?: boolean;
  parts?: ZipPart[];
  declaredBytes?: number;
}

/** A workbook of one data sheet, written as XML by hand. */
export function handmadeParts(book: HandmadeWorkbook): ZipPart[] {
  const main = book.isStrict ? STRICT_MAIN : MAIN;
  const relations = book.isStrict ? STRICT_RELATIONS : RELATIONS;
  const relation = (id: string, type: string, target: string): string =>
    `<Relationship Id="${id}" Type="${relations}/${type}" Target="${target}"/>`;
  const relationsXml = (inner: string): string =>
    `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${inner}</Relationships>`;
  return [
    { name: '[Content_Types].xml', content: '<?xml version="1.0"?><Types/>' },
    { name: '_rels/.rels', content: relationsXml(relation('r1', 'officeDocument', 'xl/workbook.xml')) },
    {
      name: 'xl/workbook.xml',
      content: `<?xml version="1.0"?><workbook xmlns="${main}" xmlns:r="${relations}"><sheets><sheet name="${DATA_SHEET}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      content: relationsXml(
        relation('r1', 'worksheet', 'worksheets/sheet1.xml') + relation('r2', 'sharedStrings', 'sharedStrings.xml'),
      ),
    },
    { name: 'xl/sharedStrings.xml', content: book.sharedStrings ?? `<?xml version="1.0"?><sst xmlns="${main}"/>` },
    {
      name: 'xl/worksheets/sheet1.xml',
      content: `<?xml version="1.0"?><worksheet xmlns="${main}">${book.beforeData ?? ''}<sheetData>${book.sheetData}</sheetData>${book.afterData ?? ''}</worksheet>`,
      ...(book.declaredBytes === undefined ? {} : { declaredBytes: book.declaredBytes }),
    },
    ...(book.parts ?? []),
  ];
}

export function handmade(book: HandmadeWorkbook): Uint8Array {
  return zipOf(handmadeParts(book));
}

export const IDENTITY_TEXT = 'Форма attendance · версия 2 · мониторинг attendance-48-2012 · организация i48-1';

/** A `<row>` of inline texts and numbers. */
export function xmlRow(row: number, values: readonly (string | number | null)[]): string {
  const cells = values.map((value, column) => {
    const address = `${String.fromCharCode(65 + column)}${row}`;
    if (value === null) return '';
    return typeof value === 'number'
      ? `<c r="${address}"><v>${value}</v></c>`
      : `<c r="${address}" t="inlineStr"><is><t>${value}</t></is></c>`;
  });
  return `<row r="${row}">${cells.join('')}</row>`;
}

/** Identity and headings in rows 1 and 2, then the rows given from row 3 on. */
export function xmlForm(rows: readonly (readonly (string | number | null)[])[]): string {
  return [[IDENTITY_TEXT], ATTENDANCE_COLUMNS.map(({ heading }) => heading), ...rows]
    .map((values, index) => xmlRow(index + 1, values))
    .join('');
}

export const GOOD_ROWS: (string | number)[][] = [
  ['5А', 'I', 25, 78, 400, 300, 10],
  ['5А', 'II', 25, 92, 500, 300, 10],
];
