/** Official answers about the codes that a page shows: asked for when a code is met, so that the page need not follow the forum. */
import { SvelteMap } from 'svelte/reactivity';

export interface KnownAnswer {
  code: string;
  question: string;
  text: string;
  by: string;
  atMs: number;
}

export class KnownAnswers {
  readonly #answers = new SvelteMap<string, KnownAnswer>();
  readonly #base: string;
  #asked = '';

  /** `base` is the address of the forum. */
  constructor(base: string) {
    this.#base = base;
  }

  of = (code: string): KnownAnswer | undefined => this.#answers.get(code);

  /** Asks about the codes that are shown now; the same ones are not asked about twice. */
  async meet(codes: readonly string[]): Promise<void> {
    const distinct = codes.filter((code, index) => codes.indexOf(code) === index);
    const query = distinct
      .toSorted()
      .map((code) => `code=${encodeURIComponent(code)}`)
      .join('&');
    if (query === '' || query === this.#asked) return;
    this.#asked = query;
    try {
      const response = await fetch(`${this.#base}/known?${query}`);
      if (!response.ok) return;
      for (const answer of (await response.json()) as KnownAnswer[]) this.#answers.set(answer.code, answer);
    } catch {
      this.#asked = ''; // no line: asked when the codes are met again
    }
  }
}
