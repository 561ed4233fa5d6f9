/**
 * Notices of the browser while a tab of the forum is open and not looked at. Each state of a question is said once: two tabs of one browser
 * use the same tag, and what is read on another device is no longer there to be said. A browser that web push tells is told by that alone.
 */
import { isQuiet, type AttentionView } from '#models/forum/attention/attention.ts';
import type { Question } from '#models/forum/forum.ts';

const said = new Set<string>();
const keyOf = ({ id, messages }: Pick<Question, 'id' | 'messages'>): string => `${id} ${messages}`;

/** What is unread when the page is opened is on it: no notice is needed. */
export function holdAsSaid(questions: readonly Question[]): void {
  for (const question of questions) said.add(keyOf(question));
}

/** Says what is new; in quiet hours it waits, and is said after them if it is still unread. */
export function sayNew(
  questions: readonly Question[],
  attention: AttentionView,
  {
    title,
    nowMs,
    isPushed,
    onopen,
  }: {
    title: string;
    nowMs: number;
    /** The hub's worker tells this browser already. */
    isPushed: boolean;
    onopen: (question: string) => void;
  },
): void {
  if (document.visibilityState === 'visible') {
    holdAsSaid(questions);
    return;
  }
  if (isPushed && attention.pushes) {
    holdAsSaid(questions);
    return;
  }
  if (!attention.notifies || !('Notification' in window) || Notification.permission !== 'granted') return;
  if (isQuiet(attention.quiet, attention.zone, nowMs)) return;
  for (const question of questions) {
    if (said.has(keyOf(question)) || question.excerpt === '') continue;
    said.add(keyOf(question));
    const notice = new Notification(title, { body: question.excerpt, tag: `svod-forum-${keyOf(question)}` });
    notice.addEventListener('click', () => {
      window.focus();
      onopen(question.id);
      notice.close();
    });
  }
}
