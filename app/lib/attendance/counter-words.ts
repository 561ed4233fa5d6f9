/** What each counter of a board is called. */
import type { BoardCounts } from '#models/participation/board.ts';
import { m } from '#lib/paraglide/messages.js';

export const COUNTER_WORDS: Readonly<Record<keyof BoardCounts, () => string>> = {
  all: m.figure_all,
  registered: m.filter_registered,
  awaitingAccess: m.filter_awaiting,
  template: m.column_template,
  sent: m.column_sent,
  attested: m.column_attested,
  processed: m.column_processed,
  report: m.filter_report,
  problems: m.filter_problems,
  overdue: m.filter_overdue,
};
