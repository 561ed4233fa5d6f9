/** Filters of a centre's colleges: they stand in the address and in the exported file alike. */
import type { ScanCollegeRow } from '#models/scanning/scan-views.ts';

export const COLLECTOR_FILTERS = ['awaited', 'uploaded', 'read', 'errors', 'settled', 'whole', 'checked'] as const;
export type CollectorFilter = (typeof COLLECTOR_FILTERS)[number];

/** Whether a figure counts anything of the college. */
export function isIn({ package: accepted, pagesUploaded, figures }: ScanCollegeRow, filter: CollectorFilter): boolean {
  switch (filter) {
    case 'awaited':
      return accepted === null;
    case 'uploaded':
      return pagesUploaded > 0;
    case 'read':
      return figures.pagesRead > 0;
    case 'errors':
      return figures.errorsOpen > 0;
    case 'settled':
      return figures.errorsSettled > 0;
    case 'whole':
      return figures.worksWhole > 0;
    case 'checked':
      return figures.worksChecked > 0;
    default:
      throw filter satisfies never;
  }
}
