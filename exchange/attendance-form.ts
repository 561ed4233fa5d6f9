import {
  ATTENDANCE_COLUMNS,
  type AttendanceRow,
  checkAttendance,
  DATA_SHEET,
  EXPANDED_BYTES_MAX,
  EXPANSION_FREE_BYTES,
  EXPANSION_RATIO_MAX,
  FILE_BYTES_MAX,
  FORM_ID,
  FORM_VERSION,
  ROWS_MAX,
} from '#models/attendance/attendance.form.ts';
import type { FileLimits, FormDefinition } from './form.ts';

/** The attendance form as the generic reader takes it. */
export const ATTENDANCE_FORM: FormDefinition = {
  formId: FORM_ID,
  version: FORM_VERSION,
  dataSheet: DATA_SHEET,
  columns: ATTENDANCE_COLUMNS,
  rowsMax: ROWS_MAX,
  check: (rows) => checkAttendance(rows),
};

export const ATTENDANCE_LIMITS: FileLimits = {
  fileBytesMax: FILE_BYTES_MAX,
  expandedBytesMax: EXPANDED_BYTES_MAX,
  expansionRatioMax: EXPANSION_RATIO_MAX,
  expansionFreeBytes: EXPANSION_FREE_BYTES,
};

export function toAttendanceRows(rows: readonly unknown[]): AttendanceRow[] {
  return rows as AttendanceRow[];
}
