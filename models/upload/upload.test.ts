import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import {
  abandon,
  applyUploadFact,
  beginSchema,
  beginUpload,
  claimUpload,
  demandKept,
  demandOffset,
  demandReceiving,
  ENDED_SHOWN_MAX,
  noUploads,
  ownOutcome,
  partCame,
  PROGRESS_EVERY_MS,
  refused,
  safeUploadName,
  settled,
  stored,
  STORING_LEASE_MS,
  UNFINISHED_DAYS_KEPT,
  UNFINISHED_KEPT_MS,
  UPLOAD_BYTES_MAX,
  UPLOAD_NAME_CHARS_MAX,
  uploadsOf,
  uploadView,
  type Upload,
  type UploadOf,
} from './upload.ts';

const NOW = 1_000_000;
const HASH = 'a'.repeat(64);
const input = (more: object = {}) =>
  beginSchema.parse({ purpose: 'scan', target: 'p/48', name: 'room 1.pdf', bytes: 1_000, ...more });
const begun = (more: object = {}): UploadOf<'receiving'> =>
  beginUpload({ id: 'u', owner: 'p', ownerName: 'Тестов', path: '/ru/48/' }, input(more), NOW);
const received = (more: object = {}): UploadOf<'received'> => {
  const { upload } = partCame(begun(more), 1_000, NOW + 5);
  if (upload.status !== 'received') throw new Error(upload.status);
  return upload;
};
const claimed = (more: object = {}): UploadOf<'received'> & { blob: string } => ({
  ...(claimUpload(received(more), 'b', NOW + 5) as UploadOf<'received'>),
  blob: 'b',
});

describe('what is said of a file before it comes', () => {
  it('is refused outside its limits', () => {
    expect(input({ bytes: UPLOAD_BYTES_MAX }).bytes).toBe(UPLOAD_BYTES_MAX);
    for (const wrong of [{ bytes: UPLOAD_BYTES_MAX + 1 }, { bytes: 0 }, { bytes: 1.5 }, { sha256: 'x' }, { more: 1 }])
      expect(() => input(wrong)).toThrow();
    expect(() => input({ target: 'a:b' })).toThrow();
  });

  it('names it without a path and without what turns the line', () => {
    expect(safeUploadName('C:\\scans\\../room\u202E 1\u0000.pdf')).toBe('room 1.pdf');
    expect(safeUploadName('...')).toBe('file');
    const long = safeUploadName(`${'я'.repeat(400)}.tiff`);
    expect(long).toHaveLength(UPLOAD_NAME_CHARS_MAX);
    expect(long.endsWith('.tiff')).toBe(true);
  });
});

describe('parts', () => {
  it('are counted from where the file stands, and not beyond its end', () => {
    expect(() => demandOffset(begun(), 1)).toThrow(/upload_moved.*"offset":0/);
    expect(partCame(begun(), 999, NOW).upload).toMatchObject({ status: 'receiving', offset: 999, rev: 2 });
    expect(partCame(begun(), 1_000, NOW).upload).toMatchObject({ status: 'received', dueAtMs: NOW });
    expect(() => partCame(begun(), 1_001, NOW)).toThrow('upload_too_large');
  });

  it('are told when a second has gone, or a twentieth of the file, or all of it', () => {
    expect(partCame(begun(), 49, NOW + PROGRESS_EVERY_MS - 1).isTold).toBe(false);
    expect(partCame(begun(), 1, NOW + PROGRESS_EVERY_MS).isTold).toBe(true);
    const told = partCame(begun(), 50, NOW);
    expect(told.isTold).toBe(true);
    expect(partCame(told.upload as UploadOf<'receiving'>, 49, NOW).isTold).toBe(false);
    expect(partCame(begun(), 1_000, NOW).isTold).toBe(true);
  });
});

describe('a file that is whole', () => {
  it('is one node’s at a time, and another’s when that one is silent', () => {
    const first = claimed();
    expect(first).toMatchObject({ blob: 'b', tries: 1, dueAtMs: NOW + 5 + STORING_LEASE_MS });
    expect(claimUpload(first, 'c', first.dueAtMs === null ? 0 : first.dueAtMs - 1)).toBeNull();
    expect(claimUpload(first, 'c', NOW + 5 + STORING_LEASE_MS)).toMatchObject({ blob: 'c', tries: 2 });
    expect(claimUpload(begun(), 'b', NOW + 1e9)).toBeNull();
  });

  it('is stored under its hash, and refused when another one was declared', () => {
    expect(stored(claimed(), HASH, NOW)).toMatchObject({ status: 'stored', sha256: HASH, blob: 'b', dueAtMs: NOW });
    expect(stored(claimed({ sha256: HASH }), HASH, NOW).status).toBe('stored');
    const other = stored(claimed({ sha256: 'b'.repeat(64) }), HASH, NOW);
    expect(other).toMatchObject({ status: 'refused', code: 'upload_differs', params: { name: 'room 1.pdf' } });
    expect('receivedAtMs' in other).toBe(false);
  });

  it('is not given up any more', () => {
    expect(() => abandon(received(), 'sender', NOW)).toThrow('upload_over');
  });
});

describe('an upload that was given up', () => {
  it('says whether its sender did it or its time was over, from the first moment too late', () => {
    const expired = new HubError('upload_expired', { name: 'room 1.pdf', days: UNFINISHED_DAYS_KEPT });
    expect(() => demandReceiving(abandon(begun(), 'stale', NOW))).toThrow(expired);
    expect(() => demandReceiving(abandon(begun(), 'sender', NOW))).toThrow('upload_over');
    const view = uploadView(begun());
    expect(() => demandKept(view, NOW + UNFINISHED_KEPT_MS - 1)).not.toThrow();
    expect(() => demandKept(view, NOW + UNFINISHED_KEPT_MS)).toThrow(expired);
    expect(() => demandKept(uploadView(abandon(begun(), 'sender', NOW)), NOW)).toThrow('upload_over');
    // One that is whole waits for the hub, not for its sender.
    expect(() => demandKept(uploadView(received()), NOW + UNFINISHED_KEPT_MS)).not.toThrow();
  });

  it('[S1-04] tells its outcome by itself until it is handed over', () => {
    const taken = stored(claimed(), HASH, NOW) as UploadOf<'stored'>;
    expect([begun(), received(), taken].map((upload) => ownOutcome(upload)?.status)).toEqual(Array(3).fill('pending'));
    expect(ownOutcome(settled(taken))).toBeNull();
    expect(ownOutcome(refused(claimed(), 'batch_ended', {}, NOW))).toMatchObject({
      status: 'refused',
      code: 'batch_ended',
    });
    expect(ownOutcome(abandon(begun(), 'stale', NOW))).toMatchObject({ code: 'upload_expired' });
  });
});

it('facts over the old list equal the new list, in whatever order they come', () => {
  const one = (n: number, end: (id: string) => Upload): Upload => end(`u${String(n).padStart(3, '0')}`);
  const ended = Array.from({ length: ENDED_SHOWN_MAX + 5 }, (_, n) =>
    one(n, (id) => settled({ ...abandon(begun(), 'stale', NOW + (n % 7)), id })),
  );
  const open = [begun(), { ...received(), id: 'v' }];
  const refusal = { ...refused(claimed(), 'upload_unprocessed', {}, NOW + 100), id: 'w' };
  const views = [...ended, ...open, refusal].map(uploadView);
  const facts = views.map((upload) => ({ type: 'uploadChanged' as const, body: { upload } }));
  const state = uploadsOf('scan', 'p/48', views);
  expect(state.ended).toHaveLength(ENDED_SHOWN_MAX);
  expect(facts.reduce(applyUploadFact, noUploads('scan', 'p/48'))).toEqual(state);
  expect([...facts].reverse().reduce(applyUploadFact, noUploads('scan', 'p/48'))).toEqual(state);
  // An older word changes nothing.
  const older = { type: 'uploadChanged' as const, body: { upload: uploadView({ ...begun(), id: 'w' }) } };
  expect(applyUploadFact(state, older)).toBe(state);
});
