/** Filters of a region's colleges: they stand in the address and in the exported file alike. */
import type { CollegeRow } from '#models/study/study.ts';

export const STUDY_FILTERS = ['noData', 'sampled', 'toInform', 'unread', 'acknowledged'] as const;
export type StudyFilter = (typeof STUDY_FILTERS)[number];

export function isIn({ status, data }: CollegeRow, filter: StudyFilter): boolean {
  switch (filter) {
    case 'noData':
      return data === null;
    case 'sampled':
      return status === 'sampled' || status === 'informed' || status === 'acknowledged';
    case 'toInform':
      return status === 'sampled';
    case 'unread':
      return status === 'informed';
    case 'acknowledged':
      return status === 'acknowledged';
    default:
      throw filter satisfies never;
  }
}
