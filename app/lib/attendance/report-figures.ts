/** The headline figures of a report with their words: the same on the page, in the PDF and in the workbook. */
import type { AttendanceReport } from '#models/attendance/attendance.report.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Locale } from '#lib/paraglide/runtime.js';
import { formatFixed } from '#lib/ui/format.ts';

export interface ReportFigure {
  key: string;
  label: string;
  value: string;
}

/** A figure that has nothing to be divided by is a dash, not a zero. */
export function reportFigures(report: AttendanceReport, locale: Locale): ReportFigure[] {
  const { year, halfYears, classCount } = report;
  const number = (value: number | null, digits = 0): string =>
    value === null ? '—' : formatFixed(value, locale, digits);
  const share = (percent: number | null): string => (percent === null ? '—' : `${percent}%`);
  const options = { locale };
  return [
    { key: 'classes', label: m.figure_classes({}, options), value: number(classCount) },
    {
      key: 'learners',
      label: m.figure_learners({}, options),
      value: number(halfYears.II.learners || halfYears.I.learners),
    },
    { key: 'missed', label: m.figure_missed({}, options), value: number(year.missed) },
    { key: 'perLearner', label: m.figure_per_learner({}, options), value: number(year.missedPerLearner, 1) },
    { key: 'illness', label: m.figure_illness({}, options), value: share(year.illnessPercent) },
    { key: 'unexcused', label: m.figure_unexcused({}, options), value: share(year.unexcusedPercent) },
  ];
}
