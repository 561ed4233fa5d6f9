/**
 * One file an institution sent (domain 4.1 DataSubmission; S2-13 … S2-21): uploaded → attested → processing →
 * processed or failed; refused at the door, or replaced by a newer file before the tick. Pure, browser-safe.
 */
import type { AttendanceRow } from '../attendance/attendance.form.ts';
import type { AttendanceReport } from '../attendance/attendance.report.ts';
import type { Finding, WorkbookFormat } from '../attendance/workbook.ts';
import { HubError, type RefusalCode } from '../error.ts';
import type { Progress } from '../participation/participation.ts';

/** Who confirmed what, when, and the exact file it binds (S2-17). Signed by the hub, so that a copy can be checked. */
export interface Attestation {
  text: string;
  personId: string;
  personName: string;
  atMs: number;
  sha256: string;
  formVersion: number;
  /** HMAC-SHA256 of the fields above, hex. */
  signature: string;
}

interface Sent {
  id: string;
  rev: number;
  procedure: string;
  institution: string;
  path: string;
  /** 1 for the institution's first file; refused files count. */
  number: number;
  fileName: string;
  bytes: number;
  sha256: string;
  sentAtMs: number;
  sentBy: string;
}

export type Submission = Sent &
  (
    | { status: 'rejected'; code: RefusalCode }
    | { status: 'uploaded' }
    | { status: 'replaced'; replacedAtMs: number }
    | { status: 'attested'; attestation: Attestation }
    | { status: 'processing'; attestation: Attestation; node: string; leaseUntilMs: number }
    | {
        status: 'processed';
        attestation: Attestation;
        processedAtMs: number;
        format: WorkbookFormat;
        rows: AttendanceRow[];
        report: AttendanceReport;
        notes: Finding[];
        /** The later submission that took its place: its receipt is void from then on. */
        voidedBy: string | null;
      }
    | {
        status: 'failed';
        attestation: Attestation;
        processedAtMs: number;
        format: WorkbookFormat | null;
        /** The first findings, at most FINDINGS_SHOWN_MAX; the annotated file holds all that were kept. */
        findings: Finding[];
        errors: number;
      }
  );

export type SubmissionOf<Status extends Submission['status']> = Extract<Submission, { status: Status }>;

/** A file counts for nothing while it is read for longer than this: another node takes it up (ms). */
export const PROCESSING_LEASE_MS = 120_000;

/** Length limit of a file's name, in characters. */
export const FILE_NAME_MAX = 150;

/** A name fit to be shown and stored: no path, no control characters. */
export function fileNameOf(raw: string): string {
  const name = (raw.split(/[/\\]/).at(-1) ?? '').replaceAll(/[\u0000-\u001f\u007f]/g, '').trim();
  return name.slice(-FILE_NAME_MAX) || 'file';
}

/** A new file takes the place of one that still waits for its tick; one that is being read must end first. */
export function makeWay(current: Submission | null, nowMs: number): SubmissionOf<'replaced'> | null {
  if (!current) return null;
  switch (current.status) {
    case 'uploaded':
      return { ...current, status: 'replaced', replacedAtMs: nowMs, rev: current.rev + 1 };
    case 'attested':
    case 'processing':
      throw new HubError('submission_busy');
    case 'processed':
    case 'failed':
    case 'replaced':
    case 'rejected':
      return null;
    default:
      throw current satisfies never;
  }
}

/** The tick (S2-15). A second tick on the same file changes nothing. */
export function attest(submission: Submission, attestation: Attestation): SubmissionOf<'attested'> | null {
  switch (submission.status) {
    case 'uploaded':
      return { ...submission, status: 'attested', attestation, rev: submission.rev + 1 };
    case 'attested':
    case 'processing':
    case 'processed':
    case 'failed':
      return null;
    case 'replaced':
    case 'rejected':
      throw new HubError('submission_replaced');
    default:
      throw submission satisfies never;
  }
}

/** Takes an attested file for reading, or one whose reader let its lease run out; null when there is nothing to take. */
export function claim(submission: Submission, node: string, nowMs: number): SubmissionOf<'processing'> | null {
  const isFree =
    submission.status === 'attested' || (submission.status === 'processing' && submission.leaseUntilMs <= nowMs);
  if (!isFree) return null;
  return {
    ...submission,
    status: 'processing',
    node,
    leaseUntilMs: nowMs + PROCESSING_LEASE_MS,
    rev: submission.rev + 1,
  };
}

/** What the board shows of the latest submission: derived, so that the two never disagree. */
export function progressOf(submission: Submission): Partial<Progress> {
  const sent = {
    current: submission.id,
    sentAtMs: submission.sentAtMs,
    attestedAtMs: null,
    processedAtMs: null,
    errors: 0,
  };
  switch (submission.status) {
    case 'uploaded':
      return { ...sent, phase: 'uploaded' };
    case 'attested':
    case 'processing':
      return { ...sent, phase: submission.status, attestedAtMs: submission.attestation.atMs };
    case 'processed':
    case 'failed': {
      const { attestation, processedAtMs } = submission;
      const read = { ...sent, attestedAtMs: attestation.atMs, processedAtMs };
      if (submission.status === 'failed') return { ...read, phase: 'failed', errors: submission.errors };
      return { ...read, phase: 'processed', reportAtMs: processedAtMs, standing: submission.id };
    }
    case 'replaced':
    case 'rejected':
      return {};
    default:
      throw submission satisfies never;
  }
}

type WithoutRows<S> = S extends { rows: unknown } ? Omit<S, 'rows'> : S;
/** What the cabinet shows of a submission: everything but the raw rows, which the report already sums up. */
export type SubmissionView = WithoutRows<Submission>;

export function submissionView(submission: Submission): SubmissionView {
  if (submission.status !== 'processed') return submission;
  const { rows: _, ...view } = submission;
  return view;
}
