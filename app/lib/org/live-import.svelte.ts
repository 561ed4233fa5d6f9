/** The live state of one import, and the lines of its difference as far as they were asked for. */
import type { Snapshot } from '#models/journal/journal.ts';
import type { ImportLine, LineKind } from '#models/org/unit-difference.ts';
import { applyImportFact, LINES_PER_PAGE, type ImportView } from '#models/org/unit-import.ts';
import type { ImportFact } from '#realtime/contract.ts';
import type { Followed } from '#lib/live/live-link.svelte.ts';

export class LiveImport {
  #view: ImportView;
  readonly followed: Followed<ImportView>;

  constructor(snapshot: Snapshot<ImportView>) {
    this.#view = $state.raw(snapshot.state);
    this.followed = {
      snapshot,
      apply: (events) => {
        this.#view = events.reduce<ImportView>(
          (view, event) => applyImportFact(view, event as unknown as ImportFact),
          this.#view,
        );
      },
      replace: (state) => {
        this.#view = state;
      },
    };
  }

  get view(): ImportView {
    return this.#view;
  }
}

/** The lines of one kind: a difference of 40,000 comes by pages. */
export class ImportLines {
  lines = $state.raw<ImportLine[]>([]);
  isLoading = $state(false);
  isFailed = $state(false);
  readonly #address: string;
  #page = 0;

  constructor(id: string, kind: LineKind) {
    this.#address = `/imports/${id}/lines?kind=${kind}`;
    void this.more();
  }

  async more(): Promise<void> {
    this.isLoading = true;
    this.isFailed = false;
    try {
      const response = await fetch(`${this.#address}&page=${this.#page}`);
      if (!response.ok) throw new Error(String(response.status));
      this.lines = [...this.lines, ...((await response.json()) as ImportLine[])];
      this.#page = Math.ceil(this.lines.length / LINES_PER_PAGE);
    } catch {
      // Said beside the button that asks again.
      this.isFailed = true;
    } finally {
      this.isLoading = false;
    }
  }
}
