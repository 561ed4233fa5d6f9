/** What runs in a worker thread: one function for each kind of work, its task and result plain data. */
import type { MessagePort } from 'node:worker_threads';
import type { AttendanceReport } from '#models/attendance/attendance.report.ts';
import type {
  AccessCard,
  AnnotationWords,
  CardWords,
  InvitationWords,
  FileIdentity,
  PersonalColumn,
  ReadOutcome,
  ReportWords,
  UnitsReading,
  TableWords,
  TemplateHead,
  WorkbookFormat,
  WordedFinding,
} from '#models/attendance/workbook.ts';
import type { UnitRow } from '#models/org/unit.form.ts';

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
  | { kind: 'personalColumn'; bytes: Uint8Array }
  | { kind: 'template'; identity: FileIdentity; head: TemplateHead; format: WorkbookFormat }
  | AnnotateTask
  | { kind: 'reportXlsx'; report: AttendanceReport; words: ReportWords }
  | { kind: 'reportPdf'; report: AttendanceReport; words: ReportWords }
  | { kind: 'invitationPdf'; words: InvitationWords }
  /** Rows come and go by a port of their own, piece by piece: one great message would hold up whoever takes it. */
  | { kind: 'readUnits'; bytes: Uint8Array; port: MessagePort }
  | { kind: 'unitsFile'; format: 'xlsx' | 'csv'; port: MessagePort }
  | { kind: 'tableXlsx'; sheet: string; headings: string[]; rows: (string | number | null)[][] }
  | { kind: 'tablePdf'; words: TableWords; headings: string[]; shares: number[]; rows: (string | number | null)[][] }
  | { kind: 'cardsPdf'; cards: AccessCard[]; words: CardWords; perPage: 1 | 2 };

yieldToTheCaller();

/** Libraries are loaded by the first task that needs them: a thread that only reads never carries the PDF writer. */
export default async function work(
  task: WorkbookTask,
): Promise<ReadOutcome | UnitsReading | PersonalColumn | Uint8Array | null> {
  switch (task.kind) {
    case 'read':
      return (await import('./read/read-attendance.ts')).readAttendance(task.bytes, task.expected);
    case 'personalColumn':
      return (await import('./read/personal-column.ts')).readPersonalColumn(task.bytes);
    case 'template':
      return (await import('./write/template.ts')).makeTemplate(task.identity, task.head, task.format);
    case 'annotate':
      return (await import('./write/annotate.ts')).annotate(task);
    case 'reportXlsx':
      return (await import('./write/report-xlsx.ts')).makeReportXlsx(task.report, task.words);
    case 'reportPdf':
      return (await import('./write/report-pdf.ts')).makeReportPdf(task.report, task.words);
    case 'invitationPdf':
      return (await import('./write/invitation-pdf.ts')).makeInvitationPdf(task.words);
    case 'readUnits':
      return readUnitsThrough(task.bytes, task.port);
    case 'unitsFile':
      return writeUnitsFrom(task.format, task.port);
    case 'tableXlsx':
      return (await import('./write/table.ts')).makeTable(task.sheet, task.headings, task.rows);
    case 'tablePdf':
      return (await import('./write/table-pdf.ts')).makeTablePdf(task.words, task.headings, task.shares, task.rows);
    case 'cardsPdf':
      return (await import('./write/cards-pdf.ts')).makeCardsPdf(task.cards, task.words, task.perPage);
  }
}

async function readUnitsThrough(bytes: Uint8Array, port: MessagePort): Promise<UnitsReading> {
  const { readUnits } = await import('./read/read-units.ts');
  const reading = await readUnits(bytes, (piece) => port.postMessage(piece));
  // Null after the last piece: the result comes by another way, and may be there before it.
  port.postMessage(null);
  return reading;
}

async function writeUnitsFrom(format: 'xlsx' | 'csv', port: MessagePort): Promise<Uint8Array> {
  const writer = (await import('./write/units.ts')).unitsWriter(format);
  await new Promise<void>((resolve) => {
    port.on('message', (piece: readonly UnitRow[] | null) => {
      if (piece) writer.add(piece);
      else resolve();
    });
  });
  port.close();
  return writer.finish();
}
