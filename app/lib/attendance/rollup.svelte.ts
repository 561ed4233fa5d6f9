/** The live state of a rollup: one stream, a row for each part of the territory. */
import type { Snapshot } from '#models/journal/journal.ts';
import { applyRollupFact, type Rollup, type RollupRow } from '#models/rollup/rollup.ts';
import type { RollupFact } from '#realtime/contract.ts';
import type { Followed } from '#lib/live/live-link.svelte.ts';

export class LiveRollup {
  #rollup: Rollup;
  readonly followed: Followed<Rollup>;

  constructor(snapshot: Snapshot<Rollup>) {
    this.#rollup = $state.raw(snapshot.state);
    this.followed = {
      snapshot,
      apply: (events) => {
        this.#rollup = events.reduce(
          (state, event) => applyRollupFact(state, event as unknown as RollupFact),
          this.#rollup,
        );
      },
      replace: (state) => {
        this.#rollup = state;
      },
      revoked: () => {
        // What may not be seen any longer is not shown any longer.
        this.#rollup = { ...this.#rollup, rows: [] };
      },
    };
  }

  get rows(): readonly RollupRow[] {
    return this.#rollup.rows;
  }
}
