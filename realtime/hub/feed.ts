/**
 * One stream on one node: from what is heard of it to the frames that leave, in order and without a hole. Pure.
 *
 * A hint says "look" and may be lost, doubled, late, or of another life of the stream. An event leaves only when it is the
 * next one; whatever else is heard makes the feed want to read. What it wants follows from its state alone, so a read that
 * fails is simply wanted again.
 */
import type { Hint, JournalEvent, Position } from '#models/journal/journal.ts';
import { GAP_EVENTS_MAX, type Frame } from '../contract.ts';

/** Events that came before their time and are kept until the hole before them is filled; more are read again. */
export const EARLY_EVENTS_MAX = 500;

export interface Feed {
  readonly stream: string;
  /** Null until the head was read for the first time: nothing leaves before that. */
  epoch: string | null;
  /** The last event that left. */
  seq: number;
  /** The highest sequence heard of in this epoch. */
  known: number;
  /** The head must be read: the feed is new, or something was heard that does not fit. */
  isDoubtful: boolean;
  /** Something was heard while the head was wanted: the answer under way may be older than it. */
  isHeard: boolean;
  /** The events above `seq` can't be had, though the stream went on: it is jumped over by the next head. */
  isHollow: boolean;
  readonly early: Map<number, JournalEvent>;
}

export type Want = { kind: 'nothing' } | { kind: 'head' } | { kind: 'range'; after: number; epoch: string };

export const openFeed = (stream: string): Feed => ({
  stream,
  epoch: null,
  seq: 0,
  known: 0,
  isDoubtful: true,
  isHeard: false,
  isHollow: false,
  early: new Map(),
});

/** What must be read for the feed to go on. */
export function wantOf(feed: Feed): Want {
  if (feed.epoch === null || feed.isDoubtful) return { kind: 'head' };
  return feed.known > feed.seq ? { kind: 'range', after: feed.seq, epoch: feed.epoch } : { kind: 'nothing' };
}

/** A hint was heard; returns the frame that can leave now, if any. */
export function hear(feed: Feed, { e, q, event }: Hint): Frame | null {
  if (e !== feed.epoch) {
    if (feed.isDoubtful) feed.isHeard = true;
    feed.isDoubtful = true;
    return null;
  }
  if (q <= feed.seq) return null;
  feed.known = Math.max(feed.known, q);
  if (event && feed.early.size < EARLY_EVENTS_MAX) feed.early.set(q, event);
  return leave(feed);
}

/**
 * The head was read. Another life of the stream leaves as an empty frame: readers see the epoch and take a new snapshot. So
 * does a jump: far behind, reading on would only delay the readers, who pull or take snapshots themselves.
 */
export function lookAtHead(feed: Feed, { epoch, seq }: Position): Frame | null {
  feed.isDoubtful = feed.isHeard;
  feed.isHeard = false;
  const isFirst = feed.epoch === null;
  const isJump = feed.epoch === epoch && seq > feed.seq && (feed.isHollow || seq - feed.seq > GAP_EVENTS_MAX);
  if (feed.epoch === epoch && !isJump) {
    feed.known = Math.max(feed.known, seq);
    return leave(feed);
  }
  Object.assign(feed, { epoch, seq, known: isJump ? Math.max(feed.known, seq) : seq, isHollow: false });
  feed.early.clear();
  return isFirst ? null : { s: feed.stream, e: epoch, f: seq + 1, q: seq, d: [] };
}

/** A range was read, in the epoch it was wanted for: contiguous after `seq`, or it is not taken further than its hole. */
export function takeRange(feed: Feed, epoch: string, events: readonly JournalEvent[]): Frame | null {
  if (feed.epoch !== epoch) return null;
  let last = feed.seq;
  for (const event of events) {
    if (event.q <= last) continue;
    if (event.q > last + 1) break;
    last = event.q;
    feed.early.set(last, event);
  }
  if (last === feed.seq && feed.known > last) {
    // Below a head nothing is ever missing: the stream is not what it was, and its head is asked again.
    feed.isDoubtful = true;
    feed.isHollow = true;
  }
  feed.known = Math.max(feed.known, last);
  return leave(feed);
}

/** Takes what is contiguous as one frame. */
function leave(feed: Feed): Frame | null {
  const events: JournalEvent[] = [];
  for (let event = feed.early.get(feed.seq + 1); event; event = feed.early.get(feed.seq + 1)) {
    feed.seq = event.q;
    feed.early.delete(event.q);
    events.push(event);
  }
  const [first] = events;
  return first && feed.epoch !== null ? { s: feed.stream, e: feed.epoch, f: first.q, q: feed.seq, d: events } : null;
}
