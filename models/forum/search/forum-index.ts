/**
 * The index of one forum as a node keeps it: built from what is stored, then brought up to date from the forum's stream, so that a
 * search knows every message that was committed before it was asked.
 */
import type { EntityStore } from '../../entity.store.ts';
import { HubError } from '../../error.ts';
import type { Journal } from '../../journal/journal.store.ts';
import type { Position } from '../../journal/journal.ts';
import { forumStream } from '../../journal/stream.ts';
import type { ForumFact } from '../forum-state.ts';
import type { Message, Question } from '../forum.ts';
import { QuestionIndex } from './question-index.ts';

/** Entities and events read at once: a few milliseconds of work, between which the node does other things. */
export const PAGE = 1_000;
/** Forums whose index a node keeps; the one that was searched longest ago goes first. */
export const FORUMS_KEPT_MAX = 12;

/** What filters ask of a question without reading it. */
export type Facets = Pick<Question, 'status' | 'official' | 'askedAtMs' | 'firstAnsweredAtMs' | 'answers'> & {
  author: string;
  unit: string;
  stage: string | null;
  isPinned: boolean;
  /** The question that it repeats. */
  original: string | null;
  /** Null for one that does not wait. */
  waitingSinceMs: number | null;
};

export interface ForumIndex {
  messages: QuestionIndex;
  facets: ReadonlyMap<string, Facets>;
}

interface Sources {
  journal: Pick<Journal, 'heads' | 'read'>;
  forumQuestions: Pick<EntityStore<Question>, 'list'>;
  forumMessages: Pick<EntityStore<Message>, 'list'>;
}

const facetsOf = (question: Question): Facets => {
  const { status, official, askedAtMs, firstAnsweredAtMs, answers, author, about, pinned, duplicateOf } = question;
  return {
    ...{ status, official, askedAtMs, answers, author: author.id, unit: author.unit, stage: about?.stage ?? null },
    ...{ isPinned: pinned !== undefined, original: duplicateOf?.question ?? null },
    waitingSinceMs: question.status === 'open' ? question.waitingSinceMs : null,
    ...(firstAnsweredAtMs !== undefined && { firstAnsweredAtMs }),
  };
};

/** All of a procedure's entities in pages, in the order of their ids. */
async function eachOf<T extends { id: string }>(
  list: (filter: Record<string, unknown>, options: { sort: { _id: 1 }; limit: number }) => Promise<T[]>,
  procedure: string,
  take: (entity: T) => void,
): Promise<void> {
  for (let after = ''; ;) {
    const page = await list({ procedure, _id: { $gt: after } }, { sort: { _id: 1 }, limit: PAGE });
    page.forEach(take);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.id;
  }
}

class KeptForum implements ForumIndex {
  readonly messages = new QuestionIndex();
  readonly facets = new Map<string, Facets>();
  readonly #revs = new Map<string, number>();
  #position: Position | null = null;
  #work: Promise<void> = Promise.resolve();
  readonly #procedure: string;
  readonly #sources: Sources;

  constructor(procedure: string, sources: Sources) {
    this.#procedure = procedure;
    this.#sources = sources;
  }

  /** One after the other: whoever asks while it is being built waits for that, then for what came since. */
  catchUp(): Promise<void> {
    const next = this.#work.then(() => this.#catchUpNow());
    this.#work = next.catch(() => undefined);
    return next;
  }

  async #catchUpNow(): Promise<void> {
    const stream = forumStream(this.#procedure);
    const [head] = await this.#sources.journal.heads([stream]);
    if (!head) throw new Error(`no head of ${stream}`);
    // The position first: what is stored holds at least the events up to it, and an event that is held already changes nothing.
    if (this.#position === null) {
      await this.#build();
      this.#position = { epoch: head.epoch, seq: head.seq };
      return;
    }
    if (head.epoch !== this.#position.epoch) throw new HubError('resnapshot');
    while (this.#position.seq < head.seq) {
      const { seq, epoch }: Position = this.#position;
      const events = await this.#sources.journal.read(stream, seq, Math.min(PAGE, head.seq - seq), epoch);
      const last = events.at(-1);
      if (!last) throw new HubError('resnapshot');
      for (const event of events) this.#apply(event as unknown as ForumFact);
      this.#position = { epoch, seq: last.q };
    }
  }

  async #build(): Promise<void> {
    const { forumQuestions, forumMessages } = this.#sources;
    await eachOf(forumMessages.list, this.#procedure, (message) => this.messages.add(message));
    await eachOf(forumQuestions.list, this.#procedure, (question) => this.#note(question));
  }

  #note(question: Question): void {
    if ((this.#revs.get(question.id) ?? 0) >= question.rev) return;
    this.#revs.set(question.id, question.rev);
    this.facets.set(question.id, facetsOf(question));
  }

  #apply(fact: ForumFact): void {
    if (fact.type !== 'questionChanged') return;
    const { question, message } = fact.body;
    if (message?.hidden) this.messages.hide(message.id);
    else if (message) this.messages.add(message);
    this.#note(question);
  }
}

export type ForumIndexes = ReturnType<typeof createForumIndexes>;

export function createForumIndexes(sources: Sources) {
  const kept = new Map<string, KeptForum>();

  function take(procedure: string): KeptForum {
    const forum = kept.get(procedure) ?? new KeptForum(procedure, sources);
    // The last in the map was searched last.
    kept.delete(procedure);
    kept.set(procedure, forum);
    const [oldest] = kept.keys();
    if (kept.size > FORUMS_KEPT_MAX && oldest !== undefined) kept.delete(oldest);
    return forum;
  }

  return {
    /** The index with everything that was committed before it was asked for. */
    async of(procedure: string): Promise<ForumIndex> {
      const forum = take(procedure);
      try {
        await forum.catchUp();
        return forum;
      } catch (error) {
        // What it stood on is gone, or it was half built: the next one is made anew.
        kept.delete(procedure);
        if (!(error instanceof HubError && error.code === 'resnapshot')) throw error;
      }
      const anew = take(procedure);
      await anew.catchUp();
      return anew;
    },
  };
}
