/** What the report's files have in common: the head lines and the table. */
import { ATTENDANCE_COLUMNS, HALF_YEARS } from '#models/attendance/attendance.form.ts';
import type { AttendanceReport } from '#models/attendance/attendance.report.ts';
import type { ReportWords } from '#models/attendance/workbook.ts';

/** Keys of `ReportWords.headings`, in the order of the columns; the legend of the plot uses the causes of them. */
export const REPORT_COLUMNS = [
  'className',
  'halfYear',
  'learners',
  'schoolDays',
  'missed',
  'illness',
  'unexcused',
  'otherCause',
  'missedPerLearner',
] as const;

export function headingOf(words: ReportWords, key: string): string {
  const given = Object.hasOwn(words.headings, key) ? words.headings[key] : undefined;
  return given ?? ATTENDANCE_COLUMNS.find((column) => column.key === key)?.heading ?? key;
}

export function reportLines(words: ReportWords): string[] {
  return [words.title, words.institution, words.period, words.formedAt, words.fileHash];
}

export function reportTable(
  report: AttendanceReport,
  words: ReportWords,
): { headings: string[]; rows: (string | number | null)[][] } {
  const rows = report.classes.flatMap(({ className, halfYears }) =>
    HALF_YEARS.flatMap((halfYear) => {
      const figures = halfYears[halfYear];
      if (!figures) return [];
      const { learners, schoolDays, missed, illness, unexcused, otherCause, missedPerLearner } = figures;
      return [[className, halfYear, learners, schoolDays, missed, illness, unexcused, otherCause, missedPerLearner]];
    }),
  );
  return { headings: REPORT_COLUMNS.map((key) => headingOf(words, key)), rows };
}
