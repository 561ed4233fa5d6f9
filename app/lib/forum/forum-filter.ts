/** What the list shows: kept in the address. Pure. */
import { ABOUT_STAGES, type Question } from '#models/forum/forum.ts';

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

/** What the list is narrowed to beside that: a part of the territory, a step of the procedure, and since when it was asked. */
export interface Narrowed {
  part: string | null;
  stage: (typeof ABOUT_STAGES)[number] | null;
  since: Since | null;
}
export const SINCE_MS = {
  day: 24 * 60 * 60_000,
  week: 7 * 24 * 60 * 60_000,
  month: 30 * 24 * 60 * 60_000,
} as const;
export type Since = keyof typeof SINCE_MS;
export const SINCES = Object.keys(SINCE_MS) as Since[];

/** As the address has it; an unknown word narrows nothing. */
export const narrowedOf = ({ part, at, since }: { part?: string; at?: string; since?: string }): Narrowed => ({
  part: part === undefined || part === '' ? null : part,
  stage: ABOUT_STAGES.find((one) => one === at) ?? null,
  since: SINCES.find((one) => one === since) ?? null,
});

export const isNarrowed = ({ part, stage, since }: Narrowed): boolean =>
  part !== null || stage !== null || since !== null;

/** `path` is that of the part. */
export function isWithin(
  question: Pick<Question, 'author' | 'about' | 'askedAtMs'>,
  { part, stage, since }: Narrowed,
  { path, nowMs }: { path: string | undefined; nowMs: number },
): boolean {
  if (part !== null && (path === undefined || !(question.author.path?.startsWith(path) ?? false))) return false;
  if (stage !== null && question.about?.stage !== stage) return false;
  return since === null || question.askedAtMs >= nowMs - SINCE_MS[since];
}

/** The same as a search asks it of the hub. */
export const narrowedFilters = ({ part, stage, since }: Narrowed, nowMs: number): Record<string, string> => ({
  ...(part !== null && { territory: part }),
  ...(stage !== null && { stage }),
  ...(since !== null && { since: String(nowMs - SINCE_MS[since]) }),
});
