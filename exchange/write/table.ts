/** Tables as .xlsx. Every text goes out as a text cell in text format: it stays text even when a person edits it. */
import ExcelJS from 'exceljs';

const WIDTH_MIN = 8;
const WIDTH_MAX = 60;

export async function makeTable(
  sheetName: string,
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): Promise<Uint8Array> {
  const book = new ExcelJS.Workbook();
  addTable(book, sheetName, [], headings, rows);
  return new Uint8Array(await book.xlsx.writeBuffer());
}

/** Adds a sheet: lines of text, then the headings, frozen with all above them, then the rows. */
export function addTable(
  book: ExcelJS.Workbook,
  sheetName: string,
  lines: readonly string[],
  headings: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): void {
  const headerRow = lines.length + 1;
  const sheet = book.addWorksheet(sheetNameOf(sheetName), { views: [{ state: 'frozen', ySplit: headerRow }] });
  lines.forEach((line, index) => writeCell(sheet.getCell(index + 1, 1), line));
  headings.forEach((heading, index) => {
    const cell = sheet.getCell(headerRow, index + 1);
    writeCell(cell, heading);
    cell.font = { bold: true };
    cell.alignment = { wrapText: true, vertical: 'middle' };
    const longest = rows.reduce((most, row) => Math.max(most, String(row[index] ?? '').length), heading.length / 2);
    sheet.getColumn(index + 1).width = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, longest + 2));
  });
  rows.forEach((row, rowIndex) =>
    row.forEach((value, index) => writeCell(sheet.getCell(headerRow + 1 + rowIndex, index + 1), value)),
  );
  sheet.pageSetup.printTitlesRow = `${headerRow}:${headerRow}`;
}

export function writeCell(cell: ExcelJS.Cell, value: string | number | null): void {
  if (value === null) return;
  if (typeof value === 'number') cell.value = value;
  else {
    cell.value = value.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g, ' ');
    cell.numFmt = '@';
  }
}

/** What the format forbids in a sheet's name becomes a space; 31 characters at most. */
export function sheetNameOf(name: string): string {
  const clean = name
    .replace(/[[\]*?:/\\']/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 31)
    .trim();
  return clean === '' || clean.toLowerCase() === 'history' ? 'Sheet' : clean;
}
