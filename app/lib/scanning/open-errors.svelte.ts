/** The errors of a centre that are not settled, as far as the page knows them: the oldest, what it hears of, and what it asks for. */
import type { Snapshot } from '#models/journal/journal.ts';
import {
  applyErrorFact,
  ERRORS_ASKED_MAX,
  type ErrorsAsked,
  type ScanErrorFact,
  type ScanErrorsState,
  type ScanErrorView,
} from '#models/scanning/scan-error.ts';
import { LiveState } from '#lib/live/live-state.svelte.ts';
import { ask } from './settling.svelte.ts';

type Filter = Omit<ErrorsAsked, 'after'>;
/** How far the errors of a filter are known, and whether there are none behind. */
interface Frontier {
  after: ErrorsAsked['after'];
  isEnd: boolean;
}

/** A snapshot holds every error of a status up to its last one, whatever is asked for. */
function frontierOf({ errors }: ScanErrorsState, wanted: ErrorsAsked['status']): Frontier {
  const last = errors.findLast(({ status }) => status === wanted);
  return { after: last ? [last.raisedAtMs, last.id] : null, isEnd: false };
}

/** What was asked for, as if it had just been heard of. */
const changed = (error: ScanErrorView): ScanErrorFact => ({
  ...{ type: 'scanErrorChanged', entity: error.id, rev: error.rev, body: { error } },
});

export class OpenErrors extends LiveState<ScanErrorsState, ScanErrorFact> {
  #underWay = $state(0);
  #turn: Promise<void> = Promise.resolve();
  /** The last question got no answer: it is asked again by hand. */
  hasFailed = $state(false);
  readonly #address: string;
  /** Revisions that were heard of: an answer that was under way meanwhile says nothing about them. */
  readonly #heard: Record<string, number>;
  /** What the snapshot holds by status; what is heard of is younger, and no part of it. */
  #first: Record<ErrorsAsked['status'], Frontier>;
  /** By filter, once it was asked for. */
  #frontiers = $state.raw<Record<string, Frontier>>({});

  /** `base` is the address of the desk. */
  constructor(snapshot: Snapshot<ScanErrorsState>, base: string) {
    const heard: Record<string, number> = {};
    super(snapshot, (state, fact) => {
      heard[fact.entity] = Math.max(fact.rev, heard[fact.entity] ?? 0);
      return applyErrorFact(state, fact);
    });
    const firstOf = (state: ScanErrorsState) => ({
      ...{ open: frontierOf(state, 'open'), awaitingRescan: frontierOf(state, 'awaitingRescan') },
    });
    this.#heard = heard;
    this.#address = `${base}/behind`;
    this.#first = $state.raw(firstOf(snapshot.state));
    const { replace } = this.followed;
    this.followed.replace = (state) => {
      this.#first = firstOf(state);
      this.#frontiers = {};
      this.hasFailed = false;
      replace(state);
    };
  }

  #frontier(filter: Filter): Frontier {
    return this.#frontiers[JSON.stringify(filter)] ?? this.#first[filter.status];
  }

  /** Whether errors of a filter may be behind those that are known; `raisedBeforeMs` asks for older ones only. */
  isMoreBehind(filter: Filter, raisedBeforeMs = Infinity): boolean {
    const { after, isEnd } = this.#frontier(filter);
    return !isEnd && (after?.[0] ?? 0) <= raisedBeforeMs;
  }

  get isAsking(): boolean {
    return this.#underWay > 0;
  }

  /** Asks for the next errors of a filter, behind whatever is being asked already. */
  async askBehind(filter: Filter): Promise<void> {
    this.#underWay += 1;
    this.#turn = this.#turn.then(() => this.#ask(filter));
    await this.#turn;
    this.#underWay -= 1;
  }

  async #ask(filter: Filter): Promise<void> {
    for (;;) {
      const known = this.#frontiers;
      const { after } = this.#frontier(filter);
      const told = await ask<ScanErrorsState>(this.#address, { ...filter, after });
      this.hasFailed = !told.ok;
      if (!told.ok) return;
      // A snapshot came meanwhile: behind it stands something else.
      if (known !== this.#frontiers) continue;
      const last = told.value.errors.at(-1);
      const isEnd = told.value.errors.length < ERRORS_ASKED_MAX;
      const frontier = { after: last ? ([last.raisedAtMs, last.id] as [number, string]) : after, isEnd };
      this.#frontiers = { ...known, [JSON.stringify(filter)]: frontier };
      const { errors, claims } = told.value;
      this.#take([
        ...errors.map(changed),
        ...claims.map((claim) => ({
          ...{ type: 'claimChanged' as const, entity: claim.id, rev: claim.rev, body: { claim } },
        })),
      ]);
      return;
    }
  }

  /** One that is opened by its address, however young it is. */
  know(error: ScanErrorView): void {
    if (error.status !== 'resolved') this.#take([changed(error)]);
  }

  #take(facts: ScanErrorFact[]): void {
    const fresh = facts.filter(({ entity, rev }) => rev > (this.#heard[entity] ?? 0));
    this.followed.apply(fresh as unknown as Parameters<typeof this.followed.apply>[0]);
  }
}
