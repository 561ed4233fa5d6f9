/**
 * An import of units: a file, the difference it would make, and its writing after a person confirmed it. Pure, browser-safe.
 *
 * What was confirmed is written whole: in small transactions that each move `written` on, resumed by any node after a crash, while
 * nothing else may change the tree. Before the confirmation nothing is written at all.
 */
import type { Finding } from '../attendance/workbook.ts';
import { HubError } from '../error.ts';
import type { LineKind } from './unit-difference.ts';

/** How long a node may be silent about an import before another takes it over (ms). */
export const IMPORT_LEASE_MS = 60_000;
/** Lines in one page of a difference, and units in one transaction of the writing. */
export const LINES_PER_PAGE = 200;
/** Notes about a whole file that are kept. */
export const NOTES_MAX = 50;

/** The difference in figures; its lines are read by the page. */
export interface Comparison {
  atMs: number;
  /** The tree's revision it was made at, and a mark of the territory's state: both must hold when it is confirmed. */
  treeRev: number;
  stateHash: string;
  /** Names the pages of the lines; another comparison of the same file has pages of its own. */
  edition: string;
  counts: Record<LineKind, number>;
  same: number;
  refusedRows: number;
  /** Of the gone, those that can be closed. */
  closable: number;
  notes: Finding[];
  /** Whether the tree changed since an earlier difference was shown, so that this one is to be looked at anew. */
  isAnew: boolean;
}

/** What of the plan is written: pages of lines in this order. */
export const WRITTEN_KINDS = ['new', 'moved', 'changed', 'gone'] as const satisfies readonly LineKind[];

interface ImportBase {
  id: string;
  rev: number;
  /** The unit whose territory the file is about. */
  unit: string;
  path: string;
  fileName: string;
  bytes: number;
  by: string;
  byName: string;
  sentAtMs: number;
}

interface Leased {
  node: string;
  leaseUntilMs: number;
}

export type UnitImport = ImportBase &
  (
    | { status: 'waiting'; isAnew: boolean }
    | ({ status: 'reading'; isAnew: boolean; rows: number } & Leased)
    | { status: 'unreadable'; atMs: number; findings: Finding[] }
    | { status: 'compared'; comparison: Comparison }
    | ({
        status: 'writing';
        comparison: Comparison;
        closesGone: boolean;
        confirmedAtMs: number;
        /** Pages of the plan that are written, and how many units that are, of how many. */
        pages: number;
        written: number;
        total: number;
      } & Leased)
    | {
        status: 'written';
        comparison: Comparison;
        closesGone: boolean;
        confirmedAtMs: number;
        total: number;
        atMs: number;
      }
    | { status: 'withdrawn'; atMs: number }
  );
export type UnitImportOf<Status extends UnitImport['status']> = Extract<UnitImport, { status: Status }>;

/** The import as a page follows it: without the node that works on it. */
export type ImportView = UnitImport extends infer One ? (One extends Leased ? Omit<One, keyof Leased> : One) : never;

export function importView(one: UnitImport): ImportView {
  if (!('node' in one)) return one;
  const { node: _node, leaseUntilMs: _lease, ...view } = one;
  return view;
}

export type ImportFact = { type: 'importChanged'; body: { import: ImportView } };

/** Applies a fact: the newer revision wins. Null is before the first. */
export const applyImportFact = <Before extends ImportView | null>(
  view: Before,
  { body }: ImportFact,
): Before | ImportView => (view && body.import.rev <= view.rev ? view : body.import);

const base = ({ id, rev, unit, path, fileName, bytes, by, byName, sentAtMs }: UnitImport): ImportBase => ({
  ...{ id, rev: rev + 1, unit, path, fileName, bytes, by, byName, sentAtMs },
});

/** A node begins to read; null when there is nothing to take, because another node holds it. */
export function claimReading(one: UnitImport, node: string, nowMs: number): UnitImportOf<'reading'> | null {
  const isFree = one.status === 'waiting' || (one.status === 'reading' && one.leaseUntilMs <= nowMs);
  if (!isFree) return null;
  return { ...base(one), status: 'reading', isAnew: one.isAnew, rows: 0, node, leaseUntilMs: nowMs + IMPORT_LEASE_MS };
}

export const readOn = (one: UnitImportOf<'reading'>, rows: number, nowMs: number): UnitImportOf<'reading'> => ({
  ...one,
  rev: one.rev + 1,
  rows,
  leaseUntilMs: nowMs + IMPORT_LEASE_MS,
});

export const refuseFile = (
  one: UnitImportOf<'reading'>,
  findings: Finding[],
  atMs: number,
): UnitImportOf<'unreadable'> => ({
  ...base(one),
  status: 'unreadable',
  atMs,
  findings,
});

export const finishComparing = (
  one: UnitImportOf<'reading'>,
  comparison: Omit<Comparison, 'isAnew'>,
): UnitImportOf<'compared'> => ({
  ...base(one),
  status: 'compared',
  comparison: { ...comparison, isAnew: one.isAnew },
});

/** The tree changed under a difference: it is made anew, and looked at anew. */
export const compareAnew = (one: UnitImportOf<'compared'>): UnitImportOf<'waiting'> => ({
  ...base(one),
  status: 'waiting',
  isAnew: true,
});

/**
 * The person said yes to exactly this difference. Null when he said it before: a repeated confirmation changes nothing.
 * Errors: `import_over` for one that is past confirming, `import_stale` for a difference that was replaced, `import_broken` while rows are refused.
 */
export function confirmImport(
  one: UnitImport,
  edition: string,
  closesGone: boolean,
  nowMs: number,
): UnitImportOf<'writing'> | null {
  if ((one.status === 'writing' || one.status === 'written') && one.comparison.edition === edition) return null;
  if (one.status === 'waiting' || one.status === 'reading') throw new HubError('import_stale');
  if (one.status !== 'compared') throw new HubError('import_over');
  const { comparison } = one;
  if (comparison.edition !== edition) throw new HubError('import_stale');
  if (comparison.refusedRows > 0) throw new HubError('import_broken', { count: comparison.refusedRows });
  const { counts, closable } = comparison;
  return {
    ...base(one),
    status: 'writing',
    comparison,
    closesGone,
    confirmedAtMs: nowMs,
    pages: 0,
    written: 0,
    total: counts.new + counts.moved + counts.changed + (closesGone ? closable : 0),
    // Whoever comes first writes.
    node: '',
    leaseUntilMs: 0,
  };
}

export function claimWriting(one: UnitImport, node: string, nowMs: number): UnitImportOf<'writing'> | null {
  if (one.status !== 'writing' || (one.leaseUntilMs > nowMs && one.node !== node)) return null;
  return { ...one, rev: one.rev + 1, node, leaseUntilMs: nowMs + IMPORT_LEASE_MS };
}

export const writeOn = (one: UnitImportOf<'writing'>, units: number, nowMs: number): UnitImportOf<'writing'> => ({
  ...one,
  rev: one.rev + 1,
  pages: one.pages + 1,
  written: one.written + units,
  leaseUntilMs: nowMs + IMPORT_LEASE_MS,
});

export const finishWriting = (one: UnitImportOf<'writing'>, atMs: number): UnitImportOf<'written'> => {
  const { comparison, closesGone, confirmedAtMs, total } = one;
  return { ...base(one), status: 'written', comparison, closesGone, confirmedAtMs, total, atMs };
};

/** Gives a file up before it is confirmed; null when it was given up before. */
export function withdrawImport(one: UnitImport, atMs: number): UnitImportOf<'withdrawn'> | null {
  if (one.status === 'withdrawn') return null;
  if (one.status === 'writing' || one.status === 'written') throw new HubError('import_over');
  return { ...base(one), status: 'withdrawn', atMs };
}

/** Which page of the plan comes after `pages` written ones; null after the last. */
export function pageAt(one: UnitImportOf<'writing'>): { kind: LineKind; page: number } | null {
  let before = 0;
  for (const kind of WRITTEN_KINDS) {
    if (kind === 'gone' && !one.closesGone) continue;
    const pages = Math.ceil(one.comparison.counts[kind] / LINES_PER_PAGE);
    if (one.pages < before + pages) return { kind, page: one.pages - before };
    before += pages;
  }
  return null;
}
