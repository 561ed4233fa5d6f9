import { actorWord, kindWord, valueWord } from '#lib/deeds/deed-words.ts';
import { searchOf } from '#lib/site/asked.server.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The journal of deeds as it is narrowed, one row an entry; that it was taken is an entry too. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { after: _, ...search } = searchOf(url);
  const { entries, unit, zone, names, isCut, max } = await hub.deeds.exported(person, search);
  await hub.deeds.noteExport(person, [unit.id], 'deeds', entries.length);
  const place = { locale: getLocale(), zone };
  const rows: (string | number | null)[][] = entries.map((entry) => [
    formatDateTime(entry.atMs, place, { seconds: true }),
    actorWord(entry),
    kindWord(entry.kind),
    entry.subjectName,
    entry.differences
      .map(
        ({ field, before, after }) =>
          `${say(`deed_field_${field}`)}: ${valueWord(field, before)} → ${valueWord(field, after)}`,
      )
      .join('; '),
    names[entry.within.at(-1) ?? ''] ?? '',
    entry.address,
    entry.agent,
    entry.device,
    entry.id,
  ]);
  if (isCut) rows.push([m.deeds_cut({ max })]);
  const headings = [
    m.deeds_when(),
    m.deeds_who(),
    m.deeds_what(),
    m.deeds_subject(),
    m.deeds_change(),
    m.deeds_unit(),
    m.deeds_address(),
    m.deeds_browser(),
    m.deeds_device(),
    m.deeds_key(),
  ];
  const bytes = await hub.workbooks.tableXlsx(m.deeds_title(), headings, rows);
  return fileResponse(
    bytes,
    'xlsx',
    `${m.deeds_title()} ${formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-')}`,
  );
};
