import type { FileIdentity, ReadOutcome } from '#models/attendance/workbook.ts';
import { ATTENDANCE_FORM, ATTENDANCE_LIMITS, toAttendanceRows } from '../attendance-form.ts';
import { readForm } from './read-form.ts';

export async function readAttendance(bytes: Uint8Array, expected: FileIdentity): Promise<ReadOutcome> {
  const outcome = await readForm(bytes, ATTENDANCE_FORM, expected, ATTENDANCE_LIMITS);
  return outcome.kind === 'accepted' ? { ...outcome, rows: toAttendanceRows(outcome.rows) } : outcome;
}
