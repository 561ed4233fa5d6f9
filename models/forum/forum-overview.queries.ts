/** A forum as a whole: its figures, its frequent questions, and all of it to take along. */
import type { Context } from '../context.ts';
import type { Unit } from '../org/unit.ts';
import type { Person } from '../people/person.ts';
import type { Procedure } from '../procedure/procedure.ts';
import { answerShown, PINNED_MAX } from './faq.ts';
import { openForum } from './forum.reader.ts';
import type { Message, Question } from './forum.ts';
import type { ForumIndexes } from './search/forum-index.ts';
import { statisticsOf, type Counted, type ForumStatistics } from './statistics.ts';

/** Messages of one export; more go out narrowed by territory and time, which the page says. */
export const EXPORTED_MAX = 50_000;
/** Messages read at once. */
const PAGE = 1_000;

/** A part of the territory of a procedure: by what its forum is told apart. */
export interface ForumPart {
  id: string;
  name: string;
  path: string;
}

export interface FrequentQuestion {
  question: Question;
  text: string;
  answer: Message | null;
}

export function createForumOverviewQueries(context: Context, indexes: ForumIndexes) {
  const { units, forumQuestions, forumMessages, now } = context;

  /** The units directly under that of the procedure: municipalities of a region, regions of the federation. */
  async function territoriesOf(procedure: Pick<Procedure, 'path'>): Promise<ForumPart[]> {
    const parent = procedure.path.split('/').at(-2) ?? '';
    const below = await units.list({ parent });
    return below
      .map(({ id, name, path }: Unit) => ({ id, name, path }))
      .toSorted((a, b) => a.name.localeCompare(b.name, 'ru', { numeric: true }));
  }

  return {
    /** What the list may be narrowed to. */
    async territories(person: Person, procedureId: string): Promise<ForumPart[]> {
      const { procedure } = await openForum(context, person, procedureId);
      return territoriesOf(procedure);
    },

    /** How soon questions are answered, and what waits: of the moment that is told with them. Errors: HubError `not_allowed`. */
    async statistics(
      person: Person,
      procedureId: string,
    ): Promise<{ statistics: ForumStatistics; territories: ForumPart[]; atMs: number }> {
      const { procedure } = await openForum(context, person, procedureId);
      const [territories, { facets }] = await Promise.all([territoriesOf(procedure), indexes.of(procedureId)]);
      const asking = [...new Set([...facets.values()].map(({ unit }) => unit))];
      const paths = new Map((await units.list({ _id: { $in: asking } })).map(({ id, path }) => [id, path]));
      const territoryOf = (unit: string): string =>
        territories.find(({ path }) => paths.get(unit)?.startsWith(path))?.id ?? '';
      const counted = [...facets.values()].map(
        ({ askedAtMs, firstAnsweredAtMs, answers, waitingSinceMs, unit, original }): Counted => ({
          ...{ askedAtMs, answers, waitingSinceMs, territory: territoryOf(unit), isDuplicate: original !== null },
          ...(firstAnsweredAtMs !== undefined && { firstAnsweredAtMs }),
        }),
      );
      const atMs = now();
      return { statistics: statisticsOf(counted, atMs), territories, atMs };
    },

    /** The frequent questions with their answers, in the order in which they were pinned. */
    async frequent(person: Person, procedureId: string): Promise<FrequentQuestion[]> {
      await openForum(context, person, procedureId);
      const pinned = await forumQuestions.list(
        { procedure: procedureId, 'pinned.atMs': { $gt: 0 } },
        { sort: { 'pinned.atMs': 1 }, limit: PINNED_MAX },
      );
      const messages = await forumMessages.list({ question: { $in: pinned.map(({ id }) => id) } }, { sort: { n: 1 } });
      return pinned.map((question) => {
        const thread = messages.filter((message) => message.question === question.id);
        return { question, text: thread[0]?.text ?? '', answer: answerShown(question, thread) };
      });
    },

    /** All that was written, question by question, the earliest first. Errors: HubError `not_allowed`. */
    async whole(
      person: Person,
      procedureId: string,
    ): Promise<{
      procedure: Procedure;
      threads: { question: Question; messages: Message[] }[];
      isCut: boolean;
      max: number;
    }> {
      const { procedure } = await openForum(context, person, procedureId);
      const messages: Message[] = [];
      for (let after = ''; messages.length < EXPORTED_MAX;) {
        const page = await forumMessages.list(
          { procedure: procedureId, _id: { $gt: after } },
          { sort: { _id: 1 }, limit: PAGE },
        );
        messages.push(...page);
        const last = page.at(-1);
        if (!last || page.length < PAGE) break;
        after = last.id;
      }
      const byQuestion = Map.groupBy(messages, ({ question }) => question);
      const ids = [...byQuestion.keys()];
      const questions: Question[] = [];
      for (let at = 0; at < ids.length; at += PAGE)
        questions.push(...(await forumQuestions.list({ _id: { $in: ids.slice(at, at + PAGE) } })));
      return {
        procedure,
        threads: questions
          .toSorted((a, b) => a.askedAtMs - b.askedAtMs || (a.id < b.id ? -1 : 1))
          .map((question) => ({
            question,
            messages: (byQuestion.get(question.id) ?? []).toSorted((a, b) => a.n - b.n),
          })),
        isCut: messages.length >= EXPORTED_MAX,
        max: EXPORTED_MAX,
      };
    },
  };
}

export type ForumOverviewQueries = ReturnType<typeof createForumOverviewQueries>;
