/** What a bell begins with: of each forum only what may concern the reader, found by what makes it his. */
import type { Context } from '../../context.ts';
import type { Filter } from '../../entity.store.ts';
import type { Position } from '../../journal/journal.ts';
import { forumReaderStream, forumStream, type StreamOf } from '../../journal/stream.ts';
import { startingWith } from '../../org/unit.store.ts';
import type { Person } from '../../people/person.ts';
import type { ReaderState } from '../forum-state.ts';
import { forumRights, type Question } from '../forum.ts';
import { attentionId, attentionView, NO_CHOICE } from './attention.ts';
import { bellQuestion, ring, type BellForum, type BellOwner } from './bell.ts';
import { pathsMeant } from './mention.ts';

/** Forums that a bell rings for: those whose procedures end last. */
export const BELL_FORUMS_MAX = 12;
/** Questions of one forum that are looked through for each way of concerning; of more the latest. */
export const BELL_LOOKED_MAX = 1_000;

export interface BellPlace {
  forum: BellForum;
  forumAt: { stream: StreamOf<'forum'>; position: Position };
  readerAt: { stream: StreamOf<'forumReader'>; position: Position };
}

export interface Bell {
  owner: BellOwner;
  places: BellPlace[];
}

export function createBellQueries(context: Context) {
  const { journal, procedures, forumQuestions, forumReadings, forumAttention } = context;

  /** Each way by its own index: what was asked by him, what he follows, who he is, where he is, and what he chose. */
  function waysOf({ attention }: ReaderState, { id, holds }: BellOwner, procedure: string): Filter[] {
    if (attention.isAll) return [{ procedure }];
    const here = holds.filter(({ procedure: only }) => !only || only === procedure);
    return [
      { procedure, 'author.id': id },
      { procedure, 'mentioned.mention.role': { $in: [...new Set(here.map(({ role }) => role))] } },
      { procedure, 'mentioned.mention.path': { $in: pathsMeant(here) } },
      ...(attention.followed.length > 0 ? [{ procedure, _id: { $in: [...attention.followed] } }] : []),
      ...attention.parts.map(({ path }) => ({ procedure, 'author.path': startingWith(path) })),
    ];
  }

  async function place(
    owner: BellOwner,
    { id, title }: { id: string; title: string },
    reader: ReaderState,
    at: Pick<BellPlace, 'forumAt' | 'readerAt'>,
  ): Promise<BellPlace> {
    const options = { sort: { changedAtMs: -1 as const }, limit: BELL_LOOKED_MAX };
    const found = await Promise.all(waysOf(reader, owner, id).map((way) => forumQuestions.list(way, options)));
    const byId = new Map<string, Question>();
    for (const question of found.flat())
      if ((byId.get(question.id)?.rev ?? 0) < question.rev) byId.set(question.id, question);
    const isCut = found.some((one) => one.length >= BELL_LOOKED_MAX);
    const forum = ring({ procedure: id, title, reader, isCut }, owner, [...byId.values()].map(bellQuestion));
    return { forum, ...at };
  }

  return {
    /** Whoever reads no forum has a bell without one. The positions first, then what stands there. */
    async bell(person: Person): Promise<Bell> {
      const owner = { id: person.id, holds: person.assignments };
      const forums = (await procedures.list({}, { sort: { deadlineMs: -1 } }))
        .filter((procedure) => forumRights(person, procedure).reads)
        .slice(0, BELL_FORUMS_MAX);
      if (forums.length === 0) return { owner, places: [] };
      const ids = forums.map(({ id }) => id);
      const streams = ids.flatMap((id) => [forumStream(id), forumReaderStream(id, person.id)]);
      const heads = new Map((await journal.heads(streams)).map((head) => [head.stream, head]));
      const positionOf = (stream: (typeof streams)[number]): Position => {
        const { epoch = '', seq = 0 } = heads.get(stream) ?? {};
        return { epoch, seq };
      };
      const [readings, chosen] = await Promise.all([
        forumReadings.list({ person: person.id, procedure: { $in: ids } }),
        forumAttention.list({ _id: { $in: ids.map((id) => attentionId(person.id, id)) } }),
      ]);
      const readBy = Map.groupBy(readings, ({ procedure }) => procedure);
      const places = await Promise.all(
        forums.map((procedure) => {
          const { id } = procedure;
          const attention = chosen.find((one) => one.procedure === id);
          const reader: ReaderState = {
            read: Object.fromEntries((readBy.get(id) ?? []).map(({ question, n }) => [question, n])),
            attention: attention ? attentionView(attention) : NO_CHOICE,
          };
          const [forumAt, readerAt] = [forumStream(id), forumReaderStream(id, person.id)];
          return place(owner, procedure, reader, {
            forumAt: { stream: forumAt, position: positionOf(forumAt) },
            readerAt: { stream: readerAt, position: positionOf(readerAt) },
          });
        }),
      );
      return { owner, places };
    },
  };
}

export type BellQueries = ReturnType<typeof createBellQueries>;
