/** Marks of what the Collector shows. */
import type { BatchRow, FileRow, ScanCollegeRow } from '#models/scanning/scan-views.ts';
import { m } from '#lib/paraglide/messages.js';
import type { MarkState } from '#lib/ui/mark-state.ts';

export const packageMark = ({ package: accepted }: ScanCollegeRow, prepares: boolean): MarkState =>
  accepted ? { state: 'done' } : prepares ? { state: 'waitsForYou' } : { state: 'notBegun' };

export const packageWord = ({ package: accepted }: ScanCollegeRow): string =>
  accepted ? m.collector_package_sheets({ count: accepted.sheets }) : m.collector_package_awaited();

const shareOf = (part: number, all: number): number | null => (all > 0 ? part / all : null);

export function batchMark({ status, figures }: BatchRow): MarkState {
  switch (status) {
    case 'created':
      return { state: 'notBegun' };
    case 'uploading':
      return { state: 'underWay', share: null };
    case 'preprocessing':
      return { state: 'underWay', share: shareOf(figures.filesRead + figures.filesRefused, figures.files) };
    case 'hasErrors':
      return { state: 'problem' };
    case 'checking':
      return { state: 'underWay', share: shareOf(figures.worksChecked, figures.worksWritten) };
    case 'accepted':
    case 'checked':
      return { state: 'done' };
    default:
      throw status satisfies never;
  }
}

export function fileMark({ status, pages, pagesDone }: FileRow): MarkState {
  switch (status) {
    case 'waiting':
      return { state: 'notBegun' };
    case 'reading':
      return { state: 'underWay', share: pages === null ? null : shareOf(pagesDone, pages) };
    case 'read':
      return { state: 'done' };
    case 'refused':
      return { state: 'refused' };
    default:
      throw status satisfies never;
  }
}
