/** Which pages of a batch are shown. Pure. */
import type { PageRow } from '#models/scanning/scan-views.ts';

export const PAGE_FILTERS = ['standing', 'waiting', 'error', 'healed', 'dropped'] as const;
export type PageFilter = (typeof PAGE_FILTERS)[number];

export function isIn(
  { id, status, healed }: PageRow,
  filter: PageFilter,
  errorOf: ReadonlyMap<string, string>,
): boolean {
  switch (filter) {
    case 'standing':
    case 'waiting':
    case 'dropped':
      return status === filter;
    case 'error':
      return errorOf.has(id);
    case 'healed':
      return healed.length > 0;
    default:
      throw filter satisfies never;
  }
}
