import type { QueueState } from '#models/account-request/account-request.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** The state of a request as the centre sees it. */
export function queueMark(state: QueueState): MarkState {
  switch (state) {
    case 'submitted':
      return { state: 'waitsForYou' };
    case 'handed':
      return { state: 'waitsForAnother', whom: m.waits_coordinator() };
    case 'activated':
      return { state: 'done' };
    case 'declined':
      return { state: 'refused' };
    default:
      throw state satisfies never;
  }
}

export const queueWord = (state: QueueState): string => say(`queue_${state}`);
