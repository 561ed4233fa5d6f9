import { COUNTED_FIELDS } from '#models/contextual-data/contextual-data.ts';
import { isFound } from '#lib/attendance/board-filter.ts';
import { CABINET_FILTERS, isIn } from '#lib/contextual-data/cabinets-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The overview as it is seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { zone, parts } = await hub.contextualData.overview(person);
  const place = { locale: getLocale(), zone };
  const filter = CABINET_FILTERS.find((candidate) => candidate === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const moment = (atMs: number | null): string | null => (atMs === null ? null : formatDateTime(atMs, place));
  const rows = parts.flatMap(({ state }) =>
    state.rows
      .filter((row) => (!filter || isIn(row, filter)) && isFound(row, state.name, sought))
      .map((row) => [
        state.name,
        row.institution,
        row.name,
        say(`connection_${row.connection}`),
        moment(row.sinceMs),
        row.filled,
        COUNTED_FIELDS.length,
        moment(row.changedAtMs),
      ]),
  );
  await hub.deeds.noteExport(
    person,
    parts.map(({ state }) => state.parent),
    'cabinets',
    rows.length,
  );
  const headings = [
    m.field_municipality(),
    m.field_code(),
    m.column_institution(),
    m.column_connection(),
    m.column_since(),
    m.column_filled(),
    m.column_of(),
    m.column_changed(),
  ];
  const bytes = await hub.workbooks.tableXlsx(m.cabinets_title(), headings, rows);
  return fileResponse(
    bytes,
    'xlsx',
    `${m.cabinets_title()} ${formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-')}`,
  );
};
