/**
 * The .xlsx reader: streams the parts of a package through the XML scanner, row by row. Transitional and strict files, with or
 * without macros, read alike; formulas and macros are data. exceljs writes our files but does not read them: its reader takes
 * several times as long, knows no merged cells, and trusts what a hostile package says of itself.
 */
import {
  type Cell,
  type CellRange,
  COLUMNS_MAX,
  isDateFormat,
  type OpenWorkbook,
  parseAddress,
  type SheetInfo,
  type SheetSink,
  SHEET_ROWS_MAX,
} from '../cells.ts';
import type { FileLimits } from '../form.ts';
import { FileRefusal } from './refusal.ts';
import { attributeOf, decodeEntities, type XmlSink, XmlScanner } from './xml.ts';
import { openPackage, type Package } from './zip.ts';

const SHEETS_MAX = 100;
const SHARED_STRINGS_MAX = 500_000;
const STYLES_MAX = 65_536;
const MERGES_MAX = 1_000;

export async function openXlsx(bytes: Uint8Array, limits: FileLimits): Promise<OpenWorkbook> {
  const parts = await openPackage(bytes, limits);
  try {
    const workbookPart = await findWorkbookPart(parts);
    const workbook = await readWorkbookPart(parts, workbookPart);
    const relations = await readRelations(parts, workbookPart);
    const byType = (type: string): string | undefined => relations.find((relation) => relation.type === type)?.target;
    const strings = await readSharedStrings(parts, byType('sharedStrings'));
    const dateStyles = await readDateStyles(parts, byType('styles'));
    const targets = workbook.sheets.map(({ relation }) => relations.find(({ id }) => id === relation)?.target);
    return {
      format: 'xlsx',
      date1904: workbook.date1904,
      sheets: workbook.sheets.map(({ name, isHidden }) => ({ name, isHidden })),
      readSheet: async (index, sink) => {
        const target = targets[index];
        if (target === undefined) throw new FileRefusal('file_corrupt');
        const scan = new SheetScan(sink, strings, dateStyles);
        await readSheetPart(parts, target, scan);
        return { merges: scan.merges };
      },
      close: () => parts.close(),
    };
  } catch (error) {
    parts.close();
    throw error;
  }
}

/** A package is an .xlsx when its main part is a workbook; a .docx, an .ods or a plain archive is not. */
async function findWorkbookPart(parts: Package): Promise<string> {
  if (!parts.has('_rels/.rels'))
    throw new FileRefusal('file_not_spreadsheet', { looksLike: parts.has('content.xml') ? 'ods' : 'zip' });
  const relations = await readRelations(parts, '');
  const main = relations.find((relation) => relation.type === 'officeDocument')?.target ?? '';
  if (/(^|\/)workbook[^/]*\.xml$/i.test(main)) return main;
  const isDocument = /(^|\/)(document|presentation)\.xml$/i.test(main);
  throw new FileRefusal('file_not_spreadsheet', { looksLike: isDocument ? 'document' : 'zip' });
}

async function readPart(parts: Package, name: string, sink: XmlSink): Promise<void> {
  const scanner = new XmlScanner(sink);
  await parts.readText(name, (piece) => scanner.feed(piece));
  scanner.end();
}

interface Relation {
  id: string;
  /** Last word of the type, the same in transitional and strict files. */
  type: string;
  target: string;
}

async function readRelations(parts: Package, part: string): Promise<Relation[]> {
  const slash = part.lastIndexOf('/');
  const folder = part.slice(0, slash + 1);
  const relations: Relation[] = [];
  await readPart(parts, `${folder}_rels/${part.slice(slash + 1)}.rels`, {
    wantsText: false,
    text: ignore,
    close: ignore,
    open: (name, attributes) => {
      if (name !== 'Relationship' || attributeOf(attributes, 'TargetMode') === 'External') return;
      const target = attributeOf(attributes, 'Target') ?? '';
      relations.push({
        id: attributeOf(attributes, 'Id') ?? '',
        type: (attributeOf(attributes, 'Type') ?? '').replace(/^.*\//, ''),
        target: resolvePart(folder, target),
      });
      if (relations.length > SHEETS_MAX * 10) throw new FileRefusal('file_corrupt');
    },
  });
  return relations;
}

function resolvePart(folder: string, target: string): string {
  const path: string[] = [];
  for (const step of (target.startsWith('/') ? target : folder + target).split('/'))
    if (step === '..') path.pop();
    else if (step !== '' && step !== '.') path.push(step);
  return path.join('/');
}

async function readWorkbookPart(
  parts: Package,
  part: string,
): Promise<{ sheets: (SheetInfo & { relation: string })[]; date1904: boolean }> {
  const sheets: (SheetInfo & { relation: string })[] = [];
  let date1904 = false;
  await readPart(parts, part, {
    wantsText: false,
    text: ignore,
    close: ignore,
    open: (name, attributes) => {
      if (name === 'workbookPr') date1904 = isTrue(attributeOf(attributes, 'date1904'));
      if (name !== 'sheet') return;
      const state = attributeOf(attributes, 'state');
      sheets.push({
        name: attributeOf(attributes, 'name') ?? '',
        isHidden: state === 'hidden' || state === 'veryHidden',
        relation: relationId(attributes),
      });
      if (sheets.length > SHEETS_MAX) throw new FileRefusal('file_corrupt');
    },
  });
  if (sheets.length === 0) throw new FileRefusal('file_corrupt');
  return { sheets, date1904 };
}

/** `r:id` with whatever prefix the program chose; the plain `id` of other elements is not it. */
function relationId(attributes: readonly string[]): string {
  for (let at = 0; at < attributes.length; at += 2)
    if (attributes[at]?.endsWith(':id')) return decodeEntities(attributes[at + 1] ?? '');
  return '';
}

async function readSharedStrings(parts: Package, part: string | undefined): Promise<string[]> {
  const strings: string[] = [];
  if (part === undefined || !parts.has(part)) return strings;
  let current = '';
  let isPhonetic = false;
  const sink: XmlSink = {
    wantsText: false,
    text: (text) => {
      current += text;
    },
    open: (name) => {
      if (name === 'si') current = '';
      else if (name === 'rPh') isPhonetic = true;
      else if (name === 't') sink.wantsText = !isPhonetic;
    },
    close: (name) => {
      if (name === 't') sink.wantsText = false;
      else if (name === 'rPh') isPhonetic = false;
      else if (name === 'si' && strings.push(decodeEscapes(current)) > SHARED_STRINGS_MAX)
        throw new FileRefusal('file_corrupt');
    },
  };
  await readPart(parts, part, sink);
  return strings;
}

/** `_x000D_` and the like: how the format writes characters that XML cannot hold. */
function decodeEscapes(text: string): string {
  if (!text.includes('_x')) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}

/** For each cell style whether it shows a date: the only way the format tells dates from numbers. */
async function readDateStyles(parts: Package, part: string | undefined): Promise<boolean[]> {
  const dateStyles: boolean[] = [];
  if (part === undefined || !parts.has(part)) return dateStyles;
  const formats = new Map<number, string>();
  let isCellFormats = false;
  await readPart(parts, part, {
    wantsText: false,
    text: ignore,
    open: (name, attributes) => {
      if (name === 'numFmt')
        formats.set(Number(attributeOf(attributes, 'numFmtId')), attributeOf(attributes, 'formatCode') ?? '');
      else if (name === 'cellXfs') isCellFormats = true;
      else if (name === 'xf' && isCellFormats) {
        const id = Number(attributeOf(attributes, 'numFmtId') ?? 0);
        if (dateStyles.push(isDateFormat(id, formats.get(id))) > STYLES_MAX) throw new FileRefusal('file_corrupt');
      }
    },
    close: (name) => {
      if (name === 'cellXfs') isCellFormats = false;
    },
  });
  return dateStyles;
}

const ENOUGH = new Error('enough rows');

async function readSheetPart(parts: Package, part: string, scan: SheetScan): Promise<void> {
  try {
    await readPart(parts, part, scan);
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
}

/** Gathers the cells of a row and hands it on when it ends. */
class SheetScan implements XmlSink {
  wantsText = false;
  readonly merges: CellRange[] = [];
  readonly #sink: SheetSink;
  readonly #strings: readonly string[];
  readonly #dateStyles: readonly boolean[];
  #rowNumber = 0;
  #isRowHidden = false;
  #cells: (Cell | undefined)[] = [];
  #column = -1;
  #type = '';
  #style = 0;
  #value = '';
  #hasValue = false;
  #hasFormula = false;
  #isInCell = false;

  constructor(sink: SheetSink, strings: readonly string[], dateStyles: readonly boolean[]) {
    this.#sink = sink;
    this.#strings = strings;
    this.#dateStyles = dateStyles;
  }

  open(name: string, attributes: readonly string[]): void {
    switch (name) {
      case 'c':
        this.#openCell(attributes);
        return;
      case 'v':
      case 't':
        this.wantsText = this.#isInCell;
        this.#hasValue ||= this.#isInCell;
        return;
      case 'f':
        this.#hasFormula = true;
        return;
      case 'rPh':
        this.#isInCell = false;
        return;
      case 'row':
        this.#openRow(attributes);
        return;
      case 'mergeCell':
        this.#addMerge(attributeOf(attributes, 'ref') ?? '');
        return;
    }
  }

  text(text: string): void {
    this.#value += text;
  }

  close(name: string): void {
    switch (name) {
      case 'v':
      case 't':
        this.wantsText = false;
        return;
      case 'rPh':
        this.#isInCell = true;
        return;
      case 'c':
        this.#closeCell();
        return;
      case 'row': {
        const cells = this.#cells;
        this.#cells = [];
        if (!this.#sink.row(this.#rowNumber, cells, this.#isRowHidden)) throw ENOUGH;
      }
    }
  }

  #openRow(attributes: readonly string[]): void {
    let row = this.#rowNumber + 1;
    this.#isRowHidden = false;
    for (let at = 0; at < attributes.length; at += 2)
      if (attributes[at] === 'r') row = Number(attributes[at + 1]);
      else if (attributes[at] === 'hidden') this.#isRowHidden = isTrue(attributes[at + 1]);
    // Rows stand in order; a file that goes back would let one row be read twice.
    if (!Number.isInteger(row) || row <= this.#rowNumber || row > SHEET_ROWS_MAX) throw new FileRefusal('file_corrupt');
    this.#rowNumber = row;
    this.#column = -1;
  }

  #openCell(attributes: readonly string[]): void {
    let column = this.#column + 1;
    this.#type = '';
    this.#style = 0;
    for (let at = 0; at < attributes.length; at += 2) {
      const value = attributes[at + 1] ?? '';
      if (attributes[at] === 'r') {
        const address = parseAddress(value);
        if (!address || address.row !== this.#rowNumber) throw new FileRefusal('file_corrupt');
        column = address.column;
      } else if (attributes[at] === 't') this.#type = value;
      else if (attributes[at] === 's') this.#style = Number(value);
    }
    if (column <= this.#column || column >= COLUMNS_MAX) throw new FileRefusal('file_corrupt');
    this.#column = column;
    this.#value = '';
    this.#hasValue = false;
    this.#hasFormula = false;
    this.#isInCell = true;
  }

  #closeCell(): void {
    this.#isInCell = false;
    const cell = this.#makeCell();
    if (cell) this.#cells[this.#column] = cell;
  }

  #makeCell(): Cell | undefined {
    const hasFormula = this.#hasFormula;
    const value = this.#value;
    if (!this.#hasValue || (value === '' && this.#type !== 'str' && this.#type !== 'inlineStr'))
      return hasFormula ? { kind: 'void', text: '', number: 0, hasFormula } : undefined;
    switch (this.#type) {
      case 's': {
        const text = this.#strings[Number(value)];
        if (text === undefined) throw new FileRefusal('file_corrupt');
        return { kind: 'text', text, number: 0, hasFormula };
      }
      case 'str':
      case 'inlineStr':
        return { kind: 'text', text: decodeEscapes(value), number: 0, hasFormula };
      case 'b':
        return { kind: 'boolean', text: '', number: isTrue(value) ? 1 : 0, hasFormula };
      case 'e':
        return { kind: 'error', text: value, number: 0, hasFormula };
      case 'd':
        return { kind: 'date', text: value, number: 0, hasFormula };
      default: {
        const number = Number(value);
        if (!Number.isFinite(number)) return { kind: 'text', text: value, number: 0, hasFormula };
        return { kind: this.#dateStyles[this.#style] ? 'date' : 'number', text: '', number, hasFormula };
      }
    }
  }

  #addMerge(reference: string): void {
    const [first, last] = reference.split(':').map(parseAddress);
    if (!first || !last || this.merges.length >= MERGES_MAX) return;
    this.merges.push({ firstRow: first.row, lastRow: last.row, firstColumn: first.column, lastColumn: last.column });
  }
}

function isTrue(value: string | undefined): boolean {
  return value === '1' || value === 'true' || value === 'on';
}

function ignore(): void {
  // what this part of the file says here is of no use to us
}
