/** Whom new messages of a forum concern on his devices: looked at once for all of them, as soon as they are written. */
import type { Context } from '../../context.ts';
import { retryStale } from '../../entity.store.ts';
import { HubError } from '../../error.ts';
import type { Head } from '../../journal/journal.store.ts';
import { forumStream } from '../../journal/stream.ts';
import { isInForce } from '../../people/appointment.ts';
import type { PushActions } from '../../push/push.actions.ts';
import type { PushKind } from '../../push/push.ts';
import type { ForumFact } from '../forum-state.ts';
import { afterQuiet, isNewsFor, type Attention, type News, type PushCursor } from './attention.ts';
import { beginning, type Concerning, type Way } from './telling.ts';

/** Events that are looked at together. */
const EVENTS_MAX = 200;
/** Readers who are looked at together, and of whom so many are marked at once. */
const READERS_PAGE = 500;
const AT_ONCE = 8;

/** Of the messages that came, those of each question together. */
function newsOf(facts: readonly ForumFact[]): News[] {
  const news = new Map<string, News>();
  for (const fact of facts) {
    // What was hidden, corrected or closed without a word of its own is no news.
    if (fact.type !== 'questionChanged' || !fact.body.message || fact.body.message.hidden) continue;
    const { question, message } = fact.body;
    if (message.n !== question.messages) continue;
    const known = news.get(question.id);
    const authors = [...(known?.authors ?? []), message.author.id];
    news.set(question.id, { question, from: known?.from ?? message.n, authors });
  }
  return [...news.values()];
}

const kindOf = ({ question: { status }, concern }: Concerning): PushKind =>
  concern === 'mine' && status === 'answered' ? 'answer' : concern;

export function createPushTelling(context: Context, devices: Pick<PushActions, 'of' | 'write'>) {
  const { journal, forumAttention, forumPushCursors, assignments, now } = context;

  /** Somebody is due: said now, or when his quiet hours are over. */
  async function due(seen: Attention): Promise<void> {
    let known: Attention | null = seen;
    await retryStale(async () => {
      const attention = known ?? (await forumAttention.find(seen.id));
      known = null;
      if (!attention?.pushes) return;
      const { quiet, zone, push = beginning(now()) } = attention;
      // Saved in any case: whoever is telling him at this moment has not seen this message, and looks again.
      await forumAttention.save({
        ...{ ...attention, rev: attention.rev + 1 },
        push: { ...push, nextAtMs: afterQuiet(quiet, zone, now()) },
      });
    });
  }

  /** With `news` null, of which nobody knows any longer what they were, everybody is due: each is told what concerns him, or nothing. */
  async function tellReaders(procedure: string, news: readonly News[] | null): Promise<void> {
    if (news?.length === 0) return;
    for (let after = ''; ;) {
      const page = await forumAttention.list(
        { procedure, pushes: true, _id: { $gt: after } },
        { sort: { _id: 1 }, limit: READERS_PAGE },
      );
      const last = page.at(-1);
      if (!last) return;
      const nowMs = now();
      const held = await assignments.held({ person: { $in: page.map(({ person }) => person) } }, nowMs);
      const holds = Map.groupBy(
        held.filter((one) => isInForce(one, nowMs)),
        ({ person }) => person,
      );
      const concerned = page.filter((attention) => {
        const reader = { id: attention.person, holds: holds.get(attention.person) ?? [] };
        return news?.some((one) => isNewsFor(one, reader, attention)) ?? true;
      });
      const waiting = concerned.values();
      await Promise.all(
        Array.from({ length: AT_ONCE }, async () => {
          for (const attention of waiting) await due(attention);
        }),
      );
      after = last.id;
    }
  }

  /** The news up to a place, and which place that is. Events that are kept no longer leave it unknown what they were. */
  async function newsAfter({ epoch, seq }: PushCursor, head: Head): Promise<{ news: News[] | null; seq: number }> {
    if (epoch !== head.epoch) return { news: null, seq: head.seq };
    try {
      const events = await journal.read(head.stream, seq, EVENTS_MAX, epoch);
      return { news: newsOf(events as unknown as ForumFact[]), seq: events.at(-1)?.q ?? head.seq };
    } catch (error) {
      if (error instanceof HubError && error.code === 'resnapshot') return { news: null, seq: head.seq };
      throw error;
    }
  }

  /** Looked at before the cursor moves: a node that dies between the two leaves it to another, which marks the same once more. */
  async function catchUp(cursor: PushCursor, head: Head): Promise<void> {
    const { news, seq } = await newsAfter(cursor, head);
    await tellReaders(cursor.id, news);
    await forumPushCursors.save({ ...cursor, rev: cursor.rev + 1, epoch: head.epoch, seq }).catch((error: unknown) => {
      // Another node looked at it too.
      if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
    });
  }

  /** One message on each of his devices: of one question what it is, of several how many. */
  const byPush: Way = {
    of: ({ push }) => push ?? beginning(now()),
    kept: (push) => ({ push }),
    field: 'push.nextAtMs',
    // Until the next message that concerns him.
    nextAtMs: () => null,
    async prepare({ attention: { procedure: id, zone }, person, procedure, concerning }) {
      const told = await devices.of(person.id);
      const last = concerning.at(-1);
      if (told.length === 0 || !last) return null;
      const count = concerning.length;
      const { question } = last;
      const params = {
        ...{ kind: count === 1 ? kindOf(last) : 'many', title: procedure.title, count },
        ...{ atMs: question.askedAtMs, zone },
      } as const;
      const forum = `/monitoring/${id}/forum`;
      const notice =
        count === 1
          ? {
              url: `${forum}?q=${encodeURIComponent(question.id)}`,
              tag: `svod-forum-${question.id}`,
              key: `${question.id} ${question.messages}`,
            }
          : { url: `${forum}?show=unread`, tag: `svod-forum-${id}`, key: `${id} ${now()}` };
      return (session) => devices.write(told, { ...notice, params }, session);
    },
  };

  return {
    byPush,

    /** What was written before somebody's devices are told for the first time is no news. */
    async begin(procedure: string): Promise<void> {
      if (await forumPushCursors.find(procedure)) return;
      const [head] = await journal.heads([forumStream(procedure)]);
      if (!head) return;
      await forumPushCursors
        .save({ id: procedure, rev: 1, epoch: head.epoch, seq: head.seq })
        .catch((error: unknown) => {
          if (!(error instanceof HubError && error.code === 'stale_write')) throw error;
        });
    },

    /** Marks whom the messages since the last look concern; returns whether there were any. */
    async spread(): Promise<boolean> {
      const cursors = await forumPushCursors.list({});
      if (cursors.length === 0) return false;
      const heads = new Map(
        (await journal.heads(cursors.map(({ id }) => forumStream(id)))).map((one) => [one.stream, one]),
      );
      let wasNews = false;
      for (const cursor of cursors) {
        const head = heads.get(forumStream(cursor.id));
        if (!head || (head.epoch === cursor.epoch && head.seq <= cursor.seq)) continue;
        wasNews = true;
        await catchUp(cursor, head);
      }
      return wasNews;
    },
  };
}
