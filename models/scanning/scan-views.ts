/** What is seen of the Collector live: the board of a centre, one batch, and a college's own scans. Pure, browser-safe. */
import { FINDINGS, type BatchCause, type CollectorFindingCode } from '#collector/finding.ts';
import type { PageCode } from '#collector/code.ts';
import { findForm } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import type { Counts } from './figures.ts';
import type { PrintRun } from './print-run.ts';
import type { BatchFigures, BatchState, ScanBatch, ScanFile } from './scan-batch.ts';
import type { DeliveryPackage, ScanCollege, ScanFigures } from './scan-college.ts';
import { SAME_PAGES_MIN, SAME_SHARE_MIN, type ScanErrorView } from './scan-error.ts';
import { codeOf, healedOf, sheetsDeclared, type DropReason, type ScanPage } from './scan-page.ts';

/* ---- the board of a centre ---- */

export interface RoomRow {
  number: number;
  name: string;
  figures: ScanFigures;
}

export interface ScanCollegeRow {
  college: string;
  rev: number;
  name: string;
  order: number;
  /** As printed in its codes. */
  number: number;
  participants: number;
  spares: number;
  package: DeliveryPackage | null;
  pagesUploaded: number;
  pagesUnread: number;
  batches: number;
  figures: ScanFigures;
  open: Counts<CollectorFindingCode>;
  awaited: Counts<CollectorFindingCode>;
  rooms: RoomRow[];
}

export const collegeRow = (college: ScanCollege): ScanCollegeRow => ({
  ...{ college: college.college, rev: college.rev, name: college.name, order: college.order, number: college.number },
  participants: college.roster.rooms.reduce((sum, { participants }) => sum + participants, 0),
  ...{ spares: college.roster.spares, package: college.package, pagesUploaded: college.pagesUploaded },
  ...{ pagesUnread: college.pagesUnread, batches: college.batches, figures: college.figures },
  ...{ open: college.open, awaited: college.awaited },
  rooms: college.roster.rooms.flatMap(({ number, name }) => {
    const figures = college.rooms[String(number)];
    return figures ? [{ number, name, figures }] : [];
  }),
});

export interface BatchRow {
  id: string;
  rev: number;
  college: string;
  collegeName: string;
  number: number;
  status: BatchState;
  openedAtMs: number;
  openedBy: string;
  endedAtMs: number | null;
  readAtMs: number | null;
  figures: BatchFigures;
  open: Counts<CollectorFindingCode>;
}
export const batchRow = (batch: ScanBatch): BatchRow => ({
  ...{ id: batch.id, rev: batch.rev, college: batch.college, collegeName: batch.collegeName, number: batch.number },
  ...{ status: batch.status, openedAtMs: batch.openedAtMs, openedBy: batch.openedBy, endedAtMs: batch.endedAtMs },
  ...{ readAtMs: batch.readAtMs, figures: batch.figures, open: batch.open },
});

export interface PrintRunRow {
  id: string;
  rev: number;
  college: string;
  collegeName: string;
  status: PrintRun['status'];
  pages: number;
  pagesDone: number;
  askedAtMs: number;
  askedBy: string;
}
export const printRunRow = (run: PrintRun): PrintRunRow => ({
  ...{ id: run.id, rev: run.rev, college: run.college, collegeName: run.collegeName, status: run.status },
  ...{
    pages: run.pages,
    pagesDone: run.status === 'printing' ? run.pagesDone : run.status === 'ready' ? run.pages : 0,
  },
  ...{ askedAtMs: run.askedAtMs, askedBy: run.askedBy },
});

export interface CollectorState {
  centre: string;
  colleges: readonly ScanCollegeRow[];
  batches: readonly BatchRow[];
  prints: readonly PrintRunRow[];
}
export type CollectorFact =
  | { type: 'scanCollegeChanged'; body: { college: ScanCollegeRow } }
  | { type: 'scanBatchChanged'; body: { batch: BatchRow } }
  | { type: 'printRunChanged'; body: { print: PrintRunRow } };

export const emptyCollector = (centre: string): CollectorState => ({ centre, colleges: [], batches: [], prints: [] });

/** The newer revision wins. */
function withNewer<T extends { rev: number }>(rows: readonly T[], row: T, keyOf: (row: T) => string): readonly T[] {
  const at = rows.findIndex((one) => keyOf(one) === keyOf(row));
  const present = rows[at];
  if (present && present.rev >= row.rev) return rows;
  return present ? rows.with(at, row) : [...rows, row];
}

const byOrder = (a: ScanCollegeRow, b: ScanCollegeRow): number => a.order - b.order || (a.college < b.college ? -1 : 1);
const byOpening = (a: BatchRow, b: BatchRow): number => a.openedAtMs - b.openedAtMs || (a.id < b.id ? -1 : 1);
const byAsking = (a: PrintRunRow, b: PrintRunRow): number => a.askedAtMs - b.askedAtMs || (a.id < b.id ? -1 : 1);

export const collectorOf = (
  centre: string,
  colleges: readonly ScanCollegeRow[],
  batches: readonly BatchRow[],
  prints: readonly PrintRunRow[],
): CollectorState => ({
  ...{ centre, colleges: colleges.toSorted(byOrder), batches: batches.toSorted(byOpening) },
  prints: prints.toSorted(byAsking),
});

export function applyCollectorFact(state: CollectorState, fact: CollectorFact): CollectorState {
  const { centre, colleges, batches, prints } = state;
  switch (fact.type) {
    case 'scanCollegeChanged':
      return collectorOf(
        centre,
        withNewer(colleges, fact.body.college, ({ college }) => college),
        batches,
        prints,
      );
    case 'scanBatchChanged':
      return collectorOf(
        centre,
        colleges,
        withNewer(batches, fact.body.batch, ({ id }) => id),
        prints,
      );
    case 'printRunChanged':
      return collectorOf(
        centre,
        colleges,
        batches,
        withNewer(prints, fact.body.print, ({ id }) => id),
      );
    default:
      throw fact satisfies never;
  }
}

/** A centre in figures: what its colleges add up to. */
export interface CollectorCounts extends ScanFigures {
  colleges: number;
  packagesAwaited: number;
  pagesUploaded: number;
  pagesUnread: number;
}
export function countCollector(rows: readonly ScanCollegeRow[]): CollectorCounts {
  const sum = (of: (row: ScanCollegeRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const figure = (name: keyof ScanFigures): number => sum(({ figures }) => figures[name]);
  return {
    ...{ colleges: rows.length, packagesAwaited: sum((row) => (row.package ? 0 : 1)) },
    ...{ pagesUploaded: sum((row) => row.pagesUploaded), pagesUnread: sum((row) => row.pagesUnread) },
    ...{ pagesExpected: figure('pagesExpected'), pagesRead: figure('pagesRead') },
    ...{ worksExpected: figure('worksExpected'), worksWhole: figure('worksWhole') },
    ...{ worksWritten: figure('worksWritten'), worksChecked: figure('worksChecked'), errorsOpen: figure('errorsOpen') },
    errorsSettled: figure('errorsSettled'),
  };
}

/* ---- one batch: its files and pages ---- */

export interface FileRow {
  id: string;
  rev: number;
  name: string;
  bytes: number;
  status: ScanFile['status'];
  pages: number | null;
  pagesDone: number;
  sentAtMs: number;
  sentBy: string;
}
export const fileRow = (file: ScanFile): FileRow => ({
  ...{ id: file.id, rev: file.rev, name: file.name, bytes: file.bytes, status: file.status },
  pages: file.status === 'reading' || file.status === 'read' ? file.pages : null,
  pagesDone: file.status === 'reading' ? file.next - 1 : file.status === 'read' ? file.pages : 0,
  ...{ sentAtMs: file.sentAtMs, sentBy: file.sentBy },
});

export interface PageRow {
  id: string;
  rev: number;
  file: string;
  n: number;
  status: ScanPage['status'];
  droppedFor: DropReason | null;
  hasImage: boolean;
  /** Whose page it is, as far as that is known, and the sheet of paper of its form that it is a side of. */
  code: (Pick<PageCode, 'holder' | 'form' | 'page'> & { sheet: number }) | null;
  /** Of a cover: how many sheets it says that follow; null when nobody can tell. */
  cover?: { sheets: number | null };
  /** What was mended without anybody. */
  healed: CollectorFindingCode[];
}
export const pageRow = (page: ScanPage): PageRow => {
  const code = codeOf(page);
  return {
    ...{ id: page.id, rev: page.rev, file: page.file, n: page.n, status: page.status, droppedFor: page.droppedFor },
    hasImage: page.image !== null,
    code: code && { holder: code.holder, form: code.form, page: code.page, sheet: sheetOf(code) },
    ...(page.droppedFor === 'cover' ? { cover: { sheets: sheetsDeclared(page) } } : {}),
    healed: healedOf(page).map((finding) => finding.code),
  };
};

const sheetOf = ({ form: number, version, page }: PageCode): number =>
  findForm(FORMS, number, version)?.form.pages.find((one) => one.number === page)?.sheet ?? page;

/** What the cover on top of a batch says, and how many sheets of paper came with it; null where no cover of it came (S1-24). */
export function coverOf(pages: readonly PageRow[], batch: number): { declared: number | null; counted: number } | null {
  const cover = pages.findLast(
    ({ cover, code }) => cover && code?.holder.kind === 'batch' && code.holder.number === batch,
  );
  if (!cover?.cover) return null;
  const sheets = new Set(
    pages
      .filter(({ status }) => status !== 'dropped')
      .map(({ id, code }) => (code ? `${code.holder.kind}/${code.holder.number}/${code.form}/${code.sheet}` : id)),
  );
  return { declared: cover.cover.sheets, counted: sheets.size };
}

export interface ScanBatchState {
  files: readonly FileRow[];
  pages: readonly PageRow[];
}
export type ScanBatchFact =
  | { type: 'scanFileChanged'; body: { file: FileRow } }
  | { type: 'scanPageChanged'; body: { page: PageRow } }
  /** It belongs to another batch now. */
  | { type: 'scanPageLeft'; body: { page: string } };

export const batchOf = (files: readonly FileRow[], pages: readonly PageRow[]): ScanBatchState => {
  const places = new Map(
    files.toSorted((a, b) => a.sentAtMs - b.sentAtMs || (a.id < b.id ? -1 : 1)).map(({ id }, at) => [id, at]),
  );
  const placeOf = ({ file }: PageRow): number => places.get(file) ?? places.size;
  return {
    files: files.toSorted((a, b) => a.sentAtMs - b.sentAtMs || (a.id < b.id ? -1 : 1)),
    pages: pages.toSorted((a, b) => placeOf(a) - placeOf(b) || a.n - b.n || (a.id < b.id ? -1 : 1)),
  };
};

export function applyBatchFact(state: ScanBatchState, fact: ScanBatchFact): ScanBatchState {
  const { files, pages } = state;
  switch (fact.type) {
    case 'scanFileChanged':
      return batchOf(
        withNewer(files, fact.body.file, ({ id }) => id),
        pages,
      );
    case 'scanPageChanged':
      return batchOf(
        files,
        withNewer(pages, fact.body.page, ({ id }) => id),
      );
    case 'scanPageLeft':
      return batchOf(
        files,
        pages.filter(({ id }) => id !== fact.body.page),
      );
    default:
      throw fact satisfies never;
  }
}

/** A finding that many pages of a batch have in common and that nobody had to settle: told once, because its cause can be mended. */
export interface RepeatedCause {
  cause: BatchCause;
  code: CollectorFindingCode;
  pages: number;
}
export function repeatedCauses(pages: readonly PageRow[]): RepeatedCause[] {
  const counts = new Map<CollectorFindingCode, number>();
  for (const { healed } of pages) for (const code of new Set(healed)) counts.set(code, (counts.get(code) ?? 0) + 1);
  return [...counts]
    .flatMap(([code, count]) => {
      const cause = FINDINGS[code].batchCause;
      const isRepeated = count >= SAME_PAGES_MIN && count >= SAME_SHARE_MIN * pages.length;
      return cause && isRepeated ? [{ cause, code, pages: count }] : [];
    })
    .toSorted((a, b) => b.pages - a.pages || (a.code < b.code ? -1 : 1));
}

/* ---- a college's own ---- */

/** What a college sees: how far its pages are, and what is wrong with them; not who is at work. */
export interface OwnScans {
  college: ScanCollegeRow | null;
  errors: readonly ScanErrorView[];
}
export type OwnScansFact =
  | { type: 'scanCollegeChanged'; body: { college: ScanCollegeRow } }
  | { type: 'scanErrorChanged'; entity: string; rev: number; body: { error: ScanErrorView } };

export const ownScansOf = (college: ScanCollegeRow | null, errors: readonly ScanErrorView[]): OwnScans => ({
  college,
  errors: errors.toSorted((a, b) => a.raisedAtMs - b.raisedAtMs || (a.id < b.id ? -1 : 1)),
});

export function applyOwnScansFact(state: OwnScans, fact: OwnScansFact): OwnScans {
  const { college, errors } = state;
  switch (fact.type) {
    case 'scanCollegeChanged':
      return college && college.rev >= fact.body.college.rev ? state : { ...state, college: fact.body.college };
    case 'scanErrorChanged': {
      const present = errors.find(({ id }) => id === fact.entity);
      if (present && present.rev >= fact.rev) return state;
      const others = errors.filter((one) => one !== present);
      const { error } = fact.body;
      return ownScansOf(college, error.status === 'resolved' ? others : [...others, error]);
    }
    default:
      throw fact satisfies never;
  }
}

/** As an institution sees an error: by whom it was settled is no matter of its. */
export const ownErrorView = (error: ScanErrorView): ScanErrorView => ({ ...error, byName: null });

/* ---- checking ---- */

/** How far the works of one college are that have something for experts in them; experts see sums of these. */
export interface CheckingPart {
  college: string;
  rev: number;
  works: number;
  checked: number;
}
export interface CheckingState {
  parts: readonly CheckingPart[];
}
export type CheckingFact = { type: 'checkingChanged'; body: { part: CheckingPart } };

export const checkingPart = ({ college, rev, figures }: ScanCollege): CheckingPart => ({
  ...{ college, rev, works: figures.worksWritten, checked: figures.worksChecked },
});
export const checkingOf = (parts: readonly CheckingPart[]): CheckingState => ({
  parts: parts.toSorted((a, b) => (a.college < b.college ? -1 : 1)),
});
export const applyCheckingFact = ({ parts }: CheckingState, { body }: CheckingFact): CheckingState =>
  checkingOf(withNewer(parts, body.part, ({ college }) => college));

/* ---- flow ---- */

/** Pages a minute over the last minutes, and when the rest will be read at that pace (ms); null while nothing flows. */
export interface Flow {
  pagesPerMinute: number;
  endsAtMs: number | null;
}
export const FLOW_WINDOW_MS = 5 * 60_000;

/** `seen` are the pages read so far at moments, oldest first; `left` are those that are uploaded and not read. */
export function flowOf(seen: readonly { atMs: number; pages: number }[], left: number, nowMs: number): Flow | null {
  const recent = seen.filter(({ atMs }) => atMs >= nowMs - FLOW_WINDOW_MS);
  const [first] = recent;
  const last = recent.at(-1);
  if (!first || !last || last.atMs - first.atMs < 10_000 || last.pages <= first.pages) return null;
  const pagesPerMinute = ((last.pages - first.pages) / (last.atMs - first.atMs)) * 60_000;
  return { pagesPerMinute, endsAtMs: left > 0 ? nowMs + (left / pagesPerMinute) * 60_000 : null };
}
