/** Filters of a region's colleges: they stand in the address and in the exported file alike. */
import type { RoomCounts } from '#models/room/room.ts';
import { isTold, type CollegeRow } from '#models/study/study.ts';

export const STUDY_FILTERS = ['noData', 'sampled', 'toInform', 'unread', 'acknowledged', 'unorganized'] as const;
export type StudyFilter = (typeof STUDY_FILTERS)[number];

export function isIn({ status, data }: CollegeRow, filter: StudyFilter, rooms: RoomCounts): boolean {
  switch (filter) {
    case 'noData':
      return data === null;
    case 'sampled':
      return status === 'sampled' || isTold({ status });
    case 'toInform':
      return status === 'sampled';
    case 'unread':
      return status === 'informed';
    case 'acknowledged':
      return status === 'acknowledged';
    case 'unorganized':
      // A college that was told and has stated no room has nobody in any of them.
      return isTold({ status }) && (rooms.rooms === 0 || rooms.organized < rooms.rooms);
    default:
      throw filter satisfies never;
  }
}
