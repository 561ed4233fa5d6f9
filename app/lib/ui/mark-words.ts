import type { MarkState } from './mark-state.ts';
import { word } from './words.ts';

/** The word of a state, in the reader's language. */
export function markWord(mark: MarkState): string {
  switch (mark.state) {
    case 'notBegun':
      return word('state_not_begun');
    case 'underWay':
      return mark.share === null
        ? word('state_under_way')
        : `${word('state_under_way')}, ${Math.round(mark.share * 100)}%`;
    case 'waitsForYou':
      return word('state_waits_for_you');
    case 'waitsForAnother':
      return word('state_waits_for_another', { whom: mark.whom });
    case 'done':
      return word('state_done');
    case 'doneLate':
      return word('state_done_late');
    case 'problem':
      return word('state_problem');
    case 'overdue':
      return word('state_overdue');
    case 'refused':
      return word('state_refused');
    case 'locked':
      return word('state_locked');
    case 'unknown':
      return `${markWord(mark.last)}, ${word('state_unknown', { time: mark.asOf })}`;
    default:
      return mark satisfies never;
  }
}
