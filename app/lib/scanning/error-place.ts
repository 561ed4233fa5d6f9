/** Where an error is, in words: participant and page, or file and page of the file. */
import type { ScanErrorView } from '#models/scanning/scan-error.ts';
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
