import { isFound } from '#lib/attendance/board-filter.ts';
import { COLLECTOR_FILTERS, isIn } from '#lib/scanning/collector-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The colleges of a centre as they are seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { region, centre, board } = await hub.scanning.page(person, params.procedure, params.centre);
  const place = { locale: getLocale(), zone: region.zone };
  const filter = COLLECTOR_FILTERS.find((one) => one === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const rows = board.state.colleges
    .filter((row) => !filter || isIn(row, filter))
    .filter((row) => isFound({ institution: row.college, name: row.name }, '', sought))
    .map((row) => [
      ...[row.college, row.name, row.package?.sheets ?? null],
      ...[row.package ? formatDateTime(row.package.acceptedAtMs, place) : null],
      ...[row.figures.pagesExpected, row.pagesUploaded, row.figures.pagesRead, row.pagesUnread],
      ...[row.figures.errorsOpen, row.figures.errorsSettled],
      ...[row.figures.worksExpected, row.figures.worksWhole, row.figures.worksChecked],
    ]);
  await hub.deeds.noteExport(person, [region.id], 'collector', rows.length);
  const headings = [
    ...[m.field_code(), m.collector_column_college(), m.collector_sheets(), m.collector_column_package()],
    ...[m.collector_figure_expected(), m.collector_figure_uploaded(), m.collector_figure_read()],
    ...[m.collector_column_unread(), m.collector_figure_errors(), m.collector_figure_settled()],
    ...[m.collector_works_expected(), m.collector_figure_whole(), m.collector_figure_checked()],
  ];
  const bytes = await hub.workbooks.tableXlsx(m.collector_title(), headings, rows);
  const at = formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-');
  return fileResponse(bytes, 'xlsx', `${m.collector_title()} ${centre.id} ${at}`);
};
