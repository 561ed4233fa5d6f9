/** The words of a report's files, in the reader's language. */
import type { ReportWords } from '#models/attendance/workbook.ts';
import type { PublicProcedure } from '#models/procedure/procedure.ts';
import { academicYearName } from '#models/procedure/procedure.ts';
import type { SubmissionOf } from '#models/submission/submission.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Locale } from '#lib/paraglide/runtime.js';
import { formatDateTime } from '#lib/ui/format.ts';
import { reportFigures } from './report-figures.ts';

export function reportWords(subject: {
  institutionName: string;
  procedure: PublicProcedure;
  submission: SubmissionOf<'processed'>;
  locale: Locale;
}): ReportWords {
  const { institutionName, procedure, submission, locale } = subject;
  const options = { locale };
  const at = formatDateTime(submission.processedAtMs, { locale, zone: procedure.zone });
  return {
    title: m.report_title({}, options),
    institution: institutionName,
    period: m.report_period({ year: academicYearName(procedure.academicYear) }, options),
    formedAt: m.report_formed({ at }, options),
    fileHash: `SHA-256 ${submission.sha256}`,
    headings: {
      className: m.attendance_column_className({}, options),
      halfYear: m.report_column_half_year({}, options),
      learners: m.report_column_learners({}, options),
      schoolDays: m.report_column_days({}, options),
      missed: m.report_column_missed({}, options),
      illness: m.report_column_illness({}, options),
      unexcused: m.report_column_unexcused({}, options),
      otherCause: m.report_column_other({}, options),
      missedPerLearner: m.report_column_per_learner({}, options),
    },
    figures: reportFigures(submission.report, locale),
    plotTitle: m.plot_title({}, options),
    howCounted: m.report_how_text({}, options),
    page: m.page({}, options),
  };
}
