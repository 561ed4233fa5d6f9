/**
 * The same file back with its errors written in: a column beside the rows, a sheet with the list, and in .xlsx the cells
 * themselves marked. Corrected and sent again it reads as before; annotated again, the old errors give way to the new.
 */
import { ATTENDANCE_LIMITS } from '../attendance-form.ts';
import type { AnnotateTask } from '../workbook.worker.ts';
import { annotateXls } from './annotate-xls.ts';
import { annotateXlsx, annotateXlsxPlain } from './annotate-xlsx.ts';
import { isLoadable } from './loadable.ts';

export async function annotate({ bytes, format, findings, words }: AnnotateTask): Promise<Uint8Array> {
  if (format === 'xls') return annotateXls(bytes, findings, words);
  if (!(await isLoadable(bytes, ATTENDANCE_LIMITS))) return annotateXlsxPlain(bytes, findings, words);
  try {
    return await annotateXlsx(bytes, findings, words);
  } catch {
    // exceljs does not load every file that a program writes (drawings, tables, extensions): then the plain data goes back.
    return annotateXlsxPlain(bytes, findings, words);
  }
}
