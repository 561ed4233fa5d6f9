/** The journal as the protocol may rely on it: commits in order, lives (epochs), a floor; and what was true at any position, for the checks. */
import type { JournalEvent, Position } from '#models/journal/journal.ts';

/** What a stream's readers keep: the latest revision of each entity, or every post there ever was. */
export type StreamKind = 'board' | 'posts';

/** One life of a stream: everything committed in it, also what a restore kept of the life before. */
interface Life {
  epoch: string;
  events: JournalEvent[];
}

export interface SnapshotModel {
  position: Position;
  /** How many events the state holds: never fewer than the position says. */
  upTo: number;
  /** When the state was read. */
  atMs: number;
}

export class StreamModel {
  readonly name: string;
  readonly kind: StreamKind;
  readonly #lives = new Map<string, Life>();
  #life: Life = { epoch: '', events: [] };
  floor = 0;

  constructor(name: string, kind: StreamKind) {
    this.name = name;
    this.kind = kind;
    this.#begin([]);
  }

  #begin(events: JournalEvent[]): void {
    const epoch = `life-${this.#lives.size + 1}`;
    this.#life = { epoch, events };
    this.#lives.set(epoch, this.#life);
  }

  get head(): Position {
    return { epoch: this.#life.epoch, seq: this.#life.events.length };
  }

  append(entity: string, atMs: number): JournalEvent {
    const { events } = this.#life;
    const q = events.length + 1;
    // Each body is unique: what a reader holds can be told from everything else that ever was.
    const body = `${this.#life.epoch}.${q}`;
    const event = {
      q,
      type: 'changed',
      entity: this.kind === 'posts' ? `post-${body}` : entity,
      rev: q,
      body,
      atMs,
    };
    events.push(event);
    return event;
  }

  /** Events of one life, as `Journal.read` gives them. */
  read(epoch: string, after: number, limit: number): JournalEvent[] {
    if (epoch !== this.#life.epoch) return [];
    return this.#life.events.slice(Math.max(after, this.floor), after + limit);
  }

  /** A backup of an earlier moment is put back, and every stream gets a new epoch. */
  restore(lost: number): void {
    const kept = this.#life.events.slice(0, Math.max(this.floor, this.#life.events.length - lost));
    this.#begin(kept);
  }

  eventsOf(epoch: string): readonly JournalEvent[] {
    return this.#lives.get(epoch)?.events ?? [];
  }
}
