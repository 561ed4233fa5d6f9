/** Where an error is, and what answered it, in words: participant and page, or file and page of the file. */
import type { AnsweringPage, ScanErrorView } from '#models/scanning/scan-error.ts';
import { m } from '#lib/paraglide/messages.js';

type Place = Pick<ScanErrorView, 'participant' | 'room' | 'fileName' | 'n'>;

export function placeWords({ participant, room, fileName, n }: Place): string {
  const whose =
    participant !== null
      ? m.scan_desk_participant({ number: participant })
      : room !== null
        ? m.scan_desk_room({ number: room })
        : null;
  const file = fileName === null ? null : n === null ? fileName : m.scan_desk_page_of({ page: n, file: fileName });
  return [whose, file].filter((part) => part !== null).join(', ') || m.scan_desk_whole_college();
}

/** That a page answered it by coming: which one, where it is known. */
export const byPageWords = (page: AnsweringPage | null): string =>
  page ? m.scan_desk_by_this_page({ page: page.n, file: page.fileName }) : m.scan_desk_by_page();

/** What closed an error that nobody settled. A count that agrees now is no one page's doing. */
export function closedByWords({
  answer,
  finding,
}: { answer: AnsweringPage | null } & Pick<ScanErrorView, 'finding'>): string {
  const isOfBooks = finding.code === 'COUNT_MISMATCH' || finding.code === 'ATTENDANCE_CONFLICT';
  return answer === null && isOfBooks ? m.scan_desk_by_books() : byPageWords(answer);
}
