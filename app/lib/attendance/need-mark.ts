import type { MarkState } from '#lib/ui/mark-state.ts';
import type { Need } from './cabinet.svelte.ts';

/** What a cabinet asks for, as a mark. */
export function needMark(need: Need): MarkState {
  switch (need) {
    case 'wait':
      return { state: 'underWay', share: null };
    case 'template':
    case 'file':
    case 'attest':
      return { state: 'waitsForYou' };
    case 'correct':
      return { state: 'problem' };
    case 'nothing':
      return { state: 'done' };
    case 'late':
      return { state: 'overdue' };
    default:
      throw need satisfies never;
  }
}
