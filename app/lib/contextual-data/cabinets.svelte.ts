/** The live overview «Кабинеты»: one part a unit above institutions, each from a stream of its own. */
import { applyCabinetsFact, type CabinetRow, type CabinetsPart } from '#models/contextual-data/contextual-data.ts';
import type { Snapshot } from '#models/journal/journal.ts';
import type { CabinetsFact } from '#realtime/contract.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';

/** A row with the unit above it, as the table gathers it. */
export interface CabinetLine extends CabinetRow {
  parent: string;
  parentName: string;
}

export class LiveCabinets {
  readonly #parts: readonly LiveState<CabinetsPart, CabinetsFact>[];

  constructor(snapshots: readonly Snapshot<CabinetsPart>[]) {
    this.#parts = snapshots.map((snapshot) => new LiveState(snapshot, applyCabinetsFact));
  }

  get followed() {
    return this.#parts.map(({ followed }) => followed);
  }
  get parents(): string[] {
    return this.#parts.map(({ now }) => now.parent);
  }

  readonly lines: readonly CabinetLine[] = $derived.by(() =>
    // What may not be seen any longer is not shown any longer.
    this.#parts.flatMap(({ now: { parent, name, rows }, isRevoked }) =>
      isRevoked ? [] : rows.map((row) => this.#line(row, parent, name)),
    ),
  );

  /** Lines of unchanged rows stay the same objects, so that the table draws only what changed. */
  #known = new WeakMap<CabinetRow, CabinetLine>();
  #line(row: CabinetRow, parent: string, parentName: string): CabinetLine {
    const known = this.#known.get(row);
    if (known) return known;
    const line = { ...row, parent, parentName };
    this.#known.set(row, line);
    return line;
  }
}
