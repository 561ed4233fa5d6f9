/** Who was there, from what the papers say and what a person chose where they differ (S1-12, S1-13). Pure, browser-safe. */
import { ATTENDANCES, type Attendance } from '#collector/form.ts';
import { HubError } from '../error.ts';
import { participantsOf, type ScanCollege } from './scan-college.ts';
import type { ScanError } from './scan-error.ts';
import { answerOf, codeOf, workId, type ScanPage } from './scan-page.ts';
import type { Work } from './work.ts';

/** What the attendance sheet of a room says of each participant; nothing of rows that are empty or undecided. */
export function sheetAttendance(college: ScanCollege, roomPages: readonly ScanPage[]): Map<number, Attendance> {
  const said = new Map<number, Attendance>();
  for (const page of roomPages) {
    const code = codeOf(page);
    const room = college.roster.rooms.find(
      ({ number }) => code?.holder.kind === 'room' && number === code.holder.number,
    );
    if (!room) continue;
    for (const field of page.reading?.fields ?? []) {
      if (field.kind !== 'attendance' || field.row === null || field.row > room.participants) continue;
      const answer = answerOf(field, page.decisions);
      if (answer === 'attended' || answer === 'absent' || answer === 'late')
        said.set(room.first + field.row - 1, answer);
    }
  }
  return said;
}

/** Whether something was answered, in a square or in own words. */
export const hasAnswers = ({ pages, answers }: Pick<Work, 'pages' | 'answers'>): boolean =>
  Object.keys(pages).length > 0 &&
  Object.entries(answers).some(([key, answer]) => answer !== null && key !== 'attendance' && key !== 'organizer');

/** Where it is known from: a person's choice goes before the sheet of the room, that before the own page, and that before what was answered. */
export interface Attended {
  attendance: Attendance;
  by: 'choice' | 'sheet' | 'ownPage' | 'answers';
}

/** Of every participant of whom something is known. */
export function attendanceInBooks(
  college: ScanCollege,
  works: readonly Work[],
  roomPages: readonly ScanPage[],
): Map<number, Attended> {
  const sheet = sheetAttendance(college, roomPages);
  const byId = new Map(works.map((work) => [work.id, work]));
  const known = new Map<number, Attended>();
  for (const participant of college.roster.rooms.flatMap(participantsOf)) {
    const work = byId.get(workId(college.procedure, college.college, participant)) ?? null;
    const own = ATTENDANCES.find((one) => one === work?.answers['attendance']);
    const chosen = college.attendance[String(participant)];
    const onSheet = sheet.get(participant);
    if (chosen) known.set(participant, { attendance: chosen, by: 'choice' });
    else if (onSheet) known.set(participant, { attendance: onSheet, by: 'sheet' });
    else if (own) known.set(participant, { attendance: own, by: 'ownPage' });
    else if (work && hasAnswers(work)) known.set(participant, { attendance: 'attended', by: 'answers' });
  }
  return known;
}

/** What was chosen of two that the papers say, as the desk tells it. Errors: `bad_input` for what they do not say, `way_unfit`. */
export function attendanceChosen(
  { finding }: ScanError,
  choice: string,
): { participant: number; attendance: Attendance } {
  if (finding.code !== 'ATTENDANCE_CONFLICT') throw new HubError('way_unfit');
  const { participant, said } = finding.data;
  const one = said.find(({ by, attendance }) => `${by} ${attendance}` === choice);
  if (!one) throw new HubError('bad_input', { field: 'choice', reason: 'option' });
  return { participant, attendance: one.attendance };
}
