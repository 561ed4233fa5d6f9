/** Files that a page sends: which go now, which wait, how fast it goes, and what a broken line costs. Pure: the page tells it the moments. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import type { UploadView } from '#models/upload/upload.ts';

/** Files sent at once. */
export const AT_ONCE_MAX = 3;
/** Pauses before another try (ms); the last one again and again. */
export const RETRY_AFTER_MS = [1_000, 2_000, 5_000, 10_000, 20_000, 30_000] as const;
/** Over so long the speed is taken (ms): a shorter time jumps, a longer one lags. */
const SPEED_OVER_MS = 10_000;
/** Before that the remaining time is a guess (ms). */
const SPEED_FROM_MS = 2_000;

interface Sample {
  atMs: number;
  sent: number;
}

export type ItemState =
  /** The whole file is read for its hash, before anything is sent. */
  | { status: 'reading'; read: number }
  | { status: 'waiting' }
  | { status: 'sending' }
  | { status: 'paused' }
  | { status: 'retrying'; atMs: number }
  | { status: 'sent' }
  | { status: 'refused'; refusal: { code: RefusalCode; params: RefusalParams } };

export interface QueueItem {
  key: number;
  name: string;
  bytes: number;
  /** Bytes that left, from the first one on; after a break it is again what the hub has. */
  sent: number;
  /** Tries in a row that failed. */
  failed: number;
  samples: readonly Sample[];
  /** The id of its upload, once the hub gave one. */
  upload: string | null;
  state: ItemState;
}
export type Queue = readonly QueueItem[];

export const newItem = (key: number, { name, bytes }: { name: string; bytes: number }): QueueItem => ({
  ...{ key, name, bytes, sent: 0, failed: 0, samples: [], upload: null },
  state: { status: 'reading', read: 0 },
});

const change = (queue: Queue, key: number, by: (item: QueueItem) => QueueItem): Queue =>
  queue.map((item) => (item.key === key ? by(item) : item));

const inState = (queue: Queue, key: number, from: ItemState['status'], state: ItemState): Queue =>
  change(queue, key, (item) => (item.state.status === from ? { ...item, state } : item));

export const read = (queue: Queue, key: number, bytes: number): Queue =>
  inState(queue, key, 'reading', { status: 'reading', read: bytes });
export const readWhole = (queue: Queue, key: number): Queue => inState(queue, key, 'reading', { status: 'waiting' });

/** Those that may begin to send now, in the order in which they were chosen. */
export function startable(queue: Queue): QueueItem[] {
  const free = AT_ONCE_MAX - queue.filter(({ state }) => state.status === 'sending').length;
  return queue.filter(({ state }) => state.status === 'waiting').slice(0, Math.max(0, free));
}
export const started = (queue: Queue, key: number): Queue => inState(queue, key, 'waiting', { status: 'sending' });

export const named = (queue: Queue, key: number, upload: string): Queue =>
  change(queue, key, (item) => ({ ...item, upload }));

const recent = (samples: readonly Sample[], nowMs: number): Sample[] =>
  samples.filter(({ atMs }) => atMs >= nowMs - SPEED_OVER_MS);

/** So many bytes of it left. The first word after a pause or a crash is where it goes on, not what was sent in no time. */
export const progressed = (queue: Queue, key: number, sent: number, nowMs: number): Queue =>
  change(queue, key, (item) =>
    item.state.status === 'sending'
      ? { ...item, sent, failed: 0, samples: [...recent(item.samples, nowMs), { atMs: nowMs, sent }] }
      : item,
  );

/** The line broke, or the hub is busy: it goes on by itself. */
export const failed = (queue: Queue, key: number, nowMs: number): Queue =>
  change(queue, key, (item) => {
    if (item.state.status !== 'sending') return item;
    const pause = RETRY_AFTER_MS[Math.min(item.failed, RETRY_AFTER_MS.length - 1)] ?? 0;
    return { ...item, failed: item.failed + 1, samples: [], state: { status: 'retrying', atMs: nowMs + pause } };
  });

/** Those whose pause is over; all of them when the line is known to be back. */
export const woken = (queue: Queue, nowMs: number): Queue =>
  queue.map((item) =>
    item.state.status === 'retrying' && item.state.atMs <= nowMs ? { ...item, state: { status: 'waiting' } } : item,
  );

export const sentWhole = (queue: Queue, key: number): Queue =>
  change(queue, key, (item) => ({ ...item, sent: item.bytes, samples: [], state: { status: 'sent' } }));

export const refusedBy = (queue: Queue, key: number, refusal: { code: RefusalCode; params: RefusalParams }): Queue =>
  change(queue, key, (item) => ({ ...item, samples: [], state: { status: 'refused', refusal } }));

/** What the hub found wrong with files when they were there whole. */
export function refusedByHub(queue: Queue, ended: readonly UploadView[]): Queue {
  const refusals = new Map(ended.flatMap((view) => (view.status === 'refused' ? [[view.id, view] as const] : [])));
  const isNew = ({ state, upload }: QueueItem): boolean =>
    state.status === 'sent' && upload !== null && refusals.has(upload);
  if (!queue.some(isNew)) return queue;
  return queue.reduce((on, item) => {
    const view = isNew(item) ? refusals.get(item.upload ?? '') : undefined;
    return view ? refusedBy(on, item.key, { code: view.code, params: view.params }) : on;
  }, queue);
}

const canPause = ({ state }: QueueItem): boolean => ['waiting', 'sending', 'retrying'].includes(state.status);
/** One, or all that are under way. */
export const paused = (queue: Queue, key: number | null): Queue =>
  queue.map((item) =>
    (key === null || item.key === key) && canPause(item) ? { ...item, samples: [], state: { status: 'paused' } } : item,
  );
/** One that was paused or refused, or all that were paused. */
export const resumed = (queue: Queue, key: number | null): Queue =>
  queue.map((item) =>
    (key === null && item.state.status === 'paused') ||
    (key === item.key && (item.state.status === 'paused' || item.state.status === 'refused'))
      ? // What the hub refused is over there too: it begins anew.
        {
          ...item,
          ...{ failed: 0, upload: item.state.status === 'refused' ? null : item.upload },
          state: { status: 'waiting' },
        }
      : item,
  );
export const removed = (queue: Queue, key: number): Queue => queue.filter((item) => item.key !== key);

/** Bytes a second over the last seconds, or null before there is enough to tell. */
export function speedOf(items: Queue, nowMs: number): number | null {
  let bytes = 0;
  let since = nowMs;
  for (const { samples } of items) {
    const kept = recent(samples, nowMs);
    const [first] = kept;
    const last = kept.at(-1);
    if (!first || !last) continue;
    bytes += last.sent - first.sent;
    since = Math.min(since, first.atMs);
  }
  const ms = nowMs - since;
  return ms < SPEED_FROM_MS ? null : (bytes / ms) * 1_000;
}

/** How long the rest takes at this speed (ms), or null while nobody can tell. */
export function remainingMs(items: Queue, nowMs: number): number | null {
  const speed = speedOf(items, nowMs);
  if (speed === null || speed <= 0) return null;
  const rest = items
    .filter(({ state }) => !['sent', 'refused', 'paused'].includes(state.status))
    .reduce((sum, { bytes, sent }) => sum + bytes - sent, 0);
  return rest === 0 ? null : (rest / speed) * 1_000;
}

export interface QueueFigures {
  files: number;
  sentFiles: number;
  refusedFiles: number;
  bytes: number;
  sent: number;
  /** Whether anything is under way, or will be by itself. */
  isBusy: boolean;
  hasPaused: boolean;
  /** When the next try is made, if everything waits for the line. */
  retryAtMs: number | null;
}

export function figuresOf(queue: Queue): QueueFigures {
  const wanted = queue.filter(({ state }) => state.status !== 'refused');
  const has = (status: ItemState['status']): boolean => queue.some(({ state }) => state.status === status);
  const retries = queue.flatMap(({ state }) => (state.status === 'retrying' ? [state.atMs] : []));
  return {
    files: queue.length,
    sentFiles: queue.filter(({ state }) => state.status === 'sent').length,
    refusedFiles: queue.length - wanted.length,
    bytes: wanted.reduce((sum, { bytes }) => sum + bytes, 0),
    sent: wanted.reduce((sum, { sent }) => sum + sent, 0),
    isBusy: has('reading') || has('waiting') || has('sending') || has('retrying'),
    hasPaused: has('paused'),
    retryAtMs: retries.length > 0 && !has('sending') ? Math.min(...retries) : null,
  };
}

/** All states, in the order that helps somebody who looks: what wants him first, then what goes on, what is done last. */
export const ITEM_STATUSES: readonly ItemState['status'][] = [
  ...(['refused', 'sending', 'retrying', 'paused', 'reading', 'waiting', 'sent'] as const),
];
export const shownRows = (queue: Queue, max: number): QueueItem[] =>
  [...queue]
    .sort((a, b) => ITEM_STATUSES.indexOf(a.state.status) - ITEM_STATUSES.indexOf(b.state.status) || a.key - b.key)
    .slice(0, max);

/** What a file is known by after a crash, and from another computer. */
export interface KnownFile {
  name: string;
  bytes: number;
  fingerprint: string;
}
/** The unfinished upload that a chosen file goes on with. */
export const unfinishedOf = (open: readonly UploadView[], file: KnownFile): UploadView | null =>
  open.find(
    ({ status, name, bytes, fingerprint }) =>
      status === 'receiving' && name === file.name && bytes === file.bytes && fingerprint === file.fingerprint,
  ) ?? null;
/** Unfinished uploads that this page does not send: they wait for somebody to choose their files, or another computer sends them. */
export function leftOpen(open: readonly UploadView[], queue: Queue): UploadView[] {
  const own = new Set(queue.map(({ upload }) => upload));
  return open.filter(({ id, status }) => status === 'receiving' && !own.has(id));
}
