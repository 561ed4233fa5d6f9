/**
 * The bell: what is unread and concerns a reader, over all of his forums, on whatever page he is. It holds what concerns him and no list of
 * a forum; the forum's own facts keep it true. Pure, browser-safe.
 */
import type { Assignment } from '../../people/rights.ts';
import { applyReaderFact, type ForumFact, type ReaderFact, type ReaderState } from '../forum-state.ts';
import type { Question } from '../forum.ts';
import { concernOf, type Asking, type Concern } from './attention.ts';

/** As much of a question as a bell shows and keeps true. */
export type BellQuestion = Asking & Pick<Question, 'rev' | 'excerpt' | 'changedAtMs'>;

export function bellQuestion(question: Question): BellQuestion {
  const { id, rev, procedure, messages, excerpt, changedAtMs, mentioned, author } = question;
  return {
    ...{ id, rev, procedure, messages, excerpt, changedAtMs },
    ...(mentioned && { mentioned }),
    author: { id: author.id, ...(author.path !== undefined && { path: author.path }) },
  };
}

export interface Rung {
  question: BellQuestion;
  concern: Concern;
}

export interface BellForum {
  procedure: string;
  title: string;
  reader: ReaderState;
  /** The latest first. */
  rung: readonly Rung[];
  /** There is more than was looked through. */
  isCut: boolean;
}

export interface BellOwner {
  id: string;
  holds: readonly Assignment[];
}

const latestFirst = (a: Rung, b: Rung): number =>
  b.question.changedAtMs - a.question.changedAtMs || (a.question.id < b.question.id ? -1 : 1);

/** The same with one question as it is now: among those that concern him, or no longer. */
function withQuestion(forum: BellForum, owner: BellOwner, question: BellQuestion): BellForum {
  const { reader, rung } = forum;
  const concern = concernOf(question, owner, reader.attention, reader.read[question.id] ?? 0);
  const others = rung.filter((one) => one.question.id !== question.id);
  return { ...forum, rung: concern === null ? others : [...others, { question, concern }].toSorted(latestFirst) };
}

/** Of all questions that may concern him, those that do. */
export const ring = (forum: Omit<BellForum, 'rung'>, owner: BellOwner, questions: readonly BellQuestion[]): BellForum =>
  questions.reduce<BellForum>((state, question) => withQuestion(state, owner, question), { ...forum, rung: [] });

export function applyBellForumFact(forum: BellForum, owner: BellOwner, fact: ForumFact): BellForum {
  if (fact.type !== 'questionChanged') return forum;
  const known = forum.rung.find(({ question }) => question.id === fact.entity);
  return known && known.question.rev >= fact.rev ? forum : withQuestion(forum, owner, bellQuestion(fact.body.question));
}

/** What he reads goes out. What he chose anew is not known here: other questions concern him now, and the bell is read anew. */
export function applyBellReaderFact(forum: BellForum, owner: BellOwner, fact: ReaderFact): BellForum {
  const read = { ...forum, reader: applyReaderFact(forum.reader, fact) };
  const known = forum.rung.find(({ question }) => question.id === fact.entity);
  return known ? withQuestion(read, owner, known.question) : read;
}
