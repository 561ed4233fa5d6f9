import { countRooms, type RoomCounts } from '#models/room/room.ts';
import { isTold } from '#models/study/study.ts';
import { isFound } from '#lib/attendance/board-filter.ts';
import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import { say } from '#lib/say.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import { collegeWord } from '#lib/study/college-mark.ts';
import { isIn, STUDY_FILTERS } from '#lib/study/study-filter.ts';
import { formatDateTime } from '#lib/ui/format.ts';
import type { RequestHandler } from './$types';

/** The colleges of a region as they are seen: the same filter and search as in the page's address. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { region, part, organizers } = await hub.study.region(person, params.procedure, params.region);
  const place = { locale: getLocale(), zone: region.zone };
  const moment = (atMs: number | null): string | null => (atMs === null ? null : formatDateTime(atMs, place));
  const filter = STUDY_FILTERS.find((one) => one === url.searchParams.get('filter'));
  const sought = url.searchParams.get('q') ?? '';
  const byCollege = new Map(part.state.rooms.map(({ college, rooms: all }) => [college, countRooms(all, hub.now())]));
  const roomsOf = (college: string): RoomCounts => byCollege.get(college) ?? { rooms: 0, organized: 0, invited: 0 };
  const rows = part.state.rows
    .filter((row) => !filter || isIn(row, filter, roomsOf(row.college)))
    .filter((row) => isFound({ institution: row.college, name: row.name }, '', sought))
    .map((row) => {
      const organizer = organizers[row.college];
      return [
        ...[row.college, row.name, say(collegeWord(row)), row.data?.students ?? null, row.data?.groups ?? null],
        ...[organizer?.name ?? null, organizer?.phone ?? null, organizer?.email ?? null],
        ...(isTold(row) ? [roomsOf(row.college).rooms, roomsOf(row.college).organized] : [null, null]),
        ...[moment(row.informedAtMs), moment(row.acknowledgedAtMs), row.byName],
      ];
    });
  await hub.deeds.noteExport(person, [region.id], 'study', rows.length);
  const headings = [
    ...[m.field_code(), m.study_column_college(), m.study_column_state(), m.study_students(), m.study_groups()],
    ...[m.study_column_organizer(), m.field_phone(), m.field_email()],
    ...[m.rooms_title(), m.study_column_rooms()],
    ...[m.study_column_informed(), m.study_column_acknowledged(), m.study_read_by()],
  ];
  const bytes = await hub.workbooks.tableXlsx(m.study_colleges(), headings, rows);
  const at = formatDateTime(hub.now(), place).replaceAll(/[:\s]/g, '-');
  return fileResponse(bytes, 'xlsx', `${m.study_colleges()} ${region.id} ${at}`);
};
