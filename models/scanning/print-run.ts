/**
 * A job of printing (S1-04, S1-12): forms for the participants of new rooms, sheets about the rooms, and spares of one college, as one
 * PDF. Written by whichever node has time; a node that dies costs a lease. Pure, browser-safe.
 */
import type { PagesOf } from './scan-college.ts';

export const PRINT_LEASE_MS = 60_000;
/** Pages of one job. */
export const PRINT_PAGES_MAX = 10_000;

/** Pages of one participant, of one room and of one spare set. */
export interface PrintedPages extends PagesOf {
  spare: number;
}

/** How many pages a job writes. */
export const pagesPrinted = (rooms: readonly { participants: number }[], spares: number, pages: PrintedPages): number =>
  rooms.reduce((sum, { participants }) => sum + participants * pages.participant + pages.room, 0) +
  spares * pages.spare;

interface RunBase {
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  college: string;
  collegeName: string;
  /** Rooms by number, of the roster as it was extended by this run. */
  rooms: number[];
  /** Serials of spares. */
  spares: { first: number; count: number };
  pages: number;
  askedAtMs: number;
  askedBy: string;
}

export type PrintRun = RunBase &
  (
    | { status: 'waiting' }
    | { status: 'printing'; node: string; leaseUntilMs: number; pagesDone: number; blob: string }
    | { status: 'ready'; readyAtMs: number; blob: string; bytes: number }
    | { status: 'failed'; failedAtMs: number }
  );
export type PrintRunOf<Status extends PrintRun['status']> = Extract<PrintRun, { status: Status }>;

const baseOf = (run: PrintRun): RunBase => ({
  ...{ id: run.id, rev: run.rev + 1, procedure: run.procedure, centre: run.centre, college: run.college },
  ...{ collegeName: run.collegeName, rooms: run.rooms, spares: run.spares, pages: run.pages },
  ...{ askedAtMs: run.askedAtMs, askedBy: run.askedBy },
});

/** A node takes a run, or one whose node fell silent, and begins it anew under a blob of its own; null when there is nothing to do. */
export function claimRun(run: PrintRun, node: string, blob: string, nowMs: number): PrintRunOf<'printing'> | null {
  if (run.status !== 'waiting' && !(run.status === 'printing' && run.leaseUntilMs <= nowMs)) return null;
  return { ...baseOf(run), status: 'printing', node, leaseUntilMs: nowMs + PRINT_LEASE_MS, pagesDone: 0, blob };
}

export const runMoved = (run: PrintRunOf<'printing'>, pagesDone: number, nowMs: number): PrintRunOf<'printing'> => ({
  ...{ ...run, rev: run.rev + 1, pagesDone, leaseUntilMs: nowMs + PRINT_LEASE_MS },
});
export const runReady = (run: PrintRunOf<'printing'>, bytes: number, nowMs: number): PrintRunOf<'ready'> => ({
  ...{ ...baseOf(run), status: 'ready', readyAtMs: nowMs, blob: run.blob, bytes },
});
export const runFailed = (run: PrintRunOf<'printing'>, nowMs: number): PrintRunOf<'failed'> => ({
  ...{ ...baseOf(run), status: 'failed', failedAtMs: nowMs },
});
