import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { UploadView } from '#models/upload/upload.ts';
import { fingerprintOf, hashOf } from './file-hash.ts';
import { wantedOf } from './chosen-files.ts';
import { outcomeOf } from './upload-answer.ts';
import {
  AT_ONCE_MAX,
  failed,
  figuresOf,
  leftOpen,
  named,
  newItem,
  paused,
  progressed,
  readWhole,
  refusedBy,
  refusedByHub,
  remainingMs,
  resumed,
  RETRY_AFTER_MS,
  sentWhole,
  shownRows,
  speedOf,
  startable,
  started,
  unfinishedOf,
  woken,
  type Queue,
} from './upload-queue.ts';

const NOW = 1_000_000;
const keys = (items: Queue): number[] => items.map(({ key }) => key);
/** So many files of 1,000 bytes that wait to be sent. */
const waiting = (count: number): Queue =>
  Array.from({ length: count }, (_, key) => key).reduce<Queue>(
    (queue, key) => readWhole([...queue, newItem(key, { name: `${key}.pdf`, bytes: 1_000 })], key),
    [],
  );
const sending = (count: number): Queue =>
  startable(waiting(count)).reduce<Queue>((queue, { key }) => started(queue, key), waiting(count));
const statusOf = (queue: Queue, key: number): string | undefined => queue.find((one) => one.key === key)?.state.status;
const view = (more: Partial<UploadView>): UploadView =>
  ({
    ...{ id: 'u', rev: 1, owner: 'p', ownerName: 'Тестов', purpose: 'scan', target: 't', name: '0.pdf', bytes: 1_000 },
    ...{ offset: 500, fingerprint: 'f', beganAtMs: 0, touchedAtMs: 0, status: 'receiving' },
    ...more,
  }) as UploadView;

it('sends three at once, in the order of choosing, and a fourth when one is done', () => {
  expect(keys(startable(waiting(5)))).toEqual([0, 1, 2]);
  const queue = sending(5);
  expect(startable(queue)).toEqual([]);
  expect(keys(startable(sentWhole(queue, 1)))).toEqual([AT_ONCE_MAX]);
  // A file is not sent before its hash is known.
  expect(startable([newItem(9, { name: 'a', bytes: 1 })])).toEqual([]);
});

describe('a line that breaks', () => {
  it('is waited for longer and longer, and never given up', () => {
    let queue = sending(1);
    for (const pause of [...RETRY_AFTER_MS, RETRY_AFTER_MS.at(-1)]) {
      queue = failed(queue, 0, NOW);
      expect(queue[0]?.state).toEqual({ status: 'retrying', atMs: NOW + (pause ?? 0) });
      expect(figuresOf(queue).retryAtMs).toBe(NOW + (pause ?? 0));
      expect(woken(queue, NOW + (pause ?? 0) - 1)).toEqual(queue);
      queue = started(woken(queue, NOW + (pause ?? 0)), 0);
    }
  });

  it('is forgotten with the next byte, and is nothing to a file that somebody paused', () => {
    const again = progressed(started(woken(failed(sending(1), 0, NOW), Infinity), 0), 0, 10, NOW);
    expect(again[0]).toMatchObject({ failed: 0, sent: 10 });
    expect(statusOf(failed(paused(sending(1), 0), 0, NOW), 0)).toBe('paused');
  });
});

it('pauses and resumes one or all; what is paused makes room for the next', () => {
  const one = paused(sending(4), 0);
  expect(statusOf(one, 0)).toBe('paused');
  expect(keys(startable(one))).toEqual([3]);
  const all = paused(sending(4), null);
  expect(figuresOf(all)).toMatchObject({ isBusy: false, hasPaused: true });
  expect(keys(startable(resumed(all, null)))).toEqual([0, 1, 2]);
});

it('tells speed and remaining time of one and of all, when there is enough to tell', () => {
  let queue = sending(2);
  // What a crash has left is where it goes on, not what was sent in no time.
  queue = progressed(queue, 0, 400, NOW);
  expect(speedOf(queue, NOW)).toBeNull();
  queue = progressed(progressed(queue, 1, 0, NOW), 1, 100, NOW + 4_000);
  queue = progressed(queue, 0, 500, NOW + 4_000);
  expect(speedOf(queue, NOW + 4_000)).toBe(50);
  expect(speedOf(queue.slice(0, 1), NOW + 4_000)).toBe(25);
  expect(remainingMs(queue, NOW + 4_000)).toBe((1_400 / 50) * 1_000);
  // Silence is no speed.
  expect(speedOf(queue, NOW + 60_000)).toBeNull();
});

describe('what the hub says', () => {
  it('is tried again when it passes, and told when it does not', () => {
    const refusal = (code: string) => JSON.stringify({ refusal: { code, params: {} } });
    for (const [status, body] of [
      [0, ''],
      [409, 'Upload-Offset conflict'],
      [503, 'away'],
      [409, refusal('upload_moved')],
      [429, refusal('rate_limited')],
    ] as const)
      expect(outcomeOf(status, body)).toEqual({ isOver: false });
    expect(outcomeOf(409, refusal('upload_repeated'))).toMatchObject({
      isOver: true,
      refusal: { code: 'upload_repeated' },
    });
    expect(outcomeOf(400, '<html>')).toMatchObject({ isOver: true });
  });

  it('of a file that was there whole stands at that file, which begins anew when it is tried again', () => {
    const sent = sentWhole(named(sending(1), 0, 'u'), 0);
    const ended = [view({ status: 'refused', code: 'upload_differs', params: {}, endedAtMs: 1 })];
    const queue = refusedByHub(sent, ended);
    expect(statusOf(queue, 0)).toBe('refused');
    expect(refusedByHub(sent, [])).toBe(sent);
    expect(resumed(queue, 0)[0]).toMatchObject({ upload: null, state: { status: 'waiting' } });
  });
});

it('goes on with the unfinished upload of the same file, and lists those that nobody sends here', () => {
  const file = { name: '0.pdf', bytes: 1_000, fingerprint: 'f' };
  expect(unfinishedOf([view({})], file)?.id).toBe('u');
  for (const other of [{ name: 'x' }, { bytes: 1 }, { fingerprint: 'g' }, { status: 'received' } as const])
    expect(unfinishedOf([view(other)], file)).toBeNull();
  expect(leftOpen([view({}), view({ id: 'v' })], named(sending(1), 0, 'u')).map(({ id }) => id)).toEqual(['v']);
});

it('shows first what wants a person, and of thousands only some', () => {
  const queue = refusedBy(sentWhole(sending(5), 0), 2, { code: 'upload_differs', params: {} });
  expect(keys(shownRows(queue, 3))).toEqual([2, 1, 3]);
});

it('hashes a file by pieces as a whole, and knows it again by its ends', async () => {
  const bytes = new Uint8Array(5 * 2 ** 20 + 3).map((_, at) => at % 251);
  const read: number[] = [];
  expect(await hashOf(new Blob([bytes]), (count) => read.push(count))).toBe(
    createHash('sha256').update(bytes).digest('hex'),
  );
  expect(read).toEqual([4 * 2 ** 20, bytes.length]);
  const print = await fingerprintOf(new Blob([bytes]));
  bytes[bytes.length - 1] = 0;
  expect(await fingerprintOf(new Blob([bytes]))).not.toBe(print);
});

it('leaves out what systems lay beside files, and files without a byte', () => {
  const fileOf = (name: string, text = 'x') => new File([text], name);
  const files = [fileOf('a.pdf'), fileOf('.DS_Store'), fileOf('Thumbs.db'), fileOf('empty.pdf', '')];
  expect(wantedOf(files).map(({ name }) => name)).toEqual(['a.pdf']);
});
