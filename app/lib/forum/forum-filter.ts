/** What the list shows: kept in the address. Pure. */
import type { Question } from '#models/forum/forum.ts';

/** `waiting` is the queue of those who answer: open questions, the longest waiting first. */
export const SHOWN = ['all', 'waiting', 'unread', 'mine', 'answered', 'closed'] as const;
export type Shown = (typeof SHOWN)[number];

export const shownOf = (given: string | null): Shown => SHOWN.find((one) => one === given) ?? 'all';

/** The same as a search asks it of the hub; what is unread only the page knows. */
export const FILTERS: Readonly<Record<Shown, Readonly<Record<string, string>>>> = {
  all: {},
  waiting: { status: 'open' },
  unread: {},
  mine: { mine: '' },
  answered: { status: 'answered' },
  closed: { status: 'closed' },
};

export function isShown(question: Question, shown: Shown, reader: { id: string; unread: number }): boolean {
  switch (shown) {
    case 'all':
      return true;
    case 'waiting':
      return question.status === 'open';
    case 'unread':
      return reader.unread > 0;
    case 'mine':
      return question.author.id === reader.id;
    case 'answered':
    case 'closed':
      return question.status === shown;
    default:
      throw shown satisfies never;
  }
}
