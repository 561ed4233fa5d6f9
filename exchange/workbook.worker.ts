/** What runs in a worker thread: one function for each kind of work, its task and result plain data. */
import type { AttendanceReport } from '#models/attendance/attendance.report.ts';
import type {
  AnnotationWords,
  FileIdentity,
  ReadOutcome,
  ReportWords,
  TemplateHead,
  WorkbookFormat,
  WordedFinding,
} from '#models/attendance/workbook.ts';

import { yieldToTheCaller } from './background-thread.ts';

export interface AnnotateTask {
  kind: 'annotate';
  bytes: Uint8Array;
  format: WorkbookFormat;
  findings: WordedFinding[];
  words: AnnotationWords;
}

export type WorkbookTask =
  | { kind: 'read'; bytes: Uint8Array; expected: FileIdentity }
  | { kind: 'template'; identity: FileIdentity; head: TemplateHead; format: WorkbookFormat }
  | AnnotateTask
  | { kind: 'reportXlsx'; report: AttendanceReport; words: ReportWords }
  | { kind: 'reportPdf'; report: AttendanceReport; words: ReportWords }
  | { kind: 'tableXlsx'; sheet: string; headings: string[]; rows: (string | number | null)[][] };

yieldToTheCaller();

/** Libraries are loaded by the first task that needs them: a thread that only reads never carries the PDF writer. */
export default async function work(task: WorkbookTask): Promise<ReadOutcome | Uint8Array> {
  switch (task.kind) {
    case 'read':
      return (await import('./read/read-attendance.ts')).readAttendance(task.bytes, task.expected);
    case 'template':
      return (await import('./write/template.ts')).makeTemplate(task.identity, task.head, task.format);
    case 'annotate':
      return (await import('./write/annotate.ts')).annotate(task);
    case 'reportXlsx':
      return (await import('./write/report-xlsx.ts')).makeReportXlsx(task.report, task.words);
    case 'reportPdf':
      return (await import('./write/report-pdf.ts')).makeReportPdf(task.report, task.words);
    case 'tableXlsx':
      return (await import('./write/table.ts')).makeTable(task.sheet, task.headings, task.rows);
  }
}
