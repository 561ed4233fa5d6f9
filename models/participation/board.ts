/** The attendance board (domain 4.5, S2): columns, counters, and how a fact changes it. Pure, browser-safe. */
import { boardRow, type BoardRow } from './participation.ts';

export const BOARD_COLUMNS = ['registered', 'template', 'sent', 'attested', 'processed', 'report'] as const;
export type BoardColumn = (typeof BOARD_COLUMNS)[number];

/** A municipality's part of the board, as one stream carries it. */
export interface BoardPart {
  municipality: string;
  name: string;
  order: number;
  /** Revision of the list of institutions; 0 before the first. */
  listRev: number;
  rows: BoardRow[];
}

export interface RowChanged {
  row: BoardRow;
}

/** Whom a part of the board is about, absolutely: the municipality and its institutions in their order. */
export interface ListChanged {
  list: { rev: number; name: string; order: number; institutions: { id: string; name: string; order: number }[] };
}

/** Counters that did not agree with a recount were set right. The rows were right all along. */
export interface CountersMended {
  counters: Readonly<Record<string, number>>;
}

export type BoardFact =
  | { type: 'rowChanged'; body: RowChanged }
  | { type: 'listChanged'; body: ListChanged }
  | { type: 'countersMended'; body: CountersMended };

/** A part before its first list. */
export const emptyPart = (municipality: string): BoardPart => ({
  municipality,
  name: '',
  order: 0,
  listRev: 0,
  rows: [],
});

/** Applies a fact: the newer revision of a row or of the list wins, an older one changes nothing. */
export function applyBoardFact(part: BoardPart, fact: BoardFact): BoardPart {
  switch (fact.type) {
    case 'rowChanged':
      return applyRowChanged(part, fact.body);
    case 'listChanged':
      return applyListChanged(part, fact.body);
    case 'countersMended':
      return part;
    default:
      throw fact satisfies never;
  }
}

export function applyRowChanged(part: BoardPart, { row }: RowChanged): BoardPart {
  const index = part.rows.findIndex(({ institution }) => institution === row.institution);
  const present = part.rows[index];
  if (!present) return { ...part, rows: [...part.rows, row] };
  if (present.rev >= row.rev) return part;
  // What an institution is called and where it stands is the list's to say.
  return { ...part, rows: part.rows.with(index, { ...row, name: present.name, order: present.order }) };
}

function applyListChanged(part: BoardPart, { list }: ListChanged): BoardPart {
  if (part.listRev >= list.rev) return part;
  const present = new Map(part.rows.map((row) => [row.institution, row]));
  const rows = list.institutions.map((institution) => {
    const row = present.get(institution.id);
    if (!row) return boardRow(institution, null);
    if (row.name === institution.name && row.order === institution.order) return row;
    return { ...row, name: institution.name, order: institution.order };
  });
  return { ...part, name: list.name, order: list.order, listRev: list.rev, rows };
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

/**
 * The counters that stand in the head of a board's stream. What is overdue depends on the clock: the reader counts it by
 * `withOverdue`.
 */
export type HeadCounts = Omit<BoardCounts, 'overdue'>;

export const HEAD_COUNTERS = [
  'all',
  'registered',
  'awaitingAccess',
  'template',
  'sent',
  'attested',
  'processed',
  'report',
  'problems',
] as const satisfies readonly (keyof HeadCounts)[];

export function headCounts(rows: readonly BoardRow[]): HeadCounts {
  const { overdue: _, ...counts } = countRows(rows, false);
  return counts;
}

/** Counters as they are kept, which leave out what is zero. */
export function readHeadCounts(kept: Readonly<Record<string, number>>): HeadCounts {
  return Object.fromEntries(HEAD_COUNTERS.map((name) => [name, kept[name] ?? 0])) as Record<keyof HeadCounts, number>;
}

/** What has to be added to one to get the other; only what differs. */
export function countsDifference(before: HeadCounts, after: HeadCounts): Partial<HeadCounts> {
  return Object.fromEntries(
    HEAD_COUNTERS.filter((name) => before[name] !== after[name]).map((name) => [name, after[name] - before[name]]),
  );
}

/** After the deadline everything without a report is overdue. */
export const withOverdue = (counts: HeadCounts, isClosed: boolean): BoardCounts => ({
  ...counts,
  overdue: isClosed ? counts.all - counts.report : 0,
});

/** Whole percent as S0-38 counts it; of nothing it is 0. */
export const percent = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part * 100) / whole));
