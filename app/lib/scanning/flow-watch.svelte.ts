/** The flow of pages, from what this page has seen: no history is asked for, and a page that was just opened has seen nothing yet. */
import { FLOW_WINDOW_MS, flowOf, type Flow } from '#models/scanning/scan-views.ts';

/** How often the flow is counted anew while nothing comes (ms): it ends by itself. */
const LOOK_MS = 2_000;

export class FlowWatch {
  flow = $state.raw<Flow | null>(null);
  readonly #nowMs: () => number;
  readonly #told: () => { read: number; left: number };
  #seen: { atMs: number; pages: number }[] = [];

  /** `told` are the pages read so far, and those that are to be read yet. */
  constructor(nowMs: () => number, told: () => { read: number; left: number }) {
    this.#nowMs = nowMs;
    this.#told = told;
  }

  #look = (): void => {
    const nowMs = this.#nowMs();
    const { read, left } = this.#told();
    this.#seen = [...this.#seen.filter(({ atMs }) => atMs >= nowMs - FLOW_WINDOW_MS), { atMs: nowMs, pages: read }];
    this.flow = flowOf(this.#seen, left, nowMs);
  };

  /** Returns what ends it. */
  watch(): () => void {
    this.#look();
    const looking = setInterval(this.#look, LOOK_MS);
    return () => clearInterval(looking);
  }
}
