/** Sends the files of a page to one target: three at once, each from where the hub has it, again and again until the line is back. */
import { untrack } from 'svelte';
import { DetailedError, Upload } from 'tus-js-client';
import { safeUploadName, type UploadView } from '#models/upload/upload.ts';
import type { HashAsked, HashTold } from './hash.worker.ts';
import { startHashing } from './hashing.ts';
import { outcomeOf } from './upload-answer.ts';
import {
  failed,
  named,
  newItem,
  paused,
  progressed,
  read,
  readWhole,
  refusedBy,
  refusedByHub,
  removed,
  resumed,
  sentWhole,
  startable,
  started,
  unfinishedOf,
  woken,
  type Queue,
} from './upload-queue.ts';

/** Bytes of one request: a broken line costs a part of it, and progress is what the hub has, not what left. */
export const CHUNK_BYTES = 8 * 2 ** 20;
/** Files up to this size travel with the request that begins them (bytes). */
const AT_BEGINNING_BYTES = 2 ** 20;
const TICK_MS = 1_000;

interface Chosen {
  file: File;
  sha256: string;
  fingerprint: string;
  /** Sent though the hub has the same file. */
  isAgain: boolean;
  sending: Upload | null;
}

export class UploadSender {
  queue = $state.raw<Queue>([]);
  /** The page's clock, for speeds and the next try. */
  nowMs = $state(Date.now());
  readonly #to: { purpose: string; target: string; bytesMax: number };
  readonly #open: () => readonly UploadView[];
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nobody draws it
  readonly #chosen = new Map<number, Chosen>();
  #worker: Worker | null = null;
  #next = 1;

  /** `open`: the unfinished uploads of the target, as the hub tells them live. */
  constructor(to: { purpose: string; target: string; bytesMax: number }, open: () => readonly UploadView[]) {
    this.#to = to;
    this.#open = open;
  }

  /** Runs the clock and listens for the line; returns what ends both, and stops what is being sent. */
  run(): () => void {
    const tick = (): void => {
      this.nowMs = Date.now();
      this.#go(woken(this.queue, this.nowMs));
    };
    const online = (): void => this.tryNow();
    const timer = setInterval(tick, TICK_MS);
    window.addEventListener('online', online);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', online);
      this.#worker?.terminate();
      for (const { sending } of this.#chosen.values()) void sending?.abort();
    };
  }

  add(files: readonly File[]): void {
    const items = files.map((file) => {
      const key = this.#next;
      this.#next += 1;
      this.#chosen.set(key, { file, sha256: '', fingerprint: '', isAgain: false, sending: null });
      return newItem(key, { name: safeUploadName(file.name), bytes: file.size });
    });
    let queue: Queue = [...this.queue, ...items];
    for (const { key, bytes } of items)
      if (bytes > this.#to.bytesMax) queue = this.#tooLarge(queue, key, bytes);
      else this.#hash(key);
    this.queue = queue;
  }

  pause(key: number | null): void {
    this.queue = paused(this.queue, key);
    for (const { key: one, state } of this.queue)
      if (state.status === 'paused') void this.#chosen.get(one)?.sending?.abort();
  }

  resume(key: number | null): void {
    this.#go(resumed(this.queue, key));
  }

  /** Tries at once what waits for the line. */
  tryNow(): void {
    this.#go(woken(this.queue, Infinity));
  }

  /** Sends a file that the hub has already, because a person wants it. */
  sendAgain(key: number): void {
    const chosen = this.#chosen.get(key);
    if (chosen) chosen.isAgain = true;
    this.resume(key);
  }

  /** Takes a file out of the list; what the hub has of it is given up. */
  remove(key: number): void {
    const upload = this.queue.find((item) => item.key === key);
    const chosen = this.#chosen.get(key);
    void chosen?.sending?.abort(upload?.state.status !== 'sent');
    this.#chosen.delete(key);
    this.#go(removed(this.queue, key));
  }

  /** The hub told what ended: files that it refused when they were there. */
  hear(ended: readonly UploadView[]): void {
    this.queue = refusedByHub(this.queue, ended);
  }

  /** Gives up an unfinished upload that this page does not send. */
  async giveUp(id: string): Promise<void> {
    await fetch(`/uploads/${id}`, { method: 'DELETE', headers: { 'tus-resumable': '1.0.0' } });
  }

  #tooLarge(queue: Queue, key: number, bytes: number): Queue {
    const params = { mb: Math.ceil(bytes / 2 ** 20), mbMax: Math.ceil(this.#to.bytesMax / 2 ** 20) };
    return refusedBy(queue, key, { code: 'upload_too_large', params });
  }

  #hash(key: number): void {
    const chosen = this.#chosen.get(key);
    if (!chosen) return;
    this.#worker ??= startHashing((told) => this.#heard(told));
    this.#worker.postMessage({ key, file: chosen.file } satisfies HashAsked);
  }

  #heard(told: HashTold): void {
    const { key } = told;
    const chosen = this.#chosen.get(key);
    if (!chosen) return;
    switch (told.kind) {
      case 'read':
        this.queue = read(this.queue, key, told.bytes);
        break;
      case 'unreadable':
        this.queue = refusedBy(this.queue, key, { code: 'upload_unreadable', params: { name: chosen.file.name } });
        break;
      case 'hashed':
        Object.assign(chosen, { sha256: told.sha256, fingerprint: told.fingerprint });
        this.#go(readWhole(this.queue, key));
        break;
      default:
        throw told satisfies never;
    }
  }

  /** The queue as it is now, and whatever of it may begin. */
  #go(queue: Queue): void {
    let on = queue;
    const begins = startable(on);
    for (const { key } of begins) on = started(on, key);
    this.queue = on;
    for (const { key } of begins) this.#send(key);
  }

  #send(key: number): void {
    const chosen = this.#chosen.get(key);
    if (!chosen) return;
    const { file, sha256, fingerprint, isAgain } = chosen;
    const { purpose, target } = this.#to;
    const known = { name: safeUploadName(file.name), bytes: file.size, fingerprint };
    const own = this.queue.find((item) => item.key === key)?.upload ?? null;
    const goesOnWith = own ?? untrack(() => unfinishedOf(this.#open(), known))?.id ?? null;
    const upload = new Upload(file, {
      endpoint: '/uploads',
      ...(goesOnWith === null ? {} : { uploadUrl: `/uploads/${goesOnWith}` }),
      metadata: { purpose, target, filename: file.name, sha256, fingerprint, ...(isAgain ? { again: '1' } : {}) },
      chunkSize: CHUNK_BYTES,
      uploadDataDuringCreation: file.size <= AT_BEGINNING_BYTES,
      storeFingerprintForResuming: false,
      // Tries are the queue's.
      retryDelays: null,
      onUploadUrlAvailable: () => {
        const id = upload.url?.split('/').at(-1);
        if (id !== undefined) this.queue = named(this.queue, key, id);
      },
      onProgress: (sent) => {
        this.queue = progressed(this.queue, key, sent, Date.now());
      },
      onSuccess: () => this.#go(sentWhole(this.queue, key)),
      onError: (error) => this.#failed(key, error),
    });
    chosen.sending = upload;
    upload.start();
  }

  #failed(key: number, error: Error): void {
    const response = error instanceof DetailedError ? error.originalResponse : null;
    const outcome = outcomeOf(response?.getStatus() ?? 0, response?.getBody() ?? '');
    this.#go(outcome.isOver ? refusedBy(this.queue, key, outcome.refusal) : failed(this.queue, key, Date.now()));
  }
}
