/**
 * Looks at each question that was asked on this node beside those of the last minutes: many that ask the same make an incident. One after
 * the other, so that a surge costs no more than its place in the line; what a dying node leaves unlooked at, the next question takes along.
 */
import type { HubModels } from '#models/hub.ts';
import type { Hint } from '#models/journal/journal.ts';

export interface Incidents {
  /** Something was recorded here. */
  note(hint: Pick<Hint, 'event'>): void;
  stop(): Promise<void>;
}

export function startIncidents(
  { notice }: Pick<HubModels['incidents'], 'notice'>,
  onFault: (error: unknown) => void,
): Incidents {
  let turn: Promise<void> = Promise.resolve();
  let isStopped = false;
  return {
    note({ event }) {
      // A question's first revision is its asking.
      if (event?.type !== 'questionChanged' || event.rev !== 1) return;
      turn = turn.then(() => (isStopped ? undefined : notice(event.entity))).catch(onFault);
    },
    async stop() {
      isStopped = true;
      await turn;
    },
  };
}
