/** The live state of a board: one part a municipality, each from a stream of its own. */
import { applyBoardFact, type BoardPart } from '#models/participation/board.ts';
import type { Snapshot } from '#models/journal/journal.ts';
import type { BoardRow } from '#models/participation/participation.ts';
import type { BoardFact } from '#realtime/contract.ts';
import type { Followed } from '#lib/live/live-link.svelte.ts';

/** A row with its municipality, as the table gathers it. */
export interface BoardLine extends BoardRow {
  municipality: string;
  municipalityName: string;
}

export class LiveBoard {
  #parts: BoardPart[];
  readonly followed: Followed<BoardPart>[];
  /** When the latest change that is shown happened, by the server's clock. */
  changedAtMs = $state<number | null>(null);

  constructor(snapshots: readonly Snapshot<BoardPart>[]) {
    this.#parts = $state.raw(snapshots.map(({ state }) => state));
    this.followed = snapshots.map((snapshot, index) => ({
      snapshot,
      apply: (events) => {
        const part = this.#parts[index];
        if (!part) return;
        const next = events.reduce((state, event) => applyBoardFact(state, event as unknown as BoardFact), part);
        if (next !== part) this.#parts = this.#parts.with(index, next);
        this.changedAtMs = Math.max(this.changedAtMs ?? 0, ...events.map(({ atMs }) => atMs));
      },
      replace: (state) => {
        this.#parts = this.#parts.with(index, state);
      },
      revoked: () => {
        // What may not be seen any longer is not shown any longer.
        const part = this.#parts[index];
        if (part) this.#parts = this.#parts.with(index, { ...part, rows: [] });
      },
    }));
  }

  get parts(): readonly BoardPart[] {
    return this.#parts;
  }

  readonly lines: readonly BoardLine[] = $derived.by(() =>
    this.#parts.flatMap(({ municipality, name, rows }) => rows.map((row) => this.#line(row, municipality, name))),
  );

  /** Lines of unchanged rows stay the same objects, so that the table draws only what changed. */
  #known = new WeakMap<BoardRow, BoardLine>();
  #line(row: BoardRow, municipality: string, municipalityName: string): BoardLine {
    const known = this.#known.get(row);
    if (known) return known;
    const line = { ...row, municipality, municipalityName };
    this.#known.set(row, line);
    return line;
  }
}
