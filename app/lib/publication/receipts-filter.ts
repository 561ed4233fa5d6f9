/** Filters of the table of marks: they stand in the address and in the exported file alike. */
import { receiptState, type ReceiptRow } from '#models/publication/publication-dispatch.ts';

export const RECEIPT_FILTERS = ['unread', 'read', 'confirmed'] as const;
export type ReceiptFilter = (typeof RECEIPT_FILTERS)[number];

export function isIn(row: ReceiptRow, filter: ReceiptFilter): boolean {
  const state = receiptState(row);
  switch (filter) {
    case 'unread':
      return state === 'delivered';
    case 'read':
      return row.opened?.edition === row.edition;
    case 'confirmed':
      return state === 'confirmed';
    default:
      throw filter satisfies never;
  }
}
