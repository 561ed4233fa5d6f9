/** The live table of accesses: one part a unit above institutions, each from a stream of its own. */
import { applyHandoverFact, type HandoverRow, type HandoversPart } from '#models/credential/credential-handover.ts';
import type { Snapshot } from '#models/journal/journal.ts';
import type { HandoverFact } from '#realtime/contract.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';

/** A row with the unit above it, as the table gathers it. */
export interface HandoverLine extends HandoverRow {
  parent: string;
  parentName: string;
}

export class LiveHandovers {
  readonly #parts: readonly LiveState<HandoversPart, HandoverFact>[];

  constructor(snapshots: readonly Snapshot<HandoversPart>[]) {
    this.#parts = snapshots.map((snapshot) => new LiveState(snapshot, applyHandoverFact));
  }

  get followed() {
    return this.#parts.map(({ followed }) => followed);
  }
  get parents(): string[] {
    return this.#parts.map(({ now }) => now.parent);
  }

  readonly lines: readonly HandoverLine[] = $derived.by(() =>
    // What may not be seen any longer is not shown any longer.
    this.#parts.flatMap(({ now: { parent, name, rows }, isRevoked }) =>
      isRevoked ? [] : rows.map((row) => this.#line(row, parent, name)),
    ),
  );

  /** Lines of unchanged rows stay the same objects, so that the table draws only what changed. */
  #known = new WeakMap<HandoverRow, HandoverLine>();
  #line(row: HandoverRow, parent: string, parentName: string): HandoverLine {
    const known = this.#known.get(row);
    if (known) return known;
    const line = { ...row, parent, parentName };
    this.#known.set(row, line);
    return line;
  }
}
