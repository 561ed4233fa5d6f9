import { HubError } from '#models/error.ts';
import { receiptState } from '#models/publication/publication-dispatch.ts';
import { isFound } from '#lib/attendance/board-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { isIn, RECEIPT_FILTERS } from '#lib/publication/receipts-filter.ts';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** Marks as they are seen: the same filter and search as in the page's address, every list one after another. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { publication, lists, zone } = await hub.publications.page(
    person,
    params.publication,
    url.searchParams.get('as'),
  );
  if (lists.length === 0) throw new HubError('not_allowed');
  const place = { locale: getLocale(), zone };
  const moment = (atMs: number | null | undefined): string | null =>
    atMs == null ? null : formatDateTime(atMs, place);
  const filter = RECEIPT_FILTERS.find((one) => one === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const rows = lists.flatMap(({ senderName, marks }) =>
    marks.state.rows
      .filter((row) => !filter || isIn(row, filter))
      .filter((row) => isFound({ institution: row.unit, name: row.name }, row.parentName, sought))
      .map((row) => [
        senderName,
        row.unit,
        row.name,
        row.parentName,
        say(`publication_receipt_${receiptState(row)}`),
        moment(row.deliveredAtMs),
        moment(row.opened?.edition === row.edition ? row.opened.atMs : null),
        row.opened?.edition === row.edition ? row.opened.byName : null,
        moment(row.confirmed?.edition === row.edition ? row.confirmed.atMs : null),
        moment(row.sentOnAtMs),
      ]),
  );
  const [first] = lists;
  await hub.deeds.noteExport(person, [first?.sender ?? publication.unit], 'publications', rows.length);
  const headings = [
    m.column_sender(),
    m.field_code(),
    m.publication_column_addressee(),
    m.field_municipality(),
    m.publication_column_state(),
    m.publication_column_delivered(),
    m.publication_column_read(),
    m.publication_column_reader(),
    m.publication_column_confirmed(),
    m.publication_column_sent_on(),
  ];
  const bytes = await hub.workbooks.tableXlsx(m.publication_export_name(), headings, rows);
  return fileResponse(
    bytes,
    'xlsx',
    `${m.publication_export_name()} ${formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-')}`,
  );
};
