import type { ImportView } from '#models/org/unit-import.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** How an import stands, as a shape. */
export function importMark(status: ImportView['status']): MarkState {
  switch (status) {
    case 'waiting':
      return { state: 'notBegun' };
    case 'reading':
    case 'writing':
      return { state: 'underWay', share: null };
    case 'compared':
      return { state: 'waitsForYou' };
    case 'written':
      return { state: 'done' };
    case 'unreadable':
      return { state: 'problem' };
    case 'withdrawn':
      return { state: 'refused' };
    default:
      throw status satisfies never;
  }
}
