/**
 * The bell of a tab: read once, kept true by the facts of the reader's forums on whatever page he is, and read anew when what he chose has
 * changed, or when facts are missing.
 */
import type { Bell } from '#models/forum/attention/bell.queries.ts';
import {
  applyBellForumFact,
  applyBellReaderFact,
  type BellForum,
  type BellOwner,
  type Rung,
} from '#models/forum/attention/bell.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import type { StreamId } from '#models/journal/stream.ts';
import type { ForumFact, ReaderFact } from '#realtime/contract.ts';
import type { FollowedBeside, LiveLink } from '#lib/live/live-link.svelte.ts';

/** A bell that can't be read now is read again after this (ms). */
const AGAIN_MS = 10_000;

interface Place {
  forum: BellForum;
  at: { stream: StreamId; position: Position };
  readerAt: { stream: StreamId; position: Position };
}

export class LiveBell {
  /** Of each forum; null before it was read. */
  #places = $state.raw<readonly Place[] | null>(null);
  #owner: BellOwner = { id: '', holds: [] };
  #username: string | null = null;
  #link: Pick<LiveLink, 'followBeside'> | null = null;
  #reading: Promise<void> | null = null;
  #isWanted = false;

  /** The forums that the reader has; null before that is known. */
  get forums(): readonly BellForum[] | null {
    return this.#places?.map(({ forum }) => forum) ?? null;
  }
  /** What is unread and concerns him, the latest first. */
  get rung(): readonly Rung[] {
    return (this.forums ?? [])
      .flatMap(({ rung }) => rung)
      .toSorted((a, b) => b.question.changedAtMs - a.question.changedAtMs);
  }
  get isCut(): boolean {
    return this.forums?.some(({ isCut }) => isCut) ?? false;
  }

  /** Goes on by the line of a page, from where the page before left it. Returns what ends that. */
  ringOn(link: Pick<LiveLink, 'followBeside'>, username: string): () => void {
    if (this.#username !== username) this.#places = null;
    this.#username = username;
    this.#link = link;
    if (this.#places) this.#follow();
    else this.#readAnew();
    return () => {
      if (this.#link === link) this.#link = null;
    };
  }

  #follow(): void {
    this.#link?.followBeside(
      (this.#places ?? []).flatMap(({ forum: { procedure }, at, readerAt }) => [
        this.#followed(at, (events) => this.#hear(procedure, events)),
        this.#followed(readerAt, (events) => this.#hearReader(procedure, events)),
      ]),
    );
  }

  #followed({ stream, position }: Place['at'], apply: (events: JournalEvent[]) => void): FollowedBeside<unknown> {
    const missed = (): void => this.#readAnew();
    return {
      ...{ snapshot: { stream, position, state: null }, isBeside: true, apply, missed, replace: missed },
      // It is no forum of his any longer.
      revoked: () => {
        this.#places = (this.#places ?? []).filter(({ at }) => at.stream !== stream);
      },
    };
  }

  #hear(procedure: string, events: JournalEvent[]): void {
    this.#change(procedure, ({ forum, at, readerAt }) => ({
      forum: (events as unknown as ForumFact[]).reduce(
        (state, fact) => applyBellForumFact(state, this.#owner, fact),
        forum,
      ),
      at: movedBy(at, events),
      readerAt,
    }));
  }

  #hearReader(procedure: string, events: JournalEvent[]): void {
    const facts = events as unknown as ReaderFact[];
    const chosen = facts.findLast(({ type }) => type === 'attentionChanged');
    const known = this.#places?.find(({ forum }) => forum.procedure === procedure)?.forum.reader.attention.version ?? 0;
    this.#change(procedure, ({ forum, at, readerAt }) => ({
      forum: facts.reduce((state, fact) => applyBellReaderFact(state, this.#owner, fact), forum),
      at,
      readerAt: movedBy(readerAt, events),
    }));
    if (chosen && chosen.rev > known) this.#readAnew();
  }

  #change(procedure: string, change: (place: Place) => Place): void {
    this.#places = this.#places?.map((place) => (place.forum.procedure === procedure ? change(place) : place)) ?? null;
  }

  /** One reading at a time; what changes while it is under way asks for one more. */
  #readAnew(): void {
    this.#isWanted = true;
    this.#reading ??= this.#readWanted().finally(() => {
      this.#reading = null;
    });
  }

  async #readWanted(): Promise<void> {
    while (this.#isWanted && this.#link) {
      this.#isWanted = false;
      const username = this.#username;
      const bell = await readBell();
      if (username !== this.#username) this.#isWanted = true;
      else if (bell) this.#take(bell);
      else {
        await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        this.#isWanted = true;
      }
    }
  }

  #take({ owner, places }: Bell): void {
    this.#owner = owner;
    this.#places = places.map(({ forum, forumAt, readerAt }) => ({ forum, at: forumAt, readerAt }));
    this.#follow();
  }
}

const movedBy = ({ stream, position }: Place['at'], events: JournalEvent[]): Place['at'] => ({
  stream,
  position: { ...position, seq: Math.max(position.seq, events.at(-1)?.q ?? 0) },
});

/** Null when the hub can't be asked now. */
async function readBell(): Promise<Bell | null> {
  try {
    const response = await fetch('/bell');
    return response.ok ? ((await response.json()) as Bell) : null;
  } catch {
    return null;
  }
}

/** One for a tab: pages come and go, what concerns its reader stays. */
export const bellOfTab = new LiveBell();
