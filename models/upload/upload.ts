/**
 * A large file on its way into the hub: received part by part, by whichever node is asked, then stored whole and handed to what it
 * was sent for (S1-04). Pure, browser-safe.
 */
import { z } from 'zod';
import type { CollectorFinding } from '#collector/finding.ts';
import { HubError, type RefusalCode, type RefusalParams } from '../error.ts';

/** Bytes of one part in the database: what a cut line or a killed node costs at the most. */
export const UPLOAD_PART_BYTES = 2 ** 20;
/** The largest file of any purpose (bytes); each purpose has its own limit below. */
export const UPLOAD_BYTES_MAX = 4 * 2 ** 30;
/** Uploads that one person may have begun and not ended: a browser sends three at once; the rest are what crashes have left. */
export const UNFINISHED_MAX = 100;
/** How long an upload waits for its next part before it is given up (ms). */
export const UNFINISHED_DAYS_KEPT = 7;
export const UNFINISHED_KEPT_MS = UNFINISHED_DAYS_KEPT * 24 * 60 * 60_000;
/** How long a node may be silent about a file that it stores (ms). */
export const STORING_LEASE_MS = 20_000;
/** Tries of storing, and then of handing over, before a file is refused: what fails so often does not end by itself. */
export const TRIES_MAX = 5;
/** Shortest time between two words about the progress of one upload (ms), and the part of the file that is told in any case. */
export const PROGRESS_EVERY_MS = 1_000;
export const PROGRESS_SHARE = 0.05;
/** Ended uploads that the list of a target still shows: the last ones. */
export const ENDED_SHOWN_MAX = 50;
export const UPLOAD_NAME_CHARS_MAX = 160;

/** A purpose's target is the last part of a stream's name. */
const targetSchema = z.string().regex(/^[\w./-]{1,120}$/);
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

export const beginSchema = z.strictObject({
  purpose: z.string().regex(/^[a-z][A-Za-z]{0,39}$/),
  target: targetSchema,
  /** As the sender's computer calls it. */
  name: z.string().min(1).max(1_000),
  bytes: z.number().int().min(1).max(UPLOAD_BYTES_MAX),
  /** The hash of the whole file, where the sender knows it. */
  sha256: sha256Schema.nullable().default(null),
  /** By what the sender's computer knows the file again after a crash. */
  fingerprint: z.string().max(200).default(''),
  /** Sent though the same file is here already. */
  isAgain: z.boolean().default(false),
});
export type BeginInput = z.infer<typeof beginSchema>;

interface UploadBase {
  id: string;
  rev: number;
  owner: string;
  ownerName: string;
  purpose: string;
  target: string;
  /** The territory that the target belongs to, for the journal of deeds. */
  path: string;
  name: string;
  bytes: number;
  /** Bytes that are kept, from the first one on. */
  offset: number;
  declaredSha256: string | null;
  fingerprint: string;
  isAgain: boolean;
  beganAtMs: number;
  /** When its last part came. */
  touchedAtMs: number;
  /** What of its progress was told last. */
  told: { offset: number; atMs: number };
}

/** What a node has still to do with it, and from when on another one may: null when nothing is left. */
interface Work {
  dueAtMs: number | null;
  tries: number;
}

export type Upload = UploadBase &
  (
    | { status: 'receiving' }
    /** All bytes are here; `blob` is where a node tries to store them. */
    | ({ status: 'received'; receivedAtMs: number; blob: string | null } & Work)
    /** Stored whole; handed over when `dueAtMs` is null. */
    | ({ status: 'stored'; endedAtMs: number; blob: string; sha256: string; storedAs?: string } & Work)
    | ({ status: 'refused'; endedAtMs: number; blob: string | null; code: RefusalCode; params: RefusalParams } & Work)
    | ({ status: 'abandoned'; endedAtMs: number; cause: 'sender' | 'stale'; blob: null } & Work)
  );
export type UploadStatus = Upload['status'];
export type UploadOf<Status extends UploadStatus> = Extract<Upload, { status: Status }>;
export type EndedUpload = UploadOf<'stored' | 'refused' | 'abandoned'>;

/** The name to show and to save: no path, nothing that steers or turns the line. */
export function safeUploadName(raw: string): string {
  const plain = (raw.split(/[/\\]/).at(-1) ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '');
  const dot = plain.lastIndexOf('.');
  const ending = dot > 0 ? plain.slice(dot).slice(0, 12) : '';
  const stem = (ending === '' ? plain : plain.slice(0, dot)) || 'file';
  // A half of a character at the cut is none.
  return stem.slice(0, UPLOAD_NAME_CHARS_MAX - ending.length).replace(/[\uD800-\uDBFF]$/, '') + ending;
}

export function beginUpload(
  { id, owner, ownerName, path }: Pick<UploadBase, 'id' | 'owner' | 'ownerName' | 'path'>,
  { sha256, name, ...input }: BeginInput,
  nowMs: number,
): UploadOf<'receiving'> {
  return {
    ...{ id, rev: 1, owner, ownerName, path, ...input },
    ...{ name: safeUploadName(name), declaredSha256: sha256, offset: 0 },
    ...{ beganAtMs: nowMs, touchedAtMs: nowMs, told: { offset: 0, atMs: nowMs } },
    status: 'receiving',
  };
}

interface UploadRefusal {
  code: RefusalCode;
  params: RefusalParams;
}

/** Why an upload that was given up is not gone on with. */
const givenUp = (name: string, cause: 'sender' | 'stale'): UploadRefusal =>
  cause === 'stale'
    ? { code: 'upload_expired', params: { name, days: UNFINISHED_DAYS_KEPT } }
    : { code: 'upload_over', params: { name } };

/** Errors: HubError `upload_over`, `upload_expired` for one that nobody went on with in time. */
export function demandReceiving(upload: Upload): UploadOf<'receiving'> {
  if (upload.status === 'receiving') return upload;
  const { code, params } = givenUp(upload.name, upload.status === 'abandoned' ? upload.cause : 'sender');
  throw new HubError(code, params);
}

/** Refuses one that was given up, or whose time is over though nobody has given it up yet. Errors: as `demandReceiving`. */
export function demandKept(upload: UploadView, nowMs: number): void {
  const isStale = upload.status === 'receiving' && nowMs - upload.touchedAtMs >= UNFINISHED_KEPT_MS;
  const cause = upload.status === 'abandoned' ? upload.cause : isStale ? 'stale' : null;
  if (cause === null) return;
  const { code, params } = givenUp(upload.name, cause);
  throw new HubError(code, params);
}

/** Errors: HubError `upload_moved` when another one has sent what begins here, or nobody yet has sent what lies before it. */
export function demandOffset(upload: UploadOf<'receiving'>, offset: number): void {
  if (upload.offset !== offset) throw new HubError('upload_moved', { offset: upload.offset });
}

/** One part more; with the last one everything is received. Whether it is worth a word stands in `isTold`. */
export function partCame(
  upload: UploadOf<'receiving'>,
  bytes: number,
  nowMs: number,
): { upload: UploadOf<'receiving' | 'received'>; isTold: boolean } {
  const offset = upload.offset + bytes;
  if (offset > upload.bytes)
    throw new HubError('upload_too_large', { mb: megabytes(offset), mbMax: megabytes(upload.bytes) });
  const isWhole = offset === upload.bytes;
  const isTold =
    isWhole ||
    nowMs - upload.told.atMs >= PROGRESS_EVERY_MS ||
    offset - upload.told.offset >= upload.bytes * PROGRESS_SHARE;
  const on = {
    ...upload,
    ...{ rev: upload.rev + 1, offset, touchedAtMs: nowMs },
    told: isTold ? { offset, atMs: nowMs } : upload.told,
  };
  if (!isWhole) return { upload: on, isTold };
  return { upload: { ...on, status: 'received', receivedAtMs: nowMs, blob: null, dueAtMs: nowMs, tries: 0 }, isTold };
}

export const megabytes = (bytes: number): number => Math.ceil(bytes / 2 ** 20);

type Working = UploadOf<'received'> | EndedUpload;

/** A node takes over what is to be done; null while another one is at it. */
export function claimUpload(upload: Upload, blob: string, nowMs: number): Working | null {
  if (upload.status === 'receiving' || upload.dueAtMs === null || upload.dueAtMs > nowMs) return null;
  const on = { rev: upload.rev + 1, dueAtMs: nowMs + STORING_LEASE_MS, tries: upload.tries + 1 };
  return upload.status === 'received' ? { ...upload, ...on, blob } : { ...upload, ...on };
}

/** The node is still at it. */
export const renewLease = <One extends Working>(upload: One, nowMs: number): One => ({
  ...upload,
  ...{ rev: upload.rev + 1, dueAtMs: nowMs + STORING_LEASE_MS },
});

/** The node stops, or met a fault: whoever looks next goes on. */
export const releaseUpload = <One extends Working>(upload: One, dueAtMs: number): One => ({
  ...upload,
  ...{ rev: upload.rev + 1, dueAtMs },
});

/** Stored under its blob; a declared hash that differs refuses it. */
export function stored(
  upload: UploadOf<'received'> & { blob: string },
  sha256: string,
  nowMs: number,
): UploadOf<'stored' | 'refused'> {
  if (upload.declaredSha256 !== null && upload.declaredSha256 !== sha256)
    return refused(upload, 'upload_differs', { name: upload.name }, nowMs);
  const { receivedAtMs: _receivedAtMs, ...rest } = upload;
  // Once for its target, unless it is sent again on purpose.
  const once = upload.isAgain ? {} : { storedAs: `${upload.purpose} ${upload.target} ${sha256}` };
  return {
    ...rest,
    ...{ status: 'stored', rev: upload.rev + 1, endedAtMs: nowMs, sha256, ...once },
    ...{ dueAtMs: nowMs, tries: 0 },
  };
}

export function refused(
  upload: UploadOf<'received' | 'stored'>,
  code: RefusalCode,
  params: RefusalParams,
  nowMs: number,
): UploadOf<'refused'> {
  const { id, owner, ownerName, purpose, target, path, name, bytes, offset, blob, ...rest } = upload;
  const { declaredSha256, fingerprint, isAgain, beganAtMs, touchedAtMs, told } = rest;
  return {
    ...{ id, owner, ownerName, purpose, target, path, name, bytes, offset, blob },
    ...{ declaredSha256, fingerprint, isAgain, beganAtMs, touchedAtMs, told },
    ...{ status: 'refused', rev: upload.rev + 1, endedAtMs: nowMs, code, params, dueAtMs: nowMs, tries: 0 },
  };
}

/** Errors: as `demandReceiving`. */
export const abandon = (upload: Upload, cause: 'sender' | 'stale', nowMs: number): UploadOf<'abandoned'> => ({
  ...demandReceiving(upload),
  ...{ status: 'abandoned', rev: upload.rev + 1, endedAtMs: nowMs, cause, blob: null, dueAtMs: nowMs, tries: 0 },
});

/** Nothing is left to do. */
export const settled = <One extends EndedUpload>(upload: One): One => ({
  ...upload,
  ...{ rev: upload.rev + 1, dueAtMs: null },
});

/** What became of a file, for whoever sent it and has no page open. */
export type UploadOutcome =
  | { status: 'pending' }
  | { status: 'read'; pages: number; errors: number }
  | ({ status: 'refused' } & UploadRefusal)
  /** Taken, and nothing could be read in it. */
  | { status: 'unreadable'; findings: CollectorFinding[] };

/** What an upload itself tells of its outcome; null for one that was handed over: what it was sent for knows the rest. */
export function ownOutcome(upload: Upload): UploadOutcome | null {
  switch (upload.status) {
    case 'receiving':
    case 'received':
      return { status: 'pending' };
    case 'stored':
      return upload.dueAtMs === null ? null : { status: 'pending' };
    case 'refused':
      return { status: 'refused', code: upload.code, params: upload.params };
    case 'abandoned':
      return { status: 'refused', ...givenUp(upload.name, upload.cause) };
    default:
      throw upload satisfies never;
  }
}

/** An upload as those who may see its target follow it. */
export type UploadView = Pick<
  UploadBase,
  | 'id'
  | 'rev'
  | 'owner'
  | 'ownerName'
  | 'purpose'
  | 'target'
  | 'name'
  | 'bytes'
  | 'offset'
  | 'fingerprint'
  | 'beganAtMs'
  | 'touchedAtMs'
> &
  (
    | { status: 'receiving' | 'received' }
    | { status: 'stored'; endedAtMs: number; sha256: string; isHandedOver: boolean }
    | { status: 'refused'; endedAtMs: number; code: RefusalCode; params: RefusalParams }
    | { status: 'abandoned'; endedAtMs: number; cause: 'sender' | 'stale' }
  );

export function uploadView(upload: Upload): UploadView {
  const { id, rev, owner, ownerName, purpose, target, name, bytes, offset, fingerprint } = upload;
  const { beganAtMs, touchedAtMs } = upload;
  const base = {
    ...{ id, rev, owner, ownerName, purpose, target, name, bytes, offset, fingerprint },
    ...{ beganAtMs, touchedAtMs },
  };
  switch (upload.status) {
    case 'receiving':
    case 'received':
      return { ...base, status: upload.status };
    case 'stored': {
      const { status, endedAtMs, sha256, dueAtMs } = upload;
      return { ...base, status, endedAtMs, sha256, isHandedOver: dueAtMs === null };
    }
    case 'refused': {
      const { status, endedAtMs, code, params } = upload;
      return { ...base, status, endedAtMs, code, params };
    }
    case 'abandoned': {
      const { status, endedAtMs, cause } = upload;
      return { ...base, status, endedAtMs, cause };
    }
    default:
      throw upload satisfies never;
  }
}

type EndedView = Extract<UploadView, { endedAtMs: number }>;
const hasEnded = (view: UploadView): view is EndedView => 'endedAtMs' in view;

/** The uploads of one target: those under way, and the last that ended. */
export interface UploadsPart {
  purpose: string;
  target: string;
  open: UploadView[];
  ended: EndedView[];
}
export type UploadFact = { type: 'uploadChanged'; body: { upload: UploadView } };

const byBeginning = (a: UploadView, b: UploadView): number => a.beganAtMs - b.beganAtMs || (a.id < b.id ? -1 : 1);
const byEnd = (a: EndedView, b: EndedView): number => b.endedAtMs - a.endedAtMs || (a.id < b.id ? 1 : -1);

export const noUploads = (purpose: string, target: string): UploadsPart => ({ purpose, target, open: [], ended: [] });

export function uploadsOf(purpose: string, target: string, views: readonly UploadView[]): UploadsPart {
  return {
    ...{ purpose, target },
    open: views.filter((view) => !hasEnded(view)).sort(byBeginning),
    ended: views.filter(hasEnded).sort(byEnd).slice(0, ENDED_SHOWN_MAX),
  };
}

export function applyUploadFact(part: UploadsPart, { body: { upload } }: UploadFact): UploadsPart {
  const all = [...part.open, ...part.ended];
  const known = all.find(({ id }) => id === upload.id);
  if (known && known.rev >= upload.rev) return part;
  return uploadsOf(part.purpose, part.target, [...all.filter((one) => one !== known), upload]);
}
