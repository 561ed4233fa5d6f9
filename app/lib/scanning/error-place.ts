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

/** What closed an error that nobody settled. A count that agrees now is no one page's doing. */
export function answerWords({
  answer,
  finding,
}: { answer: AnsweringPage | null } & Pick<ScanErrorView, 'finding'>): string {
  if (answer) return m.scan_desk_by_this_page({ page: answer.n, file: answer.fileName });
  return finding.code === 'COUNT_MISMATCH' || finding.code === 'ATTENDANCE_CONFLICT'
    ? m.scan_desk_by_books()
    : m.scan_desk_by_page();
}
