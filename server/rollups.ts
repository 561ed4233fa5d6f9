/**
 * Keeps the figures above the boards: soon after a deed on this node, and by the clock for what other nodes left behind. The pause
 * gathers a burst into one row; without it every deed of a municipality would be a second one in its region.
 */
import type { HubModels } from '#models/hub.ts';
import { isCounted, type CountedStream } from '#models/rollup/rollup.actions.ts';

/** From a deed to the rows above it, at least (ms). */
const GATHER_MS = 250;
/** How often a node looks for rows that nobody brought up to date (ms). */
const SWEEP_MS = 5_000;

export interface Rollups {
  /** A stream changed here. */
  note(stream: string): void;
  stop(): Promise<void>;
}

export function startRollups(
  rollups: Pick<HubModels['rollups'], 'rollUp' | 'createSweeper'>,
  onFault: (error: unknown) => void,
): Rollups {
  let waiting = new Set<CountedStream>();
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> = Promise.resolve();
  let isStopped = false;

  /** One at a time: two of this node on the same row would only refuse each other. */
  function inTurn(work: () => Promise<unknown>): void {
    turn = turn.then(async () => {
      if (!isStopped) await work();
    });
    turn = turn.catch(onFault);
  }

  const sweep = rollups.createSweeper();
  const sweeps = setInterval(() => inTurn(sweep), SWEEP_MS);
  inTurn(sweep);
  return {
    note(stream) {
      if (!isCounted(stream) || isStopped) return;
      waiting.add(stream);
      timer ??= setTimeout(() => {
        timer = null;
        const streams = [...waiting];
        waiting = new Set();
        inTurn(() => rollups.rollUp(streams));
      }, GATHER_MS);
    },
    async stop() {
      isStopped = true;
      clearInterval(sweeps);
      if (timer) clearTimeout(timer);
      await turn;
    },
  };
}
