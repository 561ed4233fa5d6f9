import { error } from '@sveltejs/kit';
import { stringify } from 'csv-stringify/sync';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import { answerWords, fieldOrder, fieldWords } from '#lib/scanning/finding-words.ts';
import { fileResponse, signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** What participants answered and how experts marked it: participants are numbers, and no name is in the file. */
export const GET: RequestHandler = async ({ params, locals, url }) => {
  const { hub } = locals;
  const { procedure, centre, format } = params;
  if (format !== 'xlsx' && format !== 'csv') error(404);
  const person = signedIn(locals, url);
  const { rows } = await hub.scanning.results(person, procedure, centre);
  const keys = (of: 'answers' | 'points'): string[] =>
    [...new Set(rows.flatMap((row) => Object.keys(row[of])))].sort(
      (a, b) => fieldOrder(a) - fieldOrder(b) || (a < b ? -1 : 1),
    );
  const [answers, points] = [keys('answers'), keys('points')];
  const headings = [
    ...[m.column_institution(), m.checking_room(), m.print_participant(), m.checking_attendance(), m.checking_state()],
    ...answers.map((key) => fieldWords(key)),
    ...points.map((key) => m.checking_points_of({ key: fieldWords(key) })),
  ];
  const lines = rows.map((row) => [
    ...[row.college, row.room, row.participant],
    ...[row.attendance && say(`scan_attendance_${row.attendance}`), say(`work_${row.status}`)],
    ...answers.map((key) => answerWords(key, row.answers[key] ?? null)),
    ...points.map((key) => row.points[key] ?? null),
  ]);
  await hub.deeds.noteExport(person, [centre], 'scans', lines.length);
  const name = m.checking_results();
  if (format === 'xlsx') return fileResponse(await hub.workbooks.tableXlsx(name, headings, lines), 'xlsx', name);
  return fileResponse(
    new TextEncoder().encode(
      `\uFEFF${stringify([headings, ...lines], { delimiter: ';', escape_formulas: true, record_delimiter: 'windows' })}`,
    ),
    'csv',
    name,
  );
};
