/** The journal's words: positions, facts and events. Pure, browser-safe. */
import type { DeedNote } from '../deeds/deed.ts';
import type { StreamId } from './stream.ts';

/** Where a reader stands in a stream. `seq` 0 is before the first event. A new `epoch` voids every older position. */
export interface Position {
  epoch: string;
  seq: number;
}

/** What a deed says of one entity, in one stream: the absolute state of what changed, never a difference. */
export interface Fact<Body = unknown> {
  stream: StreamId;
  /** Past tense, e.g. `rowChanged`. */
  type: string;
  /** The entity that changed. */
  entity: string;
  /** The entity's revision after the deed: a snapshot that already holds it ignores the fact. */
  rev: number;
  body: Body;
  /** What the deed adds to the counters of the stream: they change with the head, in the same write. */
  counted?: Counters;
}

/** Figures of a stream by name, or differences of them. Names are plain words: they become field names. */
export type Counters = Readonly<Record<string, number>>;

/** A fact with its place in the stream, as stored and as sent. */
export interface JournalEvent<Body = unknown> {
  /** Sequence in the stream: contiguous from 1. */
  q: number;
  type: string;
  entity: string;
  rev: number;
  body: Body;
  atMs: number;
}

/** A state read together with the position it is true at (or a little after: events are absolute, so applying them again is harmless). */
export interface Snapshot<State> {
  stream: StreamId;
  position: Position;
  state: State;
}

/** What one node tells the others after a commit: "look at s, it is at q". The event rides along to save the look. */
export interface Hint {
  s: StreamId;
  e: string;
  q: number;
  event?: JournalEvent;
}

/** Who did a deed, and the key that makes a repeated command harmless. */
export interface Deed {
  /** Person id; `public` for whoever has no account yet, `hub` for the hub. */
  actor: string;
  atMs: number;
  commandId: string;
  /** Its entry in the journal of deeds. Null only for what the hub derives from deeds by itself, and for claims: who is at work is no deed. */
  note: DeedNote | null;
}
