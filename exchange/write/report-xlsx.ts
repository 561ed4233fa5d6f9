import ExcelJS from 'exceljs';
import type { AttendanceReport } from '#models/attendance/attendance.report.ts';
import type { ReportWords } from '#models/attendance/workbook.ts';
import { reportLines, reportTable } from './report-table.ts';
import { addTable } from './table.ts';

/** The report as a workbook: figures on top, one row for each class and half-year below. */
export async function makeReportXlsx(report: AttendanceReport, words: ReportWords): Promise<Uint8Array> {
  const { headings, rows } = reportTable(report, words);
  const lines = [
    ...reportLines(words),
    '',
    ...words.figures.map(({ label, value }) => `${label}: ${value}`),
    '',
    words.howCounted,
    '',
  ];
  const book = new ExcelJS.Workbook();
  addTable(book, words.title, lines, headings, rows);
  return new Uint8Array(await book.xlsx.writeBuffer());
}
