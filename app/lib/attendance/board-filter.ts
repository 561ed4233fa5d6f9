/** The filters of a board: headline figures that can be pressed, and the export that follows them. Pure. */
import type { BoardRow } from '#models/participation/participation.ts';

export const BOARD_FILTERS = [
  'registered',
  'awaiting',
  'unattested',
  'report',
  'problems',
  'overdue',
  'silent',
] as const;
export type BoardFilter = (typeof BOARD_FILTERS)[number];

export function isIn(line: BoardRow, filter: BoardFilter, isClosed: boolean): boolean {
  const { progress } = line;
  switch (filter) {
    case 'registered':
      return line.registeredAtMs !== null;
    case 'awaiting':
      return line.access === 'awaited';
    case 'unattested':
      return progress.phase === 'uploaded' && !isClosed;
    case 'report':
      return progress.reportAtMs !== null;
    case 'problems':
      return progress.phase === 'failed';
    case 'overdue':
      return isClosed && progress.reportAtMs === null;
    case 'silent':
      return line.registeredAtMs === null;
    default:
      throw filter satisfies never;
  }
}

/** What a search goes over: the same on the page and in the export. */
export function isFound(line: Pick<BoardRow, 'name' | 'institution'>, municipality: string, sought: string): boolean {
  const wanted = sought.trim().toLocaleLowerCase('ru');
  return wanted === '' || `${line.name} ${municipality} ${line.institution}`.toLocaleLowerCase('ru').includes(wanted);
}
