import type { Fact } from '../journal/journal.ts';
import { forumStream } from '../journal/stream.ts';
import type { Message, Question } from './forum.ts';

/** A question as it is now, with the message that changed it, if one did. */
export const questionFact = (question: Question, message: Message | null): Fact => ({
  stream: forumStream(question.procedure),
  type: 'questionChanged',
  entity: question.id,
  rev: question.rev,
  body: { question, message },
});
