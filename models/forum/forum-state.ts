/**
 * What a page of a forum holds and what its facts make of it: the list with its claims and incidents, how far somebody has read, and
 * a thread. Pure, browser-safe: the same code on the server, in the page and in the past.
 */
import type { ClaimView } from '../claim/claim.ts';
import { NO_CHOICE, type AttentionView } from './attention/attention.ts';
import { applyIncidentFact, incidentsOf, type IncidentFact, type IncidentView } from './incident/incident.ts';
import { QUESTIONS_SHOWN_MAX, type Message, type Question } from './forum.ts';

/* ---- what has been read ---- */

/** How far a person has read one question. It only moves forward, on whatever device he reads. */
export interface Reading {
  /** `person/question`. */
  id: string;
  rev: number;
  person: string;
  procedure: string;
  question: string;
  /** The last message read. */
  n: number;
}

export const readingId = (person: string, question: string): string => `${person}/${question}`;

/** The reading after somebody has read up to a message; null when he had before. */
export function readTo(
  reading: Reading | null,
  { person, question, n }: { person: string; question: Pick<Question, 'id' | 'procedure' | 'messages'>; n: number },
): Reading | null {
  const reached = Math.min(n, question.messages);
  if (reached <= (reading?.n ?? 0)) return null;
  const { id, procedure } = question;
  return {
    ...{ id: readingId(person, id), rev: (reading?.rev ?? 0) + 1, person, procedure, question: id, n: reached },
  };
}

/** Messages of a question that a person has not read. */
export const unreadOf = (
  { id, messages }: Pick<Question, 'id' | 'messages'>,
  { read }: Pick<ReaderState, 'read'>,
): number => Math.max(0, messages - (read[id] ?? 0));

/* ---- live ---- */

export type ForumClaim = ClaimView & { rev: number };

/** The list of a forum, with who is about to answer what. */
export interface ForumState {
  procedure: string;
  /** In the order of `shownFirst`. */
  questions: readonly Question[];
  claims: readonly ForumClaim[];
  /** What many ask at this moment. */
  incidents: readonly IncidentView[];
  /** The frequent ones, also those that the list has no room for; in the order in which they were pinned. */
  pinned: readonly Question[];
}

/** How far one person has read, by question. */
export interface ReaderState {
  read: Readonly<Record<string, number>>;
  /** What he wants to hear of. */
  attention: AttentionView;
}

export const emptyReader = (): ReaderState => ({ read: {}, attention: NO_CHOICE });

export type QuestionFact = {
  type: 'questionChanged';
  entity: string;
  rev: number;
  /** With the message that changed it, where one did. */
  body: { question: Question; message: Message | null };
};
export type AnswerClaimFact = { type: 'claimChanged'; entity: string; rev: number; body: { claim: ClaimView } };
export type ForumFact = QuestionFact | AnswerClaimFact | IncidentFact;
export type ReaderFact =
  | { type: 'readMoved'; entity: string; rev: number; body: { n: number } }
  | { type: 'attentionChanged'; entity: string; rev: number; body: { attention: AttentionView } };

/** What is claimed to answer a question. */
export const claimSubject = (question: string): string => `forumQuestion/${question}`;

/** Open questions first, the longest waiting before the others; then by what happened last. */
export function shownFirst(a: Question, b: Question): number {
  const inOrder = (x: Question, y: Question): number => (x.id < y.id ? -1 : x.id > y.id ? 1 : 0);
  if (a.status === 'open' && b.status === 'open') return a.waitingSinceMs - b.waitingSinceMs || inOrder(a, b);
  if (a.status === 'open' || b.status === 'open') return a.status === 'open' ? -1 : 1;
  return b.changedAtMs - a.changedAtMs || inOrder(a, b);
}

export function forumOf(
  procedure: string,
  questions: readonly Question[],
  claims: readonly ForumClaim[],
  { incidents = [], pinned = [] }: Partial<Pick<ForumState, 'incidents' | 'pinned'>> = {},
): ForumState {
  const shown = questions.toSorted(shownFirst).slice(0, QUESTIONS_SHOWN_MAX);
  const subjects = new Set(shown.map(({ id }) => claimSubject(id)));
  return {
    procedure,
    questions: shown,
    claims: claims.filter(({ id }) => subjects.has(id)).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    incidents: incidentsOf(incidents),
    pinned: pinned.toSorted((a, b) => (a.pinned?.atMs ?? 0) - (b.pinned?.atMs ?? 0) || (a.id < b.id ? -1 : 1)),
  };
}

export function applyForumFact(state: ForumState, fact: ForumFact): ForumState {
  const { procedure, questions, claims } = state;
  switch (fact.type) {
    case 'questionChanged': {
      const known = [...questions, ...state.pinned].find(({ id }) => id === fact.entity);
      if (known && known.rev >= fact.rev) return state;
      const { question } = fact.body;
      return forumOf(procedure, [...questions.filter(({ id }) => id !== fact.entity), question], claims, {
        incidents: state.incidents,
        pinned: [...state.pinned.filter(({ id }) => id !== fact.entity), ...(question.pinned ? [question] : [])],
      });
    }
    case 'claimChanged': {
      const known = claims.find(({ id }) => id === fact.entity);
      if (known && known.rev >= fact.rev) return state;
      const changed = { ...fact.body.claim, rev: fact.rev };
      return forumOf(procedure, questions, [...claims.filter(({ id }) => id !== fact.entity), changed], state);
    }
    case 'incidentChanged': {
      const changed = applyIncidentFact(state.incidents, fact);
      return changed === state.incidents ? state : { ...state, incidents: changed };
    }
    default:
      throw fact satisfies never;
  }
}

export function applyReaderFact(state: ReaderState, fact: ReaderFact): ReaderState {
  if (fact.type === 'attentionChanged')
    return state.attention.version >= fact.rev ? state : { ...state, attention: fact.body.attention };
  const { entity, body } = fact;
  if ((state.read[entity] ?? 0) >= body.n) return state;
  return { ...state, read: { ...state.read, [entity]: body.n } };
}

/** Who is about to answer a question at a moment; null when nobody is. */
export function answererOf({ claims }: ForumState, question: string, nowMs: number): ForumClaim | null {
  const claim = claims.find(({ id }) => id === claimSubject(question));
  return claim && claim.holder !== null && nowMs < claim.untilMs ? claim : null;
}

/** A thread with what a fact adds to it. */
export function threadWith(messages: readonly Message[], message: Message): readonly Message[] {
  const known = messages.find(({ id }) => id === message.id);
  if (known && known.rev >= message.rev) return messages;
  return [...messages.filter(({ id }) => id !== message.id), message].toSorted((a, b) => a.n - b.n);
}
