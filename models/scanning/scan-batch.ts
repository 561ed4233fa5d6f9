/**
 * A batch of scans (domain 4.1 ScanBatch, S1-04, S1-12): one feed of one college's package, and the files that a specialist sent for it.
 * What state a batch is in follows from what is in it. Pure, browser-safe.
 */
import { HubError } from '../error.ts';
import type { CollectorFindingCode } from '#collector/finding.ts';
import { added, addedCounts, type Counts } from './figures.ts';

/** Longest file name that is kept (characters). */
export const FILE_NAME_CHARS_MAX = 200;

/** One file of a scanner (bytes): a feed of a thousand pages at 300 dpi. */
export const SCAN_FILE_BYTES_MAX = 512 * 2 ** 20;
/** Names of files that a scanner writes; their content is looked at when they are here. */
export const SCAN_NAME_ENDINGS = ['.pdf', '.tif', '.tiff', '.jpg', '.jpeg', '.png', '.webp', '.zip'];

export const BATCH_STATES = [
  'created',
  'uploading',
  'preprocessing',
  'hasErrors',
  'accepted',
  'checking',
  'checked',
] as const;
export type BatchState = (typeof BATCH_STATES)[number];

export interface BatchFigures {
  files: number;
  filesRead: number;
  /** Files that could not be read at all. */
  filesRefused: number;
  /** Pages in files that were looked into. */
  pages: number;
  pagesRead: number;
  /** Pages without an identity, or waiting for a decision. */
  pagesUnread: number;
  /** Dropped by a decision, or because the very same page was there. */
  pagesDropped: number;
  errorsOpen: number;
  errorsSettled: number;
  /** Works that begin in this batch, and how many of them experts have finished. */
  works: number;
  /** Those in which an extended answer is written: what experts have to check. */
  worksWritten: number;
  worksChecked: number;
}

export interface ScanBatch {
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  collegeName: string;
  /** Of the college, from 1; as on the cover sheet. */
  number: number;
  openedAtMs: number;
  openedBy: string;
  /** Everything of this batch was sent: from now on what is missing is missed. */
  endedAtMs: number | null;
  figures: BatchFigures;
  /** Errors that are open, by what is wrong. */
  open: Counts<CollectorFindingCode>;
  status: BatchState;
  /** When the last page was read: what a flow is counted from. */
  readAtMs: number | null;
}

const NOTHING: BatchFigures = {
  ...{ files: 0, filesRead: 0, filesRefused: 0, pages: 0, pagesRead: 0, pagesUnread: 0, pagesDropped: 0 },
  ...{ errorsOpen: 0, errorsSettled: 0, works: 0, worksWritten: 0, worksChecked: 0 },
};

/** The state of a batch, from what is in it. */
export function stateOf({ figures, endedAtMs }: Pick<ScanBatch, 'figures' | 'endedAtMs'>): BatchState {
  const { files, filesRead, filesRefused, errorsOpen, worksWritten, worksChecked } = figures;
  if (errorsOpen > 0) return 'hasErrors';
  if (files === 0) return 'created';
  if (endedAtMs === null) return 'uploading';
  if (filesRead + filesRefused < files) return 'preprocessing';
  // Where nothing is written for an expert, nobody checks: the batch is accepted, and done with it.
  if (worksWritten > 0 && worksChecked === worksWritten) return 'checked';
  return worksChecked > 0 ? 'checking' : 'accepted';
}

type Standing = Omit<ScanBatch, 'status'>;
const standing = (batch: Standing): ScanBatch => ({ ...batch, status: stateOf(batch) });

export const openBatch = (
  id: string,
  place: Pick<ScanBatch, 'procedure' | 'centre' | 'college' | 'collegeName' | 'number'>,
  by: { name: string },
  nowMs: number,
): ScanBatch =>
  standing({
    ...{ id, rev: 1, ...place, openedAtMs: nowMs, openedBy: by.name },
    ...{ endedAtMs: null, figures: NOTHING, open: {}, readAtMs: null },
  });

/** Everything was sent. Errors: `batch_empty`, `batch_ended`. */
export function endBatch(batch: ScanBatch, nowMs: number): ScanBatch {
  if (batch.endedAtMs !== null) throw new HubError('batch_ended');
  if (batch.figures.files === 0) throw new HubError('batch_empty');
  return standing({ ...batch, rev: batch.rev + 1, endedAtMs: nowMs });
}

/** More is to be sent. Errors: `batch_open`. */
export function reopenBatch(batch: ScanBatch): ScanBatch {
  if (batch.endedAtMs === null) throw new HubError('batch_open');
  return standing({ ...batch, rev: batch.rev + 1, endedAtMs: null });
}

export function changeBatch(
  batch: ScanBatch,
  difference: Partial<BatchFigures>,
  readAtMs: number | null = batch.readAtMs,
  open: Counts<CollectorFindingCode> = {},
): ScanBatch {
  const figures = added(batch.figures, difference);
  return standing({ ...batch, rev: batch.rev + 1, figures, open: addedCounts(batch.open, open), readAtMs });
}

/* ---- a file ---- */

interface FileBase {
  /** The id of its upload. */
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  batch: string;
  name: string;
  bytes: number;
  sha256: string;
  /** Where its bytes lie. */
  blob: string;
  sentAtMs: number;
  sentBy: string;
}

export type ScanFile = FileBase &
  (
    | { status: 'waiting' }
    /** Being read; whoever reads it holds it until `leaseUntilMs`, and pages before `next` are done. */
    | { status: 'reading'; node: string; leaseUntilMs: number; next: number; pages: number | null; tries: number }
    | { status: 'read'; pages: number; readAtMs: number }
    /** Nothing could be read; the error says why. */
    | { status: 'refused'; readAtMs: number }
  );
export type ScanFileOf<Status extends ScanFile['status']> = Extract<ScanFile, { status: Status }>;

/** How long a node may be silent over a file before another goes on with it (ms): it says that it lives, however long a page takes. */
export const READ_LEASE_MS = 15_000;
/** How often it says so (ms). */
export const READ_RENEWED_MS = READ_LEASE_MS / 3;
/** How often a file is begun at the same page: what fails so often does not end by itself. */
export const READ_TRIES_MAX = 3;

const baseOf = (file: ScanFile): FileBase => ({
  ...{ id: file.id, rev: file.rev + 1, procedure: file.procedure, centre: file.centre, college: file.college },
  ...{ batch: file.batch, name: file.name, bytes: file.bytes, sha256: file.sha256, blob: file.blob },
  ...{ sentAtMs: file.sentAtMs, sentBy: file.sentBy },
});

/** A node takes a file, or goes on with one whose node fell silent; null when there is nothing to do. */
export function claimFile(file: ScanFile, node: string, nowMs: number): ScanFileOf<'reading'> | null {
  const leaseUntilMs = nowMs + READ_LEASE_MS;
  if (file.status === 'waiting')
    return { ...baseOf(file), status: 'reading', node, leaseUntilMs, next: 1, pages: null, tries: 1 };
  if (file.status !== 'reading' || file.leaseUntilMs > nowMs) return null;
  return { ...file, rev: file.rev + 1, node, leaseUntilMs, tries: file.tries + 1 };
}

/** Pages up to `next` are done. */
export const fileMoved = (
  file: ScanFileOf<'reading'>,
  next: number,
  pages: number | null,
  nowMs: number,
): ScanFileOf<'reading'> => ({
  ...file,
  rev: file.rev + 1,
  next,
  pages,
  leaseUntilMs: nowMs + READ_LEASE_MS,
  tries: 0,
});

/** Whoever reads it is still at it. */
export const fileHeld = (file: ScanFileOf<'reading'>, nowMs: number): ScanFileOf<'reading'> => ({
  ...file,
  rev: file.rev + 1,
  leaseUntilMs: nowMs + READ_LEASE_MS,
});

export const fileRead = (file: ScanFileOf<'reading'>, pages: number, nowMs: number): ScanFileOf<'read'> => ({
  ...baseOf(file),
  ...{ status: 'read', pages, readAtMs: nowMs },
});

export const fileRefused = (file: ScanFileOf<'reading'>, nowMs: number): ScanFileOf<'refused'> => ({
  ...baseOf(file),
  ...{ status: 'refused', readAtMs: nowMs },
});
