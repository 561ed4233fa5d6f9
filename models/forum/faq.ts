/**
 * The frequent questions of a forum: those that whoever keeps it has pinned, each with the reason. They stand on top of the forum, before
 * other similar ones while somebody types, and on a page to print. Pure, browser-safe.
 */
import { HubError } from '../error.ts';
import { askedAgain, type Message, type Question } from './forum.ts';

/** More than this nobody reads through (questions of one forum). */
export const PINNED_MAX = 50;

/** Errors: HubError `stale_write` for one that is pinned, or that was hidden meanwhile; `question_unanswered`. */
export function pin(
  question: Question,
  { by, reason }: { by: { name: string }; reason: string },
  nowMs: number,
): Question {
  if (question.pinned || question.excerpt === '') throw new HubError('stale_write');
  if (question.answers === 0) throw new HubError('question_unanswered');
  return { ...question, ...askedAgain(question, nowMs), pinned: { by: by.name, reason, atMs: nowMs } };
}

/** Errors: HubError `stale_write` for one that is not pinned. */
export function unpin(question: Question, nowMs: number): Question {
  if (!question.pinned) throw new HubError('stale_write');
  const { pinned: _pinned, ...rest } = { ...question, ...askedAgain(question, nowMs) };
  return rest;
}

/** The answer that is shown for a question where there is room for one: the official one, or else the last that can be read. */
export function answerShown(question: Pick<Question, 'official'>, messages: readonly Message[]): Message | null {
  const answers = messages.filter(({ kind, hidden }) => kind === 'answer' && hidden === null);
  return answers.find(({ id }) => id === question.official) ?? answers.at(-1) ?? null;
}
