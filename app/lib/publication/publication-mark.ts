import type { BoxState, ReceiptState } from '#models/publication/publication-dispatch.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** What a unit has to do with a publication that it got. */
export function boxMark(state: BoxState): MarkState {
  switch (state) {
    case 'unread':
    case 'toConfirm':
      return { state: 'waitsForYou' };
    case 'read':
    case 'confirmed':
      return { state: 'done' };
    case 'withdrawn':
      return { state: 'refused' };
    default:
      throw state satisfies never;
  }
}

/** How far an addressee is, for whoever sent it. */
export function receiptMark(state: ReceiptState): MarkState {
  switch (state) {
    case 'delivered':
      return { state: 'notBegun' };
    case 'read':
      return { state: 'underWay', share: 0.5 };
    case 'confirmed':
      return { state: 'done' };
    default:
      throw state satisfies never;
  }
}
