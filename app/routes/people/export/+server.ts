import { STAGES, stageOf } from '#models/people/appointment.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { isShown, roleOf } from '#lib/people/people-filter.ts';
import { stageWord } from '#lib/people/stage-mark.ts';
import { dayWord, placeWord } from '#lib/people/term-words.ts';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The appointments as they are seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { parts, zone } = await hub.appointments.overview(person, url.searchParams.get('in'));
  const nowMs = hub.now();
  const filter = {
    stage: STAGES.find((stage) => stage === url.searchParams.get('stage')) ?? null,
    role: roleOf(url.searchParams.get('role')),
    unit: url.searchParams.get('unit'),
    sought: url.searchParams.get('q') ?? '',
  };
  const rows = parts.flatMap(({ state }) =>
    state.rows
      .filter((row) => isShown(row, state.unit, filter, nowMs, say(`role_${row.role}`)))
      .map((row) => [
        row.name,
        say(`role_${row.role}`),
        placeWord(row),
        row.procedureTitle,
        stageWord(stageOf(row, nowMs)),
        dayWord(row.from),
        row.to === null ? null : dayWord(row.to),
        row.position,
        row.phone,
        row.email,
        row.madeBy,
      ]),
  );
  await hub.deeds.noteExport(
    person,
    parts.map(({ state }) => state.unit),
    'people',
    rows.length,
  );
  const headings = [
    m.column_person(),
    m.column_role(),
    m.column_place(),
    m.field_procedure(),
    m.column_appointment_stage(),
    m.column_from(),
    m.column_to(),
    m.field_position(),
    m.field_phone(),
    m.field_email(),
    m.column_made_by(),
  ];
  const bytes = await hub.workbooks.tableXlsx(m.people_title(), headings, rows);
  const at = formatDateTime(nowMs, { locale: getLocale(), zone }).replaceAll(/[:\s]/g, '-');
  return fileResponse(bytes, 'xlsx', `${m.people_title()} ${at}`);
};
