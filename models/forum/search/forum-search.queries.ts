/** Finding in a forum: by words with filters, and what is like a question that is being typed (S1-42). */
import { z } from 'zod';
import type { Context } from '../../context.ts';
import type { Person } from '../../people/person.ts';
import { openForum } from '../forum.reader.ts';
import { answerShown } from '../faq.ts';
import { ABOUT_STAGES, QUESTION_STATUSES, type Message, type Question } from '../forum.ts';
import type { Facets, ForumIndexes } from './forum-index.ts';
import { marked, type MarkedPart } from './terms.ts';

/** Longest text that is sought, in characters; of a longer question the beginning is compared. */
export const SOUGHT_CHARS_MAX = 1_000;
/** Questions that one search shows. */
export const FOUND_MAX = 50;
/** Similar questions shown while one is being typed. */
export const SIMILAR_MAX = 5;
/** A question that has less of what is being typed than this is not called similar. */
const SIMILAR_SHARE_MIN = 0.34;
/** Characters of a text that are shown around what was found in it. */
const PASSAGE_CHARS_MAX = 240;

const soughtSchema = z.string().trim().min(1).max(SOUGHT_CHARS_MAX);
export const searchSchema = z.strictObject({
  text: soughtSchema,
  /** The last word may go on. */
  isTyping: z.boolean().default(false),
  status: z.enum(QUESTION_STATUSES).optional(),
  isMine: z.boolean().default(false),
  isOfficial: z.boolean().default(false),
  /** A unit: only what was asked from it or from below it. */
  territory: z.string().max(100).optional(),
  sinceMs: z.number().int().optional(),
  /** Where in the procedure it was met. */
  stage: z.enum(ABOUT_STAGES).optional(),
});
export type ForumSearch = z.input<typeof searchSchema>;
/** Of a long text its beginning is compared. */
const similarSchema = z.strictObject({
  text: z
    .string()
    .transform((text) => text.slice(0, SOUGHT_CHARS_MAX))
    .pipe(soughtSchema),
});

export interface FoundQuestion {
  question: Question;
  /** Where it was found, with the words marked: the question itself, or the answer that has them. */
  passage: MarkedPart[];
}

export interface SimilarQuestion extends FoundQuestion {
  /** The official answer, or else the last one; null while there is none. */
  answer: Pick<Message, 'text' | 'author' | 'atMs'> | null;
}

export function createForumSearchQueries(context: Context, indexes: ForumIndexes) {
  const { units, forumQuestions, forumMessages } = context;

  /** The units of a territory that anybody asked from. */
  async function unitsWithin(territory: string, facets: ReadonlyMap<string, Facets>): Promise<ReadonlySet<string>> {
    const root = await units.find(territory);
    if (!root) return new Set();
    const asking = [...new Set([...facets.values()].map(({ unit }) => unit))];
    const found = await units.list({ _id: { $in: asking } });
    return new Set(found.filter(({ path }) => path.startsWith(root.path)).map(({ id }) => id));
  }

  /** Questions in the order of the ids, each with its messages. */
  async function threadsOf(ids: readonly string[]): Promise<{ question: Question; messages: Message[] }[]> {
    const [questions, messages] = await Promise.all([
      forumQuestions.list({ _id: { $in: ids } }),
      forumMessages.list({ question: { $in: ids } }, { sort: { n: 1 } }),
    ]);
    const byId = new Map(questions.map((question) => [question.id, question]));
    return ids.flatMap((id) => {
      const question = byId.get(id);
      return question ? [{ question, messages: messages.filter((message) => message.question === id) }] : [];
    });
  }

  return {
    /** Errors: HubError `not_allowed`; a search without a word of its own finds nothing. */
    async search(person: Person, procedureId: string, input: unknown): Promise<FoundQuestion[]> {
      await openForum(context, person, procedureId);
      const { text, isTyping, status, isMine, isOfficial, territory, sinceMs, stage } = searchSchema.parse(input);
      const { messages, facets } = await indexes.of(procedureId);
      const within = territory === undefined ? null : await unitsWithin(territory, facets);
      const accepts = (id: string): boolean => {
        const asked = facets.get(id);
        if (!asked) return false;
        if (status !== undefined && asked.status !== status) return false;
        if (isMine && asked.author !== person.id) return false;
        if (isOfficial && asked.official === null) return false;
        if (sinceMs !== undefined && asked.askedAtMs < sinceMs) return false;
        if (stage !== undefined && asked.stage !== stage) return false;
        return within?.has(asked.unit) ?? true;
      };
      const { hits, keys } = messages.find(text, { limit: FOUND_MAX, isTyping, accepts });
      const threads = await threadsOf(hits.map(({ question }) => question));
      return threads.map((thread) => ({ question: thread.question, passage: passageOf(thread.messages, keys) }));
    },

    /** What was asked before that is like a text, with what was answered; the frequent ones first, then the most alike. */
    async similar(person: Person, procedureId: string, input: unknown): Promise<SimilarQuestion[]> {
      await openForum(context, person, procedureId);
      const { text } = similarSchema.parse(input);
      const { messages, facets } = await indexes.of(procedureId);
      // What only repeats another makes room for it; several may repeat the same.
      const { hits, keys } = messages.find(text, { limit: SIMILAR_MAX * 2, withAnswers: false });
      const alike = hits
        .filter(({ share }) => share >= SIMILAR_SHARE_MIN)
        .map(({ question }) => facets.get(question)?.original ?? question);
      const shown = [...new Set(alike)]
        .toSorted((a, b) => Number(facets.get(b)?.isPinned ?? false) - Number(facets.get(a)?.isPinned ?? false))
        .slice(0, SIMILAR_MAX);
      return (await threadsOf(shown)).map(({ question, messages: thread }) => {
        const answer = answerShown(question, thread);
        return {
          question,
          passage: passageOf(thread.slice(0, 1), keys),
          answer: answer && { text: answer.text, author: answer.author, atMs: answer.atMs },
        };
      });
    },
  };
}

export type ForumSearchQueries = ReturnType<typeof createForumSearchQueries>;

/** The message with the most of the words, from a little before the first of them. */
export function passageOf(messages: readonly Pick<Message, 'text'>[], keys: ReadonlySet<string>): MarkedPart[] {
  let best: MarkedPart[] = [];
  let most = -1;
  for (const { text } of messages) {
    const parts = marked(text.replaceAll(/\s+/g, ' '), keys);
    const count = parts.filter(({ isFound }) => isFound).length;
    if (count > most) [best, most] = [parts, count];
  }
  return shortened(best);
}

function shortened(parts: readonly MarkedPart[]): MarkedPart[] {
  const [first, ...rest] = parts;
  const lead = 60;
  const cut: MarkedPart[] =
    first && !first.isFound && first.text.length > lead
      ? [{ text: `…${first.text.slice(first.text.length - lead)}`, isFound: false }, ...rest]
      : [...parts];
  const shown: MarkedPart[] = [];
  let room = PASSAGE_CHARS_MAX;
  for (const { text, isFound } of cut) {
    if (text.length <= room) shown.push({ text, isFound });
    else {
      if (room > 0) shown.push({ text: `${text.slice(0, room)}…`, isFound });
      break;
    }
    room -= text.length;
  }
  return shown;
}
