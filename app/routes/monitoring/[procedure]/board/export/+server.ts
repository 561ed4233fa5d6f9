import { BOARD_COLUMNS, cellState } from '#models/participation/board.ts';
import { isOpen } from '#models/procedure/procedure.ts';
import { BOARD_FILTERS, isFound, isIn } from '#lib/attendance/board-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The board as it is seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const board = await hub.participations.board(person, params.procedure);
  const place = { locale: getLocale(), zone: board.procedure.zone };
  const isClosed = !isOpen(board.procedure, hub.now());
  const filter = BOARD_FILTERS.find((candidate) => candidate === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const rows = board.parts.flatMap(({ state }) =>
    state.rows
      .filter((row) => (!filter || isIn(row, filter, isClosed)) && isFound(row, state.name, sought))
      .map((row) => [
        state.name,
        row.name,
        ...BOARD_COLUMNS.map((column) => {
          const cell = cellState(row, column, isClosed);
          return 'atMs' in cell ? formatDateTime(cell.atMs, place) : say(`cell_${cell.state}`);
        }),
        row.progress.phase === 'failed' ? row.progress.errors : null,
      ]),
  );
  await hub.deeds.noteExport(
    person,
    board.parts.map(({ state }) => state.municipality),
    'board',
    rows.length,
  );
  const headings = [
    m.field_municipality(),
    m.column_institution(),
    ...BOARD_COLUMNS.map((column) => say(`column_${column}`)),
    m.annotated_heading(),
  ];
  const bytes = await hub.workbooks.tableXlsx(m.board_title(), headings, rows);
  return fileResponse(
    bytes,
    'xlsx',
    `${m.board_export_name()} ${formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-')}`,
  );
};
