/** How a cell of the attendance board looks: a shape of the design system and a moment. */
import type { CellState } from '#models/participation/board.ts';
import { m } from '#lib/paraglide/messages.js';
import type { Locale } from '#lib/paraglide/runtime.js';
import { formatDate, formatTime } from '#lib/ui/format.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

export function cellMark(cell: CellState): MarkState {
  switch (cell.state) {
    case 'underWay':
      return { state: 'underWay', share: null };
    case 'waitsForOther':
      return { state: 'waitsForAnother', whom: m.waits_registration() };
    case 'notBegun':
    case 'waitsForYou':
    case 'done':
    case 'problem':
    case 'overdue':
    case 'refused':
      return { state: cell.state };
    default:
      throw cell satisfies never;
  }
}

/** «18:00» for the day of `nowMs`, «15.10» for another day; errors are counted beside it. */
export function cellTime(cell: CellState, place: { locale: Locale; zone: string }, nowMs: number): string {
  if (!('atMs' in cell)) return '';
  const isToday = formatDate(cell.atMs, place) === formatDate(nowMs, place);
  const time = isToday ? formatTime(cell.atMs, place) : formatDate(cell.atMs, place).slice(0, 5);
  return cell.state === 'problem' ? `${time} · ${m.errors_count({ count: cell.errors })}` : time;
}
