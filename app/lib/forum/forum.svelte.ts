/** The live forum of a page: the list, the threads that were opened, and how far the reader has read. */
import type { AttentionView } from '#models/forum/attention/attention.ts';
import {
  applyForumFact,
  applyReaderFact,
  threadWith,
  unreadOf,
  type ForumState,
  type ReaderState,
} from '#models/forum/forum-state.ts';
import type { Message, Question } from '#models/forum/forum.ts';
import type { Snapshot } from '#models/journal/journal.ts';
import type { ForumFact, ReaderFact } from '#realtime/contract.ts';
import { SvelteMap } from 'svelte/reactivity';
import { LiveState } from '#lib/live/live-state.svelte.ts';
import type { Followed, LiveLink } from '#lib/live/live-link.svelte.ts';

export interface Thread {
  question: Question;
  messages: readonly Message[];
}

export class LiveForum {
  readonly #list: LiveState<ForumState, ForumFact>;
  readonly #reader: LiveState<ReaderState, ReaderFact>;
  /** By question: everything that is known to have been written, and whether that is all of it. */
  readonly #threads = new SvelteMap<string, { messages: readonly Message[]; isWhole: boolean }>();
  /** Questions that the list no longer shows, or not yet: opened by their address. */
  readonly #others = new SvelteMap<string, Question>();
  readonly #load: (question: string) => Promise<Thread | null>;

  constructor(
    given: { forum: Snapshot<ForumState>; reader: Snapshot<ReaderState>; thread: Thread | null },
    load: (question: string) => Promise<Thread | null>,
  ) {
    this.#list = new LiveState(given.forum, applyForumFact);
    this.#reader = new LiveState(given.reader, applyReaderFact);
    this.#load = load;
    if (given.thread) this.#take(given.thread);
  }

  /** Follows the list, and the reader's own progress, from where the server read them. */
  follow(link: Pick<LiveLink, 'follow'>): void {
    const list = this.#list.followed;
    const forum: Followed<ForumState> = {
      ...list,
      apply: (events) => {
        list.apply(events);
        // One thread at a time is replaced once, however many messages came.
        for (const { body } of events as unknown as ForumFact[]) {
          if (!('question' in body)) continue;
          if (this.#others.has(body.question.id)) this.#others.set(body.question.id, body.question);
          if (body.message) this.#add(body.question.id, [body.message]);
        }
      },
      replace: (state) => {
        list.replace(state);
        // What was written between is in no fact: threads that were opened are read anew.
        for (const [id, { isWhole }] of this.#threads) if (isWhole) void this.open(id);
      },
    };
    link.follow([forum]);
    link.follow([{ ...this.#reader.followed, isOwn: true }]);
  }

  get state(): ForumState {
    return this.#list.now;
  }
  get isRevoked(): boolean {
    return this.#list.isRevoked;
  }
  get questions(): readonly Question[] {
    return this.#list.now.questions;
  }

  question = (id: string): Question | null =>
    this.questions.find((question) => question.id === id) ?? this.#others.get(id) ?? null;
  unread = (question: Question): number => unreadOf(question, this.#reader.now);
  /** What the reader wants to hear of, the same on all of his pages. */
  get attention(): AttentionView {
    return this.#reader.now.attention;
  }
  readUpTo = (question: string): number => this.#reader.now.read[question] ?? 0;

  /** The thread as far as it is known; null until it was read once. */
  messages(question: string): readonly Message[] | null {
    const thread = this.#threads.get(question);
    return thread?.isWhole ? thread.messages : null;
  }

  /** Reads a thread; facts that come meanwhile are put together with it. False when there was no line. */
  async open(question: string): Promise<boolean> {
    const thread = await this.#load(question);
    if (thread) this.#take(thread);
    return thread !== null;
  }

  #take({ question, messages }: Thread): void {
    if (!this.questions.some(({ id }) => id === question.id)) this.#others.set(question.id, question);
    this.#add(question.id, messages);
    const { messages: all } = this.#threads.get(question.id) ?? { messages: [] };
    this.#threads.set(question.id, { messages: all, isWhole: true });
  }

  #add(question: string, messages: readonly Message[]): void {
    const { messages: known, isWhole } = this.#threads.get(question) ?? { messages: [], isWhole: false };
    const all = messages.reduce(threadWith, known);
    if (all !== known) this.#threads.set(question, { messages: all, isWhole });
  }
}
