/** What is found while one types: the latest question is answered, earlier answers that come late are dropped. */
import type { UnitFound } from '#models/org/unit.queries.ts';
import type { ListedProcedure } from '#models/procedure/procedure.ts';

export interface Found extends UnitFound {
  procedures: ListedProcedure[];
}

export const NOTHING: Found = { units: [], isMore: false, procedures: [] };
/** From the last key to the question (ms). */
const PAUSE_MS = 120;

export class Finding {
  found = $state.raw<Found>(NOTHING);
  isSeeking = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  seek(sought: string): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (sought.trim() === '') {
      this.found = NOTHING;
      this.isSeeking = false;
      return;
    }
    this.isSeeking = true;
    const asked = this.#asked;
    this.#timer = setTimeout(() => void this.#ask(sought, asked), PAUSE_MS);
  }

  async #ask(sought: string, asked: number): Promise<void> {
    try {
      const response = await fetch(`/search?q=${encodeURIComponent(sought)}`);
      const found = response.ok ? ((await response.json()) as Found) : NOTHING;
      if (asked === this.#asked) this.found = found;
    } catch {
      // The line is lost: what was found before stays, and the next key asks again.
    } finally {
      if (asked === this.#asked) this.isSeeking = false;
    }
  }
}
