/** Files that mean harm, lie, or are not what they seem: each gets its own answer, none stops the hub. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as xlsx from '@e965/xlsx';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '#chance/chance.ts';
import { EXPANDED_BYTES_MAX, EXPANSION_FREE_BYTES, FILE_BYTES_MAX } from '#models/attendance/attendance.form.ts';
import { FINDING_CODES, type ReadOutcome, type Workbooks } from '#models/attendance/workbook.ts';
import {
  ANNOTATION_WORDS,
  filledXls,
  filledXlsx,
  GOOD_ROWS,
  handmade,
  handmadeParts,
  IDENTITY,
  rowsOfClasses,
  worded,
  xmlForm,
  xmlRow,
  zipOf,
} from './testing.ts';
import { createWorkbooks } from './workbooks.ts';

let workbooks: Workbooks;
beforeAll(() => {
  workbooks = createWorkbooks({ threads: 2 });
});
afterAll(() => workbooks.close());

function read(bytes: Uint8Array | string): Promise<ReadOutcome> {
  return workbooks.read(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, IDENTITY);
}

async function codesOf(bytes: Uint8Array | string): Promise<string[]> {
  const outcome = await read(bytes);
  return outcome.kind === 'accepted'
    ? ['accepted', ...outcome.notes.map(({ code }) => code)]
    : outcome.findings.map(({ code }) => code);
}

async function onlyFinding(bytes: Uint8Array | string): Promise<Record<string, unknown>> {
  const outcome = await read(bytes);
  if (outcome.kind === 'accepted') return { code: 'accepted' };
  const [finding] = outcome.findings;
  return { format: outcome.format, code: finding?.code, ...finding?.params };
}

function biff(...records: [type: number, body: number[]][]): Uint8Array {
  return Uint8Array.from(
    records.flatMap(([type, body]) => [type & 255, type >> 8, body.length & 255, body.length >> 8, ...body]),
  );
}

function compound(stream: string, content: Uint8Array): Uint8Array {
  const files = xlsx.CFB as {
    utils: {
      cfb_new(): unknown;
      cfb_add(file: unknown, name: string, content: Uint8Array): void;
    };
    write(file: unknown, options: { type: 'buffer' }): Uint8Array;
  };
  const file = files.utils.cfb_new();
  files.utils.cfb_add(file, stream, content);
  return new Uint8Array(files.write(file, { type: 'buffer' }));
}

describe('what is no workbook', () => {
  it('[S2-19] an empty file is told from a damaged one', async () => {
    expect(await onlyFinding('')).toEqual({ format: null, code: 'file_empty' });
  });

  it.each([
    ['csv', 'Класс;Полугодие;Число\r\n5А;I;25\r\n'],
    ['csv', 'Класс\tПолугодие\n5А\tI\n'],
    ['text', 'Просто письмо без таблицы'],
    ['html', '\uFEFF<html><body><table><tr><td>5А</td></tr></table></body></html>'],
    ['html', '<!DOCTYPE html><p>'],
    ['xml', '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'],
    ['pdf', '%PDF-1.7\n1 0 obj'],
    ['rtf', '{\\rtf1\\ansi 5A}'],
    ['unknown', '\u0001\u0002\u0000\u0003'],
  ])('[S2-19] %s under the name of a workbook is called what it is', async (looksLike, content) => {
    expect(await onlyFinding(content)).toEqual({ format: null, code: 'file_not_spreadsheet', looksLike });
  });

  it('a picture, a plain archive and a text document are called what they are', async () => {
    const document = handmadeParts({ sheetData: '' }).map((part) => ({
      ...part,
      name: part.name.replace('xl/workbook', 'word/document'),
      content: String(part.content).replace('xl/workbook.xml', 'word/document.xml'),
    }));
    expect(await onlyFinding(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10))).toMatchObject({
      looksLike: 'image',
    });
    expect(await onlyFinding(zipOf([{ name: 'a.txt', content: 'a' }]))).toMatchObject({ looksLike: 'zip' });
    expect(await onlyFinding(zipOf([{ name: 'content.xml', content: '<a/>' }]))).toMatchObject({ looksLike: 'ods' });
    expect(await onlyFinding(zipOf(document))).toMatchObject({ looksLike: 'document' });
  });

  it('old Excel is named by its program', async () => {
    const bof = (version: number): Uint8Array =>
      biff([0x0809, [version & 255, version >> 8, 5, 0, 0, 0, 0, 0]], [0x0a, []]);
    expect(await onlyFinding(biff([0x0009, [2, 0, 16, 0]]))).toMatchObject({
      code: 'file_excel_old',
      program: 'Excel 2.0',
    });
    expect(await onlyFinding(biff([0x0209, [0, 0, 16, 0]]))).toMatchObject({
      code: 'file_excel_old',
      program: 'Excel 3.0',
    });
    expect(await onlyFinding(biff([0x0409, [0, 0, 16, 0]]))).toMatchObject({
      code: 'file_excel_old',
      program: 'Excel 4.0',
    });
    expect(await onlyFinding(bof(0x0500))).toMatchObject({ code: 'file_excel_old', program: 'Excel 5.0/95' });
    expect(await onlyFinding(compound('Book', bof(0x0500)))).toMatchObject({ code: 'file_excel_old' });
    expect(await onlyFinding(compound('Workbook', bof(0x0500)))).toMatchObject({ code: 'file_excel_old' });
  });

  it('a file with a password is told from a damaged one', async () => {
    const locked = biff([0x0809, [0, 6, 5, 0, 0, 0, 0, 0]], [0x002f, [1, 0, 1, 0, 1, 0]], [0x0a, []]);
    expect(await codesOf(compound('EncryptedPackage', new Uint8Array(64)))).toEqual(['file_encrypted']);
    expect(await codesOf(compound('Workbook', locked))).toEqual(['file_encrypted']);
  });

  it('a compound file without a workbook is damaged or another document', async () => {
    expect(await onlyFinding(compound('WordDocument', new Uint8Array(64)))).toMatchObject({ looksLike: 'document' });
    expect(await codesOf(compound('Contents', new Uint8Array(64)))).toEqual(['file_corrupt']);
  });

  it.each(['good.xls', 'good.xlsx'])('%s cut anywhere is damaged, never accepted', async (name) => {
    const whole = readFileSync(join(import.meta.dirname, 'fixtures', name));
    for (const share of [0.02, 0.3, 0.5, 0.8, 0.95])
      expect(await codesOf(whole.subarray(0, Math.floor(whole.length * share)))).toEqual(['file_corrupt']);
  });
});

describe('size', () => {
  it('a file of exactly the largest size is opened, one byte more is refused', async () => {
    const padded = (bytes: number): Uint8Array => {
      const file = new Uint8Array(bytes);
      file.set([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
      return file;
    };
    expect(await codesOf(padded(FILE_BYTES_MAX))).toEqual(['file_corrupt']);
    expect(await onlyFinding(padded(FILE_BYTES_MAX + 1))).toMatchObject({ code: 'file_too_big', mb: 6, mbMax: 5 });
  });

  it('a part that declares more than is allowed is refused before it is unpacked', async () => {
    const bytes = handmade({ sheetData: xmlForm(GOOD_ROWS), declaredBytes: EXPANDED_BYTES_MAX + 1 });
    expect(await onlyFinding(bytes)).toMatchObject({ code: 'file_bomb', mbMax: 64 });
  });

  it('a steep expansion is refused past the free part and read below it', async () => {
    const blank = (bytes: number): string => xmlForm(GOOD_ROWS) + '<!---->'.repeat(bytes / 7);
    expect(await codesOf(handmade({ sheetData: blank(EXPANSION_FREE_BYTES - 100_000) }))).toEqual(['accepted']);
    expect(await onlyFinding(handmade({ sheetData: blank(EXPANSION_FREE_BYTES) }))).toMatchObject({
      code: 'file_bomb',
      ratioMax: 150,
    });
  });

  it('a part that declares less than it gives is damaged: nothing past the declared size is taken', async () => {
    const bytes = handmade({ sheetData: xmlForm(GOOD_ROWS) + ' '.repeat(20_000_000), declaredBytes: 5_000 });
    expect(await codesOf(bytes)).toEqual(['file_corrupt']);
  });

  it('many parts are a bomb', async () => {
    const parts = Array.from({ length: 1_001 }, (_, index) => ({ name: `a${index}`, content: '' }));
    expect(await codesOf(zipOf(parts))).toEqual(['file_bomb']);
  });

  it('a million empty rows are passed over', async () => {
    const start = xmlForm(GOOD_ROWS);
    let empty = '';
    for (let row = 5; row <= 1_000_000; row++) empty += `<row r="${row}"/>`;
    expect(await codesOf(handmade({ sheetData: start + empty }))).toEqual(['accepted']);
  });

  it('a declared dimension of the whole sheet costs nothing', async () => {
    const beforeData = '<dimension ref="A1:XFD1048576"/><cols><col min="1" max="16384" width="9"/></cols>';
    expect(await codesOf(handmade({ beforeData, sheetData: xmlForm(GOOD_ROWS) }))).toEqual(['accepted']);
  });

  it('2,000 rows are read, one more is refused', async () => {
    const rows = rowsOfClasses(1_000).map((row, index) => [
      `${1 + (Math.floor(index / 2) % 11)}${letters(Math.floor(index / 22))}`,
      ...row.slice(1),
    ]) as (string | number)[][];
    const outcome = await read(handmade({ sheetData: xmlForm(rows) }));
    expect(outcome.kind === 'accepted' && outcome.rows.length).toBe(2_000);
    const more = [...rows, ['12Я', 'I', 1, 1, 1, 1, 0]];
    expect(await codesOf(handmade({ sheetData: xmlForm(more) }))).toContain('rows_too_many');
  });

  it('500 findings are listed, the rest counted', async () => {
    const bad = (count: number): (string | number)[][] =>
      Array.from({ length: count }, () => ['нет', 'I', 25, 78, 400, 300, 10]);
    expect(await codesOf(handmade({ sheetData: xmlForm(bad(500)) }))).toHaveLength(500);
    const outcome = await read(handmade({ sheetData: xmlForm(bad(501)) }));
    expect(outcome.kind === 'refused' && outcome.findings).toHaveLength(501);
    expect(outcome.kind === 'refused' && outcome.findings.at(-1)).toMatchObject({
      code: 'note_findings_cut',
      params: { findingsMax: 500, total: 501 },
    });
  });
});

/** Two letters that are no lookalikes of each other: enough names for a thousand classes. */
function letters(index: number): string {
  const alphabet = 'АБВГДЕЖЗИК';
  return `${alphabet[Math.floor(index / 10)] ?? 'Л'}${alphabet[index % 10] ?? 'Л'}`;
}

describe('XML', () => {
  const laughs = `<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY a "ха"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>`;

  it('a document type is refused wherever it stands: no entity is ever expanded', async () => {
    expect(await codesOf(handmade({ sheetData: xmlForm(GOOD_ROWS), sharedStrings: laughs }))).toEqual(['file_unsafe']);
    const outside = `<!DOCTYPE r SYSTEM "file:///etc/passwd"><r/>`;
    expect(await codesOf(handmade({ sheetData: xmlForm(GOOD_ROWS), sharedStrings: outside }))).toEqual(['file_unsafe']);
  });

  it('an entity nobody declared stays the text it is', async () => {
    const rows = [['5А', 'I', '&nosuch;', 78, 400, 300, 10], ...GOOD_ROWS.slice(1)];
    const outcome = await read(handmade({ sheetData: xmlForm(rows) }));
    expect(outcome.kind === 'refused' && outcome.findings[0]).toMatchObject({
      code: 'not_a_number',
      value: '&nosuch;',
    });
  });

  it('a strict file reads like a transitional one', async () => {
    expect(await codesOf(handmade({ sheetData: xmlForm(GOOD_ROWS), isStrict: true }))).toEqual(['accepted']);
  });

  it('prefixes, comments, CDATA, single quotes and cells without addresses are XML too', async () => {
    const row = (cells: string): string => `<x:row>${cells}</x:row>`;
    const cell = (value: string | number): string => `<x:c t='str'><x:v><![CDATA[${value}]]></x:v></x:c>`;
    const sheetData =
      xmlForm([]) + GOOD_ROWS.map((values) => row(`<!-- a > b -->${values.map(cell).join('')}`)).join('');
    const outcome = await read(handmade({ sheetData }));
    expect(outcome.kind === 'accepted' && outcome.rows).toHaveLength(2);
  });

  it.each([
    ['a row that goes back', xmlForm(GOOD_ROWS) + xmlRow(3, ['6А'])],
    ['a cell that goes back', `${xmlForm([])}<row r="3"><c r="B3"><v>1</v></c><c r="A3"><v>1</v></c></row>`],
    ['a cell of another row', `${xmlForm([])}<row r="3"><c r="A9"><v>1</v></c></row>`],
    ['a column past the last', `${xmlForm([])}<row r="3"><c r="XFE3"><v>1</v></c></row>`],
    ['a row past the last', `${xmlForm([])}<row r="1048577"/>`],
    ['a shared string that is not there', `${xmlForm([])}<row r="3"><c r="A3" t="s"><v>7</v></c></row>`],
    ['elements closed twice', `${xmlForm(GOOD_ROWS)}</sheetData></worksheet></a>`],
    ['elements never closed', `${xmlForm(GOOD_ROWS)}<row r="9"><c r="A9">`],
  ])('%s is a damaged file', async (_, sheetData) => {
    expect(await codesOf(handmade({ sheetData }))).toEqual(['file_corrupt']);
  });

  it('names of the prototype are names like others', async () => {
    const rows = [['__proto__', 'constructor', 'toString', 78, 400, 300, 10], ...GOOD_ROWS];
    const outcome = await read(handmade({ sheetData: xmlForm(rows) }));
    expect(outcome.kind === 'refused' && outcome.findings.map(({ code }) => code)).toEqual([
      'class_unreadable',
      'half_year_unreadable',
      'not_a_number',
    ]);
    const named = await filledXls(GOOD_ROWS, (_, book) => {
      xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet([['a']]), 'constructor');
    });
    expect(await codesOf(named)).toEqual(['accepted', 'note_sheet_extra']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

describe('records of an .xls', () => {
  const BOF: [number, number[]] = [0x0809, [0, 6, 5, 0, 0, 0, 0, 0]];
  const EOF: [number, number[]] = [0x000a, []];

  it.each<[string, [number, number[]]]>([
    ['external sheets without a count', [0x0017, []]],
    ['merged cells that claim 65,535 ranges', [0x00e5, [255, 255]]],
    ['a text that claims more characters than it has', [0x0204, [0, 0, 0, 0, 0, 0, 255, 255, 1]]],
    ['a formula longer than its record', [0x0006, [...Array<number>(20).fill(0), 255, 255]]],
    ['a link over the whole sheet', [0x01b8, [0, 0, 255, 255, 0, 0, 255, 255]]],
  ])('%s costs nothing', async (_, record) => {
    const records = Array.from({ length: 50_000 }, () => record);
    const [code] = await codesOf(compound('Workbook', biff(BOF, ...records, EOF)));
    expect(['form_missing', 'file_corrupt']).toContain(code);
  });

  it('more cells than any form holds are refused before the library makes an object of each', async () => {
    const row = (cells: number): [number, number[]] => [
      0x00bd,
      [0, 0, 0, 0, ...Array<number>(cells * 6).fill(0), cells - 1, 0],
    ];
    const rows = (count: number, cells: number): [number, number[]][] =>
      Array.from({ length: count }, () => row(cells));
    expect(await codesOf(compound('Workbook', biff(BOF, ...rows(800, 250), EOF)))).not.toEqual(['file_too_heavy']);
    expect(await codesOf(compound('Workbook', biff(BOF, ...rows(800, 250), row(2), EOF)))).toEqual(['file_too_heavy']);
  });

  it('a stream whose last record breaks off is damaged', async () => {
    expect(await codesOf(compound('Workbook', biff(BOF, [0x0203, [1, 2]]).subarray(0, -1)))).toEqual(['file_corrupt']);
  });
});

describe('macros', () => {
  it('are data: a workbook that carries them is read as if they were not there', async () => {
    const parts = handmadeParts({
      sheetData: xmlForm(GOOD_ROWS),
      parts: [{ name: 'xl/vbaProject.bin', content: 'Sub X' }],
    });
    expect(await codesOf(zipOf(parts))).toEqual(['accepted']);
  });
});

describe('time and memory', () => {
  it('a file that takes too long is refused with the limit, and the next is read', async () => {
    const hurried = createWorkbooks({ threads: 1, readSecondsMax: 0.001 });
    const slow = await hurried.read(await filledXlsx(rowsOfClasses(500)), IDENTITY);
    expect(slow).toEqual({
      kind: 'refused',
      format: null,
      findings: [{ code: 'file_too_slow', severity: 'error', params: { seconds: 0.001 } }],
    });
    await hurried.close();
    expect(await codesOf(await filledXlsx(GOOD_ROWS))).toEqual(['accepted']);
  });

  it('a file too large to be loaded whole is annotated by its values', async () => {
    let sheetData = xmlForm([['5А', 'I', 'много', 78, 400, 300, 10], ...GOOD_ROWS.slice(1)]);
    for (let row = 5; row <= 400_000; row++)
      sheetData += `<row r="${row}"><c r="A${row}" s="0"/><c r="B${row}" s="0"/></row>`;

    const bytes = handmade({ sheetData });
    const before = await workbooks.read(bytes, IDENTITY);
    const findings = before.kind === 'refused' ? before.findings : [];
    const annotated = await workbooks.annotate(bytes, 'xlsx', worded(findings), ANNOTATION_WORDS);
    const after = await workbooks.read(annotated, IDENTITY);
    expect(findings.map(({ code }) => code)).toEqual(['not_a_number']);
    expect(after).toEqual(before);
  });

  it('a range over the whole sheet is never unfolded when the file is annotated', async () => {
    const bytes = handmade({
      sheetData: xmlForm([['5А', 'I', 'много', 78, 400, 300, 10], ...GOOD_ROWS.slice(1)]),
      afterData:
        '<mergeCells count="1"><mergeCell ref="J9:XFD1048576"/></mergeCells><dataValidations count="1"><dataValidation type="whole" sqref="A1:XFD1048576"><formula1>1</formula1></dataValidation></dataValidations>',
    });
    const before = await workbooks.read(bytes, IDENTITY);
    const findings = before.kind === 'refused' ? before.findings : [];
    const annotated = await workbooks.annotate(bytes, 'xlsx', worded(findings), ANNOTATION_WORDS);
    expect(await workbooks.read(annotated, IDENTITY)).toEqual(before);
  });

  it('more files than may wait are turned away, those that wait are read', async () => {
    const narrow = createWorkbooks({ threads: 1, waitingMax: 2 });
    const bytes = await filledXlsx(GOOD_ROWS);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => narrow.read(bytes, IDENTITY)));
    await narrow.close();
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
    expect(outcomes[3]).toMatchObject({ reason: { code: 'busy' } });
  });
});

describe('mutated files', () => {
  const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
  const MUTANTS_OF_EACH = 150;

  it(`always get an outcome of the contract (seed ${SEED})`, { timeout: 60_000 }, async () => {
    console.log(`mutated files: SEED=${SEED}`);
    const random = mulberry32(SEED);
    // A mutant may send the BIFF8 library into an endless loop: the time limit is what stops it, and is kept short here.
    const patient = createWorkbooks({ threads: 2, readSecondsMax: 3 });
    const give = (bytes: Uint8Array): Promise<ReadOutcome> => patient.read(bytes, IDENTITY);
    const plain = handmadeParts({ sheetData: xmlForm(GOOD_ROWS) });
    const originals = [
      readFileSync(join(import.meta.dirname, 'fixtures', 'messy-good.xls')),
      readFileSync(join(import.meta.dirname, 'fixtures', 'messy-good.xlsx')),
    ];
    const codes = new Set<string>(FINDING_CODES);
    const tasks: Promise<ReadOutcome>[] = [];
    for (let count = 0; count < MUTANTS_OF_EACH; count++) {
      for (const original of originals) tasks.push(give(mutated(original, random)));
      // Packages whose XML is broken inside: the compression would hide it from a flip of bytes outside.
      tasks.push(
        give(
          zipOf(
            plain.map(({ name, content }) => ({
              name,
              content: Buffer.from(mutated(Buffer.from(content), random, 0.3)),
            })),
          ),
        ),
      );
    }
    const outcomes = await Promise.all(tasks).finally(() => patient.close());
    for (const outcome of outcomes)
      if (outcome.kind === 'refused') {
        expect(outcome.findings.length).toBeGreaterThan(0);
        for (const { code } of outcome.findings) expect(codes).toContain(code);
      } else expect(outcome.rows.length).toBeGreaterThan(0);
  });

  /** A few bytes changed, a piece cut out or doubled. */
  function mutated(original: Uint8Array, random: () => number, chance = 1): Uint8Array {
    const bytes = Uint8Array.from(original);
    if (random() > chance) return bytes;
    const at = (): number => Math.floor(random() * bytes.length);
    const way = random();
    if (way < 0.6) for (let flips = 1 + random() * 20; flips > 0; flips--) bytes[at()] = Math.floor(random() * 256);
    else if (way < 0.8) return bytes.subarray(0, at());
    else {
      const [from = 0, to] = [at(), at()].sort((a, b) => a - b);
      bytes.copyWithin(at(), from, to);
    }
    return bytes;
  }
});
