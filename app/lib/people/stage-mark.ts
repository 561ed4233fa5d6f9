import type { Stage } from '#models/people/appointment.ts';
import { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** Where an appointment stands, as a shape. */
export function stageMark(stage: Stage): MarkState {
  switch (stage) {
    case 'active':
      return { state: 'done' };
    case 'coming':
      return { state: 'notBegun' };
    case 'invited':
      return { state: 'waitsForAnother', whom: m.waits_invited() };
    case 'proposed':
      return { state: 'waitsForAnother', whom: m.waits_federal() };
    case 'expired':
      return { state: 'overdue' };
    case 'ended':
      return { state: 'locked' };
    default:
      throw stage satisfies never;
  }
}

export const stageWord = (stage: Stage): string => say(`stage_${stage}`);
