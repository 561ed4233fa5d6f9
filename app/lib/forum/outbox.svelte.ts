/** The outbox of a page: sends what waits whenever there is a line, one after another, and shows what is on its way. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';
import { keptStorage } from '#lib/draft/draft.svelte.ts';
import { OutboxBox, settled, type OutboxEntry, type Outgoing } from './outbox.ts';

/** How long to wait before the hub is tried again (ms). */
const AGAIN_MS = 5_000;
/** An answer slower than this is no answer: sent again it arrives once all the same (ms). */
const PATIENCE_MS = 20_000;

export class Outbox {
  entries = $state.raw<readonly OutboxEntry[]>([]);
  /** The browser has no room: what was typed stays in its field. */
  isFull = $state(false);
  readonly #url: string;
  readonly #onposted: (posted: { command: string; question: string }) => void;
  #box: OutboxBox | null = null;
  #isSending = false;

  constructor(url: string, onposted: (posted: { command: string; question: string }) => void) {
    this.#url = url;
    this.#onposted = onposted;
  }

  /** Takes up what was left, also by another page; returns what ends it. */
  open(place: { person: string; procedure: string }): () => void {
    const storage = keptStorage();
    if (!storage) return () => undefined;
    const box = new OutboxBox(storage, place);
    this.#box = box;
    const look = (): void => {
      this.entries = box.read();
      void this.flush();
    };
    const onstorage = ({ key }: StorageEvent): void => {
      if (box.holds(key)) this.entries = box.read();
    };
    look();
    const timer = setInterval(() => void this.flush(), AGAIN_MS);
    addEventListener('storage', onstorage);
    addEventListener('online', look);
    return () => {
      clearInterval(timer);
      removeEventListener('storage', onstorage);
      removeEventListener('online', look);
      this.#box = null;
    };
  }

  /** True when it is kept: from then on it arrives, or comes back with the reason. */
  add(post: Outgoing, nowMs: number): boolean {
    const isKept = this.#put({ command: crypto.randomUUID(), post, atMs: nowMs, refusal: null });
    this.isFull = !isKept;
    if (isKept) void this.flush();
    return isKept;
  }

  /** Sends a refused message anew, under the same command. */
  again(entry: OutboxEntry, post: Outgoing = entry.post): void {
    this.#put({ ...entry, post, refusal: null });
    void this.flush();
  }

  remove(command: string): void {
    this.#box?.remove(command);
    this.entries = this.#box?.read() ?? [];
  }

  async flush(): Promise<void> {
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      for (const entry of this.#box?.read() ?? []) {
        if (entry.refusal !== null) continue;
        const answer = await this.#send(entry);
        const left = settled(entry, answer?.ok ? { ok: true } : answer);
        if (left) this.#put(left);
        else this.remove(entry.command);
        if (answer?.ok) this.#onposted({ command: entry.command, question: answer.question });
        // The others fare no better before the line is back.
        else if (left?.refusal === null) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  #put(entry: OutboxEntry): boolean {
    const isKept = this.#box?.put(entry) ?? false;
    this.entries = this.#box?.read() ?? [];
    return isKept;
  }

  async #send({
    command,
    post,
  }: OutboxEntry): Promise<{ ok: true; question: string } | { ok: false; refusal: OutboxEntry['refusal'] } | null> {
    try {
      const response = await fetch(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...post, command }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const answer = (await response.json()) as {
        question?: string;
        refusal?: { code: RefusalCode; params: RefusalParams };
      };
      if (response.ok) return { ok: true, question: answer.question ?? '' };
      return { ok: false, refusal: answer.refusal ?? null };
    } catch {
      return null; // no line, or no answer of ours: it is sent again
    }
  }
}
