/** The filters of the overview «Кабинеты»: headline figures that can be pressed, and the export that follows them. Pure. */
import { isComplete, type CabinetRow } from '#models/contextual-data/contextual-data.ts';

export const CABINET_FILTERS = ['connected', 'notConnected', 'awaiting', 'issued', 'complete', 'incomplete'] as const;
export type CabinetFilter = (typeof CABINET_FILTERS)[number];

export function isIn(row: CabinetRow, filter: CabinetFilter): boolean {
  switch (filter) {
    case 'connected':
      return row.connection === 'connected';
    case 'notConnected':
      return row.connection !== 'connected';
    case 'awaiting':
      return row.isAwaiting;
    case 'issued':
      return row.connection === 'issued';
    case 'complete':
      return isComplete(row);
    case 'incomplete':
      return row.connection === 'connected' && !isComplete(row);
    default:
      throw filter satisfies never;
  }
}
