/** The empty form an institution downloads (S2-09, S2-10): real BIFF8 and .xlsx of the same content, with identity inside. */
import * as xlsx from '@e965/xlsx';
import ExcelJS from 'exceljs';
import {
  ATTENDANCE_COLUMNS,
  type AttendanceColumn,
  DATA_SHEET,
  HALF_YEARS,
} from '#models/attendance/attendance.form.ts';
import type { FileIdentity, TemplateHead, WorkbookFormat } from '#models/attendance/workbook.ts';
import { columnLetters } from '../cells.ts';
import { IDENTITY_SHEET, identityLine, identityRows, INSTRUCTION_SHEET, type WrittenIdentity } from '../identity.ts';

/** Rows above the data: title, institution, identity, a blank one, the headings. */
export const HEADER_ROW = 5;
/** Rows that the rules reach: a large school has about 60 classes, and a program that loads the file pays for each row. */
const PREPARED_ROWS = 300;
const COLUMN_WIDTHS: readonly number[] = [10, 18, 20, 16, 25, 20, 36];

export function makeTemplate(identity: FileIdentity, head: TemplateHead, format: WorkbookFormat): Promise<Uint8Array> {
  const content = contentOf(identity, head);
  return format === 'xls' ? Promise.resolve(makeXls(content)) : makeXlsx(content);
}

interface TemplateContent {
  headRows: string[];
  headings: string[];
  identity: string[][];
  instructions: string[];
}

function contentOf({ formId, version, procedure, institution }: FileIdentity, head: TemplateHead): TemplateContent {
  const written: WrittenIdentity = { form: formId, version, procedure, institution };
  return {
    headRows: [
      `Данные о посещаемости за первое и второе полугодие ${head.academicYear} учебного года`,
      head.institutionName,
      identityLine(written),
    ],
    headings: ATTENDANCE_COLUMNS.map(({ heading }) => heading),
    identity: identityRows(written),
    instructions: instructionsFor(head),
  };
}

function instructionsFor({ academicYear, institutionName }: TemplateHead): string[] {
  return [
    'Как заполнить',
    `Файл подготовлен для организации: ${institutionName}. Файл другой организации не принимается.`,
    `1. Откройте лист «${DATA_SHEET}». Данные вносятся со строки ${HEADER_ROW + 1}, под заголовками.`,
    `2. На каждый класс нужны две строки: за I и за II полугодие ${academicYear} учебного года.`,
    '3. Класс пишется цифрой и буквой: 5А. Полугодие: I или II.',
    '4. Числа берутся из журналов успеваемости и пишутся целыми, без слов и единиц измерения. Если пропусков нет, пишется 0.',
    '5. «Пропущено уроков всего» – сумма по всем обучающимся класса за полугодие.',
    '6. Пропуски по болезни и без уважительной причины входят во всего; вместе они не больше, чем всего.',
    '7. Заголовки, строки над ними и название листа не меняйте. Столбцы не добавляйте и не объединяйте.',
    '8. Сохраните файл в формате Excel 97–2003 (.xls) или Excel (.xlsx) и отправьте его в личном кабинете.',
    'Пример строки:',
    ATTENDANCE_COLUMNS.map(({ heading, example }) => `${heading}: ${example}`).join('; '),
  ];
}

function makeXls({ headRows, headings, identity, instructions }: TemplateContent): Uint8Array {
  const data = xlsx.utils.aoa_to_sheet([...headRows.map((text) => [text]), [], headings]);
  data['!cols'] = COLUMN_WIDTHS.map((wch) => ({ wch }));
  const help = xlsx.utils.aoa_to_sheet(instructions.map((line) => [line]));
  help['!cols'] = [{ wch: 120 }];
  const book = xlsx.utils.book_new();
  xlsx.utils.book_append_sheet(book, data, DATA_SHEET);
  xlsx.utils.book_append_sheet(book, help, INSTRUCTION_SHEET);
  xlsx.utils.book_append_sheet(book, xlsx.utils.aoa_to_sheet(identity), IDENTITY_SHEET);
  book.Workbook = { Sheets: [{ Hidden: 0 }, { Hidden: 0 }, { Hidden: 1 }] };
  return new Uint8Array(xlsx.write(book, { bookType: 'biff8', type: 'array' }) as ArrayBuffer);
}

async function makeXlsx({ headRows, headings, identity, instructions }: TemplateContent): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  const data = book.addWorksheet(DATA_SHEET, { views: [{ state: 'frozen', ySplit: HEADER_ROW }] });
  for (const text of headRows) data.addRow([text]);
  data.addRow([]);
  data.addRow(headings);
  data.getRow(1).font = { bold: true, size: 13 };
  data.getRow(2).font = { bold: true };
  data.getRow(3).font = { color: { argb: 'FF6B7280' } };
  data.getRow(HEADER_ROW).height = 32;
  headings.forEach((_, index) => {
    const cell = data.getCell(HEADER_ROW, index + 1);
    cell.font = { bold: true };
    cell.alignment = { wrapText: true, vertical: 'middle' };
    cell.fill = { type: 'pattern', pattern: 'solid', fgColor: { argb: 'FFE8EDF2' } };
    cell.border = { bottom: { style: 'thin' } };
    data.getColumn(index + 1).width = COLUMN_WIDTHS[index] ?? 20;
  });
  prepareColumns(data);
  // A protection without a password: it keeps the head from slips, not from the will of its owner.
  await data.protect('', {
    formatColumns: true,
    formatRows: true,
    formatCells: true,
    insertRows: true,
    deleteRows: true,
    sort: true,
  });

  const help = book.addWorksheet(INSTRUCTION_SHEET);
  help.getColumn(1).width = 120;
  help.getColumn(1).alignment = { wrapText: true };
  for (const line of instructions) help.addRow([line]);
  help.getRow(1).font = { bold: true, size: 13 };

  const hidden = book.addWorksheet(IDENTITY_SHEET, { state: 'hidden' });
  hidden.addRows(identity);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

/**
 * Unlocks the columns to fill and tells the program what each may hold, so that most slips never reach the hub. Whole columns and
 * ranges: a style and a rule for each single cell would make the file three times as large.
 */
function prepareColumns(sheet: ExcelJS.Worksheet): void {
  const rules = (sheet as unknown as { dataValidations: ValidationRanges }).dataValidations;
  ATTENDANCE_COLUMNS.forEach((column, index) => {
    sheet.getColumn(index + 1).protection = { locked: false };
    const letters = columnLetters(index);
    const rule = ruleOf(column);
    if (rule) rules.add(`${letters}${HEADER_ROW + 1}:${letters}${HEADER_ROW + PREPARED_ROWS}`, rule);
  });
  for (let row = 1; row <= HEADER_ROW; row++)
    for (let column = 1; column <= ATTENDANCE_COLUMNS.length; column++)
      sheet.getCell(row, column).protection = { locked: true };
}

/** Rules over ranges, which exceljs writes but its types leave out. */
interface ValidationRanges {
  add(range: string, rule: ExcelJS.DataValidation): void;
}

function ruleOf({ type, key, heading }: AttendanceColumn): ExcelJS.DataValidation | null {
  const told = { allowBlank: true, showErrorMessage: true, errorTitle: heading };
  if (type.kind === 'whole')
    return {
      ...told,
      type: 'whole',
      operator: 'between',
      formulae: [type.min, type.max],
      error: `Нужно целое число от ${type.min} до ${type.max}.`,
    };
  return key === 'halfYear'
    ? { ...told, type: 'list', formulae: [`"${HALF_YEARS.join(',')}"`], error: 'Нужно I или II.' }
    : null;
}
