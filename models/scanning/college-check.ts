/**
 * What can only be missed when everything of a college was sent: pages of a begun work, people who came and left no work, sheets that the
 * package had and the scans have not (S1-12, S1-13, S1-51). Pure.
 */
import { encode } from '#collector/code.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { Attendance, FormDefinition } from '#collector/form.ts';
import { hasAnswers, sheetAttendance } from './attendance.ts';
import { participantsOf, type ScanCollege } from './scan-college.ts';
import { codeOf, findingKey, workId, type ScanPage } from './scan-page.ts';
import { isWhole, type Work } from './work.ts';

export interface CollegeBooks {
  college: ScanCollege;
  procedureNumber: number;
  forms: readonly FormDefinition[];
  works: readonly Work[];
  /** Standing pages about rooms: attendance sheets. */
  roomPages: readonly ScanPage[];
  /** Sheets of paper that the standing and the waiting pages came from. */
  sheets: number;
}

/** A finding of a college, with the work and the room that it is about. */
export interface CollegeFinding {
  key: string;
  finding: CollectorFinding;
  work: string | null;
  room: number | null;
}

/** Everything that is wrong with a college as a whole, less what was let stand. */
export function collegeFindings(books: CollegeBooks): CollegeFinding[] {
  return [...missingPages(books), ...attendanceConflicts(books), ...countMismatch(books)].filter(
    ({ key }) => !(key in books.college.accepted),
  );
}

const found = (finding: CollectorFinding, work: Work | null, room: number | null): CollegeFinding => ({
  key: work ? `${findingKey(finding)}.${work.participant}` : findingKey(finding),
  ...{ finding, work: work?.id ?? null, room },
});

/** A work that began and is not whole. Whoever left nothing at all is a matter of attendance. */
function missingPages({ college, procedureNumber, forms, works }: CollegeBooks): CollegeFinding[] {
  const form = forms.find(({ purpose }) => purpose === 'answers');
  if (!form) return [];
  return works
    .filter((work) => !isWhole(work) && Object.keys(work.pages).length + work.more.length > 0)
    .flatMap((work) =>
      form.pages
        .filter(({ number }) => !(String(number) in work.pages))
        .map(({ number: page }) => {
          const text = encode({
            ...{
              procedure: procedureNumber,
              institution: college.number,
              form: form.number,
              version: form.version,
              page,
            },
            holder: { kind: 'participant', number: work.participant },
          });
          return found({ code: 'PAGE_MISSING', data: { text, page } }, work, work.room);
        }),
    );
}

function attendanceConflicts({ college, works, roomPages }: CollegeBooks): CollegeFinding[] {
  const sheet = sheetAttendance(college, roomPages);
  const byId = new Map(works.map((work) => [work.id, work]));
  return college.roster.rooms.flatMap((room) =>
    participantsOf(room).flatMap((participant): CollegeFinding[] => {
      const onSheet = sheet.get(participant);
      const work = byId.get(workId(college.procedure, college.college, participant)) ?? null;
      const hasWork = work !== null && Object.keys(work.pages).length > 0;
      const saysAbsent = work?.answers['attendance'] === 'absent';
      const isWritten = work !== null && hasAnswers(work);
      const said: { by: 'ownPage' | 'sheet' | 'answers'; attendance: Attendance }[] = [];
      if (onSheet === 'absent' && isWritten)
        said.push({ by: 'sheet', attendance: 'absent' }, { by: 'answers', attendance: 'attended' });
      else if (onSheet !== undefined && onSheet !== 'absent' && !hasWork)
        said.push({ by: 'sheet', attendance: onSheet }, { by: 'answers', attendance: 'absent' });
      else if (onSheet !== undefined && onSheet !== 'absent' && saysAbsent)
        said.push({ by: 'sheet', attendance: onSheet }, { by: 'ownPage', attendance: 'absent' });
      else if (saysAbsent && isWritten)
        said.push({ by: 'ownPage', attendance: 'absent' }, { by: 'answers', attendance: 'attended' });
      if (said.length === 0) return [];
      const finding: CollectorFinding = { code: 'ATTENDANCE_CONFLICT', data: { participant, said } };
      return [{ key: findingKey(finding), finding, work: work?.id ?? null, room: room.number }];
    }),
  );
}

function countMismatch({ college, sheets }: CollegeBooks): CollegeFinding[] {
  const declared = college.package?.sheets;
  if (declared === undefined || declared === sheets) return [];
  return [found({ code: 'COUNT_MISMATCH', data: { declared, counted: sheets } }, null, null)];
}

/** Sheets of paper behind pages: both sides of one sheet are one. What could not be read counts as a sheet of its own. */
export function sheetsOf(pages: readonly ScanPage[], forms: readonly FormDefinition[]): number {
  const sheets = new Set<string>();
  for (const page of pages) {
    if (page.status === 'dropped') continue;
    const code = codeOf(page);
    const form = code && forms.find(({ number, version }) => number === code.form && version === code.version);
    const sheet = code && form?.pages.find(({ number }) => number === code.page)?.sheet;
    const place = page.place?.split('/').slice(0, 4).join('/');
    sheets.add(
      page.status === 'standing' && place && sheet ? `${place}/${sheet}/${page.place?.split('/')[5] ?? ''}` : page.id,
    );
  }
  return sheets.size;
}
