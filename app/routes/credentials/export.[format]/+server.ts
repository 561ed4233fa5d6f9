import { error } from '@sveltejs/kit';
import { isFound } from '#lib/attendance/board-filter.ts';
import { HANDOVER_FILTERS, isIn } from '#lib/credential/handovers-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** Widths of the columns on paper, among each other. */
const SHARES = [3, 1.5, 5, 2, 2.5, 2, 2, 3];

/** The sheet of one's own territory as it is seen, by the page's filter and search. No secrets: nobody has them any more. */
export const GET: RequestHandler = async ({ locals, url, params }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { territory, zone, levels, parts } = await hub.credentials.overview(person);
  if (params.format !== 'xlsx' && params.format !== 'pdf') error(404);
  const place = { locale: getLocale(), zone };
  const filter = HANDOVER_FILTERS.find((candidate) => candidate === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const moment = (atMs: number | null): string | null => (atMs === null ? null : formatDateTime(atMs, place));
  const rows = parts.flatMap(({ state }) =>
    state.rows
      .filter((row) => (!filter || isIn(row, filter, levels)) && isFound(row, state.name, sought))
      .map((row) => [
        state.name,
        row.institution,
        row.name,
        row.username,
        row.state === null ? null : say(`handover_state_${row.state}`),
        moment(row.sinceMs),
        row.isHeadVerified ? m.head_verified() : m.head_unverified(),
        row.opened && `${say(`handing_level_${row.opened.level}`)}, ${moment(row.opened.atMs) ?? ''}`,
      ]),
  );
  await hub.deeds.noteExport(
    person,
    parts.map(({ state }) => state.parent),
    'credentials',
    rows.length,
  );
  const headings = [
    m.field_municipality(),
    m.field_code(),
    m.column_institution(),
    m.column_username(),
    m.column_handover(),
    m.column_since(),
    m.column_head(),
    m.column_opened(),
  ];
  const at = formatDateTime(hub.now(), place);
  const name = `${m.credentials_title()} ${at.replaceAll(/[:\s]/g, '-')}`;
  if (params.format === 'xlsx')
    return fileResponse(await hub.workbooks.tableXlsx(m.credentials_title(), headings, rows), 'xlsx', name);
  const words = { title: m.credentials_title(), subtitle: `${territory} · ${at}`, page: m.page() };
  return fileResponse(await hub.workbooks.tablePdf(words, headings, SHARES, rows), 'pdf', name);
};
