/** The live state of one stream: a snapshot, and what its facts make of it. */
import type { Snapshot } from '#models/journal/journal.ts';
import type { Followed } from './live-link.svelte.ts';

export class LiveState<State, Fact> {
  #state: State;
  /** The right to see it is gone; what is shown is shown no longer. */
  isRevoked = $state(false);
  readonly followed: Followed<State>;

  constructor(snapshot: Snapshot<State>, apply: (state: State, fact: Fact) => State) {
    this.#state = $state.raw(snapshot.state);
    this.followed = {
      snapshot,
      apply: (events) => {
        this.#state = events.reduce((state, event) => apply(state, event as unknown as Fact), this.#state);
      },
      replace: (state) => {
        this.#state = state;
      },
      revoked: () => {
        this.isRevoked = true;
      },
    };
  }

  get now(): State {
    return this.#state;
  }
}
