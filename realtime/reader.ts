/**
 * The client half of the protocol: what a reader of one stream does with what reaches it. Pure, browser-safe.
 *
 * The reader never guesses: an event is applied when it is the next one, dropped when it was applied before, and held
 * while something before it is missing. Whatever can't be mended by asking for a range is mended by a new snapshot.
 */
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import { GAP_EVENTS_MAX, type Frame } from './contract.ts';

export interface Reader {
  epoch: string;
  /** The last event applied. */
  last: number;
  /** Events that came before their time, by sequence. */
  held: ReadonlyMap<number, JournalEvent>;
}

/** What is to be done next: events to apply in order, then what to ask for. */
export interface Reading {
  reader: Reader;
  apply: JournalEvent[];
  ask: 'nothing' | 'pull' | 'snapshot';
}

export const startReader = ({ epoch, seq }: Position): Reader => ({ epoch, last: seq, held: new Map() });

/** A frame arrived, pushed or pulled. */
export function receive(reader: Reader, frame: Frame): Reading {
  if (frame.e !== reader.epoch) return { reader, apply: [], ask: 'snapshot' };
  if (frame.q <= reader.last) return { reader, apply: [], ask: 'nothing' };
  if (frame.q - reader.last > GAP_EVENTS_MAX) return { reader, apply: [], ask: 'snapshot' };

  const held = new Map(reader.held);
  for (const event of frame.d) if (event.q > reader.last) held.set(event.q, event);
  const apply: JournalEvent[] = [];
  let last = reader.last;
  for (let next = held.get(last + 1); next; next = held.get(last + 1)) {
    apply.push(next);
    last = next.q;
    held.delete(last);
  }
  const isBehind = held.size > 0 || frame.q > last;
  return { reader: { epoch: reader.epoch, last, held }, apply, ask: isBehind ? 'pull' : 'nothing' };
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
