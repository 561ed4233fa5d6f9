/** The state of a question as a mark with its words. */
import type { ForumClaim } from '#models/forum/forum-state.ts';
import type { Question } from '#models/forum/forum.ts';
import { m } from '#lib/paraglide/messages.js';
import type { MarkState } from '#lib/ui/mark-state.ts';

/** `isAnswerer`: whoever may answer is who is waited for. */
export function questionMark(
  question: Question,
  claim: ForumClaim | null,
  isAnswerer: boolean,
): { mark: MarkState; label: string } {
  switch (question.status) {
    case 'open':
      if (claim?.holder)
        return { mark: { state: 'underWay', share: null }, label: m.forum_being_answered({ by: claim.holder.name }) };
      return isAnswerer
        ? { mark: { state: 'waitsForYou' }, label: m.forum_status_open() }
        : { mark: { state: 'waitsForAnother', whom: m.forum_whom() }, label: m.forum_status_open() };
    case 'answered':
      return { mark: { state: 'done' }, label: m.forum_status_answered() };
    case 'closed':
      return { mark: { state: 'locked' }, label: m.forum_status_closed() };
    default:
      throw question satisfies never;
  }
}
