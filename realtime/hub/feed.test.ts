import { describe, expect, it } from 'vitest';
import type { Hint, JournalEvent } from '#models/journal/journal.ts';
import { boardStream } from '#models/journal/stream.ts';
import { GAP_EVENTS_MAX, type Frame } from '../contract.ts';
import { EARLY_EVENTS_MAX, hear, lookAtHead, openFeed, takeRange, wantOf, type Feed } from './feed.ts';

const stream = boardStream('p', 'm');
const event = (q: number): JournalEvent => ({ q, type: 'rowChanged', entity: 'e', rev: q, body: null, atMs: q });
const hint = (q: number, e = 'one'): Hint => ({ s: stream, e, q, event: event(q) });
const range = (from: number, to: number): JournalEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => event(from + index));
const left = (frame: Frame | null): number[] | null => frame && frame.d.map(({ q }) => q);

function feedAt(seq: number): Feed {
  const feed = openFeed(stream);
  lookAtHead(feed, { epoch: 'one', seq });
  return feed;
}

describe('a feed', () => {
  it('[N-1] lets the next event leave from its hint, and wants nothing', () => {
    const feed = feedAt(2);
    expect([left(hear(feed, hint(3))), wantOf(feed)]).toEqual([[3], { kind: 'nothing' }]);
  });

  it('[N-1] lets nothing leave twice, however often and late it is heard', () => {
    const feed = feedAt(0);
    expect([2, 1, 3, 3, 1, 2].map((q) => left(hear(feed, hint(q))))).toEqual([null, [1, 2], [3], null, null, null]);
  });

  it('[N-2] wants the range when something before was not heard, and lets both leave in order', () => {
    const feed = feedAt(0);
    expect(hear(feed, hint(3))).toBeNull();
    expect(wantOf(feed)).toEqual({ kind: 'range', after: 0, epoch: 'one' });
    expect(left(takeRange(feed, 'one', range(1, 2)))).toEqual([1, 2, 3]);
    expect(wantOf(feed)).toEqual({ kind: 'nothing' });
  });

  it('[N-2] closes a hole by a hint that comes late, and drops the range that was read meanwhile', () => {
    const feed = feedAt(0);
    hear(feed, hint(2));
    expect(left(hear(feed, hint(1)))).toEqual([1, 2]);
    expect(takeRange(feed, 'one', range(1, 2))).toBeNull();
  });

  it('[N-3] learns from a head what no hint told', () => {
    const feed = feedAt(1);
    expect(lookAtHead(feed, { epoch: 'one', seq: 3 })).toBeNull();
    expect(wantOf(feed)).toEqual({ kind: 'range', after: 1, epoch: 'one' });
  });

  it('[N-4] asks the head when it hears of another epoch, and tells it by an empty frame', () => {
    const feed = feedAt(5);
    expect(hear(feed, hint(1, 'two'))).toBeNull();
    expect(wantOf(feed)).toEqual({ kind: 'head' });
    expect(lookAtHead(feed, { epoch: 'two', seq: 1 })).toEqual({ s: stream, e: 'two', f: 2, q: 1, d: [] });
  });

  it('[N-4] is not fooled by a late hint or a late range of the epoch before', () => {
    const feed = feedAt(5);
    lookAtHead(feed, { epoch: 'two', seq: 1 });
    expect(hear(feed, hint(6, 'one'))).toBeNull();
    expect(lookAtHead(feed, { epoch: 'two', seq: 1 })).toBeNull();
    expect(takeRange(feed, 'one', range(6, 6))).toBeNull();
    expect(feed.seq).toBe(1);
  });

  it('[N-4] looks once more when something was heard while the head was being read: the answer may be older', () => {
    const feed = openFeed(stream);
    hear(feed, hint(4));
    lookAtHead(feed, { epoch: 'one', seq: 3 });
    expect(wantOf(feed)).toEqual({ kind: 'head' });
    lookAtHead(feed, { epoch: 'one', seq: 4 });
    expect(wantOf(feed)).toEqual({ kind: 'range', after: 3, epoch: 'one' });
  });

  it('[N-5] jumps a gap over the limit instead of reading it for everybody', () => {
    const feed = feedAt(0);
    expect(lookAtHead(feed, { epoch: 'one', seq: GAP_EVENTS_MAX })).toBeNull();
    const jump = lookAtHead(feed, { epoch: 'one', seq: GAP_EVENTS_MAX + 1 });
    expect(jump).toEqual({ s: stream, e: 'one', f: GAP_EVENTS_MAX + 2, q: GAP_EVENTS_MAX + 1, d: [] });
    expect(wantOf(feed)).toEqual({ kind: 'nothing' });
  });

  it('[N-5] jumps what the journal no longer has, after asking the head again', () => {
    const feed = feedAt(0);
    hear(feed, { ...hint(3), event: undefined } as unknown as Hint);
    expect(takeRange(feed, 'one', range(2, 3))).toBeNull();
    expect(wantOf(feed)).toEqual({ kind: 'head' });
    expect(lookAtHead(feed, { epoch: 'one', seq: 3 })).toEqual({ s: stream, e: 'one', f: 4, q: 3, d: [] });
  });

  it('keeps a limited number of early events: the others are read again', () => {
    const feed = feedAt(0);
    for (let q = 2; q <= EARLY_EVENTS_MAX + 2; q += 1) hear(feed, hint(q));
    expect(feed.early.size).toBe(EARLY_EVENTS_MAX);
    takeRange(feed, 'one', range(1, 1));
    expect(feed.seq).toBe(EARLY_EVENTS_MAX + 1);
    expect(wantOf(feed)).toEqual({ kind: 'range', after: EARLY_EVENTS_MAX + 1, epoch: 'one' });
  });
});
