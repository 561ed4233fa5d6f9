/** Questions of before something was kept get it, as far as the store can tell: a part of them with each round of upkeep. */
import type { Context } from '../context.ts';
import { HubError } from '../error.ts';
import type { Question } from './forum.ts';
import { questionFact } from './forum.facts.ts';

/** Questions of one forum that a round fills in. */
const FILLED_MAX = 200;

export function createForumFillActions({
  journal,
  procedures,
  units,
  forumQuestions,
  forumMessages,
  now,
  newId,
}: Pick<Context, 'journal' | 'procedures' | 'units' | 'forumQuestions' | 'forumMessages' | 'now' | 'newId'>) {
  async function fill(question: Question, paths: ReadonlyMap<string, string>): Promise<void> {
    const { author, answers, firstAnsweredAtMs } = question;
    const [first] =
      answers > 0 && firstAnsweredAtMs === undefined
        ? await forumMessages.list({ question: question.id, kind: 'answer' }, { sort: { n: 1 }, limit: 1 })
        : [];
    const filled: Question = {
      ...question,
      rev: question.rev + 1,
      // A unit that nobody knows any longer lies in no territory.
      author: { ...author, path: paths.get(author.unit) ?? '' },
      ...(first && { firstAnsweredAtMs: first.atMs }),
    };
    // Nobody did it: when it last changed stays as it is.
    await journal.record(
      { actor: 'hub', atMs: now(), commandId: newId(), note: null },
      [questionFact(filled, null)],
      (session) => forumQuestions.save(filled, session),
    );
  }

  return {
    /** Where a question came from, by which territories follow it, and when it was first answered. */
    async fillOld(): Promise<void> {
      for (const { id: procedure } of await procedures.list({})) {
        const old = await forumQuestions.list({ procedure, 'author.path': null }, { limit: FILLED_MAX });
        if (old.length === 0) continue;
        const asking = [...new Set(old.map(({ author }) => author.unit))];
        const paths = new Map((await units.list({ _id: { $in: asking } })).map(({ id, path }) => [id, path]));
        for (const question of old)
          await fill(question, paths).catch((error: unknown) => {
            // Somebody wrote to it meanwhile: the next round fills it in.
            if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
          });
      }
    },
  };
}
