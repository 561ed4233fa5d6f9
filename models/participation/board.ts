/** The attendance board (domain 4.5, S2): columns, counters, and how a fact changes it. Pure, browser-safe. */
import type { BoardRow } from './participation.ts';

export const BOARD_COLUMNS = ['registered', 'template', 'sent', 'attested', 'processed', 'report'] as const;
export type BoardColumn = (typeof BOARD_COLUMNS)[number];

/** A municipality's part of the board, as one stream carries it. */
export interface BoardPart {
  municipality: string;
  name: string;
  order: number;
  rows: BoardRow[];
}

export interface RowChanged {
  row: BoardRow;
}

/** Applies a fact: the newer revision of a row wins, an older one changes nothing. */
export function applyRowChanged(part: BoardPart, { row }: RowChanged): BoardPart {
  const index = part.rows.findIndex(({ institution }) => institution === row.institution);
  const present = part.rows[index];
  if (!present) return { ...part, rows: [...part.rows, row] };
  if (present.rev >= row.rev) return part;
  return { ...part, rows: part.rows.with(index, row) };
}

export const CELL_STATES = [
  'notBegun',
  'underWay',
  'waitsForYou',
  'waitsForOther',
  'done',
  'problem',
  'overdue',
  'refused',
] as const;

/** The state of one cell, in the words of the interface. */
export type CellState =
  | { state: 'notBegun' }
  | { state: 'underWay'; atMs: number }
  | { state: 'waitsForYou'; atMs: number }
  | { state: 'waitsForOther'; atMs: number }
  | { state: 'done'; atMs: number }
  | { state: 'problem'; atMs: number; errors: number }
  | { state: 'overdue' }
  | { state: 'refused'; atMs: number };

/** What a column shows of a row at a moment; `isClosed` is whether the deadline has passed. */
export function cellState(row: BoardRow, column: BoardColumn, isClosed: boolean): CellState {
  const { progress } = row;
  const missing: CellState = isClosed ? { state: 'overdue' } : { state: 'notBegun' };
  switch (column) {
    case 'registered':
      if (row.registeredAtMs === null) return missing;
      if (row.access === 'awaited') return { state: 'waitsForYou', atMs: row.registeredAtMs };
      if (row.access === 'declined') return { state: 'refused', atMs: row.registeredAtMs };
      if (row.access === 'given') return { state: 'waitsForOther', atMs: row.registeredAtMs };
      return { state: 'done', atMs: row.registeredAtMs };
    case 'template':
      return progress.templateAtMs === null ? missing : { state: 'done', atMs: progress.templateAtMs };
    case 'sent':
      return progress.sentAtMs === null ? missing : { state: 'done', atMs: progress.sentAtMs };
    case 'attested':
      if (progress.attestedAtMs !== null) return { state: 'done', atMs: progress.attestedAtMs };
      if (progress.phase === 'uploaded' && progress.sentAtMs !== null && !isClosed)
        return { state: 'waitsForOther', atMs: progress.sentAtMs };
      return missing;
    case 'processed':
      if (progress.phase === 'failed' && progress.processedAtMs !== null)
        return { state: 'problem', atMs: progress.processedAtMs, errors: progress.errors };
      if ((progress.phase === 'attested' || progress.phase === 'processing') && progress.attestedAtMs !== null)
        return { state: 'underWay', atMs: progress.attestedAtMs };
      return progress.processedAtMs === null ? missing : { state: 'done', atMs: progress.processedAtMs };
    case 'report':
      return progress.reportAtMs === null ? missing : { state: 'done', atMs: progress.reportAtMs };
    default:
      throw column satisfies never;
  }
}

/**
 * Counters of a territory. Denominators are honest: `all` are the institutions that stand in the list, registered or not;
 * `done` counts an institution whose report stands, also while a corrected file of it is under way.
 */
export interface BoardCounts {
  all: number;
  registered: number;
  awaitingAccess: number;
  template: number;
  sent: number;
  attested: number;
  processed: number;
  report: number;
  problems: number;
  overdue: number;
}

export const NO_COUNTS: BoardCounts = {
  all: 0,
  registered: 0,
  awaitingAccess: 0,
  template: 0,
  sent: 0,
  attested: 0,
  processed: 0,
  report: 0,
  problems: 0,
  overdue: 0,
};

export function countRows(rows: readonly BoardRow[], isClosed: boolean): BoardCounts {
  const counts = { ...NO_COUNTS, all: rows.length };
  for (const row of rows) {
    const { progress } = row;
    if (row.registeredAtMs !== null) counts.registered += 1;
    if (row.access === 'awaited') counts.awaitingAccess += 1;
    if (progress.templateAtMs !== null) counts.template += 1;
    if (progress.sentAtMs !== null) counts.sent += 1;
    if (progress.attestedAtMs !== null) counts.attested += 1;
    if (progress.phase === 'processed') counts.processed += 1;
    if (progress.reportAtMs !== null) counts.report += 1;
    if (progress.phase === 'failed') counts.problems += 1;
    if (isClosed && progress.reportAtMs === null) counts.overdue += 1;
  }
  return counts;
}

/** Whole percent as S0-38 counts it; of nothing it is 0. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part * 100) / whole));
