import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import { boardStream } from '#models/journal/stream.ts';
import type { Frame } from '../contract.ts';
import { createRelay } from './relay.ts';

const stream = boardStream('p', 'm');
const event = (q: number): JournalEvent => ({ q, type: 'rowChanged', entity: 'e', rev: q, body: null, atMs: q });

/** A journal in memory whose length the test sets. */
function setUp(seq: number) {
  const journal = { seq, epoch: 'one', reads: 0 };
  const frames: Frame[] = [];
  const relay = createRelay(
    {
      heads: (streams) =>
        Promise.resolve(streams.map((name) => ({ stream: name, epoch: journal.epoch, seq: journal.seq, floor: 0 }))),
      read: (_name, after, limit) => {
        journal.reads += 1;
        const last = Math.min(journal.seq, after + limit);
        return Promise.resolve(Array.from({ length: last - after }, (_, index) => event(after + 1 + index)));
      },
    },
    (frame) => frames.push(frame),
    (error) => {
      throw error;
    },
  );
  const hint = (q: number, e = journal.epoch): void => relay.hint({ s: stream, e, q, event: event(q) });
  const sent = (): number[] => frames.flatMap(({ d }) => d.map(({ q }) => q));
  /** Resolves when every hint so far has been dealt with. */
  const settle = (): Promise<void> => relay.lookAtHeads();
  return { journal, relay, hint, frames, sent, settle };
}

describe('a relay', () => {
  it('emits the next event from its hint, without reading', async () => {
    const { journal, relay, hint, sent, settle } = setUp(2);
    await relay.serve(stream);
    journal.seq = 3;
    hint(3);
    await settle();
    expect([sent(), journal.reads]).toEqual([[3], 0]);
  });

  it('reads the range when a hint before it was lost', async () => {
    const { journal, relay, hint, sent, settle } = setUp(0);
    await relay.serve(stream);
    journal.seq = 4;
    hint(4);
    await settle();
    expect(sent()).toEqual([1, 2, 3, 4]);
  });

  it('emits nothing twice, however often and late hints come', async () => {
    const { journal, relay, hint, sent, settle } = setUp(0);
    await relay.serve(stream);
    journal.seq = 3;
    for (const q of [2, 1, 3, 3, 1, 2]) hint(q);
    await settle();
    expect(sent()).toEqual([1, 2, 3]);
  });

  it('finds by looking what no hint told', async () => {
    const { journal, relay, sent } = setUp(1);
    await relay.serve(stream);
    journal.seq = 3;
    await relay.lookAtHeads();
    expect(sent()).toEqual([2, 3]);
  });

  it('tells another epoch by an empty frame, and is not fooled by a late hint of the old one', async () => {
    const { journal, relay, hint, frames, settle } = setUp(5);
    await relay.serve(stream);
    Object.assign(journal, { epoch: 'two', seq: 1 });
    await settle();
    expect(frames).toEqual([{ s: stream, e: 'two', f: 2, q: 1, d: [] }]);
    hint(6, 'one');
    await settle();
    expect(frames).toHaveLength(1);
  });

  it('says nothing of a stream that nobody hears', async () => {
    const { journal, relay, hint, frames, settle } = setUp(0);
    await relay.serve(stream);
    relay.release(stream);
    journal.seq = 1;
    hint(1);
    await settle();
    expect(frames).toEqual([]);
  });
});
