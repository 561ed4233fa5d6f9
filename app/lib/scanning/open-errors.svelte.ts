/** The errors of a centre that are not settled, as far as the page knows them: the oldest, what it hears of, and what it asks for. */
import type { Snapshot } from '#models/journal/journal.ts';
import {
  applyErrorFact,
  type ErrorsAsked,
  type ScanErrorFact,
  type ScanErrorsState,
  type ScanErrorView,
} from '#models/scanning/scan-error.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';
import { ask } from './settling.svelte.ts';

export class OpenErrors extends LiveState<ScanErrorsState, ScanErrorFact> {
  isAsking = $state(false);
  readonly #address: string;
  /** Revisions that were heard of: an answer that was under way meanwhile says nothing about them. */
  readonly #heard: Record<string, number>;
  /** How far the errors of a filter are known; what is heard of is younger, and no part of it. */
  #frontiers: Record<string, ErrorsAsked['after']> = {};

  /** `base` is the address of the desk. */
  constructor(snapshot: Snapshot<ScanErrorsState>, base: string) {
    const heard: Record<string, number> = {};
    super(snapshot, (state, fact) => {
      heard[fact.entity] = Math.max(fact.rev, heard[fact.entity] ?? 0);
      return applyErrorFact(state, fact);
    });
    this.#heard = heard;
    this.#address = `${base}/behind`;
    const { replace } = this.followed;
    this.followed.replace = (state) => {
      this.#frontiers = {};
      replace(state);
    };
  }

  /** Asks for the next errors of a filter. */
  async askBehind(filter: Omit<ErrorsAsked, 'after'>): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    const key = JSON.stringify(filter);
    const told = await ask<ScanErrorsState>(this.#address, { ...filter, after: this.#frontiers[key] ?? null });
    this.isAsking = false;
    if (!told.ok) return;
    const last = told.value.errors.at(-1);
    if (last) this.#frontiers[key] = [last.raisedAtMs, last.id];
    const { errors, claims } = told.value;
    this.#take([
      ...errors.map((error) => ({
        ...{ type: 'scanErrorChanged' as const, entity: error.id, rev: error.rev, body: { error } },
      })),
      ...claims.map((claim) => ({
        ...{ type: 'claimChanged' as const, entity: claim.id, rev: claim.rev, body: { claim } },
      })),
    ]);
  }

  /** One that is opened by its address, however young it is. */
  know(error: ScanErrorView): void {
    if (error.status !== 'resolved')
      this.#take([{ type: 'scanErrorChanged', entity: error.id, rev: error.rev, body: { error } }]);
  }

  #take(facts: ScanErrorFact[]): void {
    const fresh = facts.filter(({ entity, rev }) => rev > (this.#heard[entity] ?? 0));
    this.followed.apply(fresh as unknown as Parameters<typeof this.followed.apply>[0]);
  }
}
