import { isOpen } from '#models/procedure/procedure.ts';
import { filledPercent } from '#models/survey/questionnaire.ts';
import { isFound } from '#lib/attendance/board-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { responseWord } from '#lib/survey/response-mark.ts';
import { linesOf, SURVEY_FILTERS } from '#lib/survey/survey-filter.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The institutions as they are seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const { survey, parts } = await hub.surveys.overview(signedIn(locals, url), params.procedure);
  const place = { locale: getLocale(), zone: survey.zone };
  const moment = (atMs: number | null): string | null => (atMs === null ? null : formatDateTime(atMs, place));
  const isOver = !isOpen(survey, hub.now());
  const filter = SURVEY_FILTERS.find((one) => one === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const rows = linesOf(parts.map(({ state }) => state))
    .filter((line) => !filter || line.status === filter)
    .filter((line) => isFound(line, line.municipalityName, sought))
    .map((line) => [
      ...[line.institution, line.name, line.municipalityName, filledPercent(line), line.answered, line.asked],
      ...[responseWord(line.status, isOver), moment(line.savedAtMs), moment(line.filledAtMs), line.byName],
    ]);
  await hub.deeds.noteExport(
    signedIn(locals, url),
    parts.map(({ state }) => state.municipality),
    'survey',
    rows.length,
  );
  const headings = [
    ...[m.field_code(), m.column_institution(), m.results_territory(), m.survey_column_percent()],
    ...[m.survey_column_answered(), m.survey_column_asked(), m.study_column_state(), m.survey_column_saved()],
    ...[m.survey_column_finished(), m.survey_column_by()],
  ];
  const bytes = await hub.workbooks.tableXlsx(m.survey_institutions(), headings, rows);
  const at = formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-');
  return fileResponse(bytes, 'xlsx', `${survey.id} ${at}`);
};
