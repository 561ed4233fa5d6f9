/**
 * Tells senders how many got and read what they sent: soon after a mark on this node. The pause gathers a burst into one word; without
 * it every reader of a region would wait for the one before him. What a dying node leaves untold, the next mark tells, and every page
 * reads for itself.
 */
import type { HubModels } from '#models/hub.ts';
import type { Hint } from '#models/journal/journal.ts';

/** From a mark to the figures, at least (ms). */
const GATHER_MS = 250;

export interface Marks {
  /** Something was recorded here. */
  note(hint: Pick<Hint, 's' | 'event'>): void;
  stop(): Promise<void>;
}

export function startMarks(
  { tellMarks }: Pick<HubModels['publications'], 'tellMarks'>,
  onFault: (error: unknown) => void,
): Marks {
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let turn: Promise<void> = Promise.resolve();
  return {
    note({ s, event }) {
      if (event?.type !== 'receiptChanged') return;
      waiting.add(s);
      timer ??= setTimeout(() => {
        timer = null;
        const streams = [...waiting];
        waiting = new Set();
        turn = turn.then(() => tellMarks(streams)).catch(onFault);
      }, GATHER_MS);
    },
    async stop() {
      if (timer) clearTimeout(timer);
      await turn;
    },
  };
}
