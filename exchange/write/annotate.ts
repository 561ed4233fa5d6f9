/**
 * The same file back with its errors written in: a column beside the rows, a sheet with the list, and in .xlsx the cells
 * themselves marked. Corrected and sent again it reads as before; annotated again, the old errors give way to the new.
 */
import type { AnnotationWords, WordedFinding, WorkbookFormat } from '#models/attendance/workbook.ts';
import { annotateXls } from './annotate-xls.ts';
import { annotateXlsx, annotateXlsxPlain } from './annotate-xlsx.ts';

export async function annotate(
  bytes: Uint8Array,
  format: WorkbookFormat,
  findings: WordedFinding[],
  words: AnnotationWords,
): Promise<Uint8Array> {
  if (format === 'xls') return annotateXls(bytes, findings, words);
  try {
    return await annotateXlsx(bytes, findings, words);
  } catch {
    // exceljs does not load every file that a program writes (drawings, tables, extensions): then the plain data goes back.
    return annotateXlsxPlain(bytes, findings, words);
  }
}
