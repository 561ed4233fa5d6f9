/**
 * The client half of the protocol: what a reader of one stream does with what reaches it. Pure, browser-safe.
 *
 * The reader never guesses: a frame is applied when it begins at or before the next event, dropped when it ends before it,
 * and held while something before it is missing. Whatever can't be mended by asking for a range is mended by a new snapshot.
 */
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import { GAP_EVENTS_MAX, type Frame } from './contract.ts';

/** Frames that may wait for what is missing before them; more are forgotten and pulled. */
export const HELD_FRAMES_MAX = 32;

export interface Reader {
  epoch: string;
  /** The last event applied. */
  last: number;
  /** Frames that came before their time, ordered by where they begin. */
  held: readonly Frame[];
}

/** What is to be done next: events to apply in order, then what to ask for. */
export interface Reading {
  reader: Reader;
  apply: JournalEvent[];
  ask: 'nothing' | 'pull' | 'snapshot';
}

/** Begins at a snapshot's position. */
export const startReader = ({ epoch, seq }: Position): Reader => ({ epoch, last: seq, held: [] });

/** A frame arrived, pushed or pulled. */
export function receive(reader: Reader, frame: Frame): Reading {
  if (frame.e !== reader.epoch) return { reader, apply: [], ask: 'snapshot' };
  if (frame.q <= reader.last) return { reader, apply: [], ask: 'nothing' };
  if (frame.q - reader.last > GAP_EVENTS_MAX && frame.f > reader.last + 1)
    return { reader, apply: [], ask: 'snapshot' };

  const waiting = insert(reader.held, frame);
  const apply: JournalEvent[] = [];
  let { last } = reader;
  let first = 0;
  for (const next of waiting) {
    if (next.f > last + 1) break;
    first += 1;
    if (next.q <= last) continue;
    // A folded frame may begin before the reader's place: what it holds of that is known already.
    for (const event of next.d) if (event.q > last) apply.push(event);
    last = next.q;
  }
  const held = waiting.slice(first, first + HELD_FRAMES_MAX);
  return { reader: { epoch: reader.epoch, last, held }, apply, ask: held.length > 0 ? 'pull' : 'nothing' };
}

/**
 * The head of the stream was told (heartbeat, subscribing): is something missing?
 * A head below the reader is only an old word: what was pulled can be newer than what the node has pushed so far.
 */
export function compare(reader: Reader, head: Position): Reading['ask'] {
  if (head.epoch !== reader.epoch) return 'snapshot';
  if (head.seq - reader.last > GAP_EVENTS_MAX) return 'snapshot';
  return head.seq > reader.last ? 'pull' : 'nothing';
}

function insert(held: readonly Frame[], frame: Frame): Frame[] {
  const place = held.findIndex(({ f }) => f > frame.f);
  return place === -1 ? [...held, frame] : held.toSpliced(place, 0, frame);
}
