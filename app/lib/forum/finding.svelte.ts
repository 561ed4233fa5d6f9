/** What a forum was searched for, and what is like a question being typed: asked of the hub a moment after the last key. */
import { queryOf } from '#lib/site/shown-address.svelte.ts';
import type { FoundQuestion, SimilarQuestion } from '#models/forum/search/forum-search.queries.ts';

/** A word is typed faster than this (ms): not each letter is asked for. */
const PAUSE_MS = 250;
/** So few characters say nothing yet. */
const CHARS_MIN = 3;

/** Asks for one thing at a time: an answer that is no longer wanted is not shown. */
class Asked<Found> {
  found = $state.raw<readonly Found[] | null>(null);
  isFailed = $state(false);
  isBusy = $state(false);
  readonly #ask: (text: string, signal: AbortSignal) => Promise<Response>;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: AbortController | null = null;

  constructor(ask: (text: string, signal: AbortSignal) => Promise<Response>) {
    this.#ask = ask;
  }

  /** Asks when the typing has paused; nothing is found by what is too short to be asked. */
  wish(text: string): void {
    this.forget();
    if (text.trim().length < CHARS_MIN) {
      this.found = null;
      return;
    }
    this.isBusy = true;
    this.#timer = setTimeout(() => void this.#run(text), PAUSE_MS);
  }

  forget(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#running?.abort();
    this.isBusy = false;
    this.isFailed = false;
  }

  async #run(text: string): Promise<void> {
    const running = (this.#running = new AbortController());
    try {
      const response = await this.#ask(text.trim(), running.signal);
      if (!response.ok) throw new Error(response.statusText);
      const found = (await response.json()) as Found[];
      if (running.signal.aborted) return;
      this.found = found;
    } catch {
      if (running.signal.aborted) return;
      this.isFailed = true;
    }
    this.isBusy = false;
  }
}

export class Finding extends Asked<FoundQuestion> {
  #filters: Readonly<Record<string, string>> = {};

  /** `base` is the address of the forum. */
  constructor(base: string) {
    super((text, signal) => fetch(`${base}/find${queryOf({ ...this.#filters, text })}`, { signal }));
  }

  seek(text: string, filters: Readonly<Record<string, string>>): void {
    this.#filters = filters;
    this.wish(text);
  }
}

export class Similar extends Asked<SimilarQuestion> {
  constructor(base: string) {
    // Not in the address: what somebody is still writing belongs in no log.
    super((text, signal) =>
      fetch(`${base}/similar`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ text }),
        signal,
      }),
    );
  }
}
