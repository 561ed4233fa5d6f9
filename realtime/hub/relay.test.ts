import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import { boardStream } from '#models/journal/stream.ts';
import type { Frame } from '../contract.ts';
import { createRelay } from './relay.ts';

const stream = boardStream('p', 'm');
const event = (q: number, entity = 'e'): JournalEvent => ({
  q,
  type: 'rowChanged',
  entity,
  rev: q,
  body: null,
  atMs: q,
});

/** A journal in memory whose length the test sets; reads are answered when the test says so. */
function setUp(seq: number, { isFolded = false } = {}) {
  const journal = { seq, epoch: 'one', reads: 0, isDown: false };
  const frames: Frame[] = [];
  const due: (() => void)[] = [];
  let folded = 0;
  const relay = createRelay({
    readHeads: (streams, done) =>
      due.push(() =>
        done(
          journal.isDown
            ? null
            : streams.map((name) => ({ stream: name, position: { epoch: journal.epoch, seq: journal.seq } })),
        ),
      ),
    readRange: ({ after, limit }, done) =>
      due.push(() => {
        journal.reads += 1;
        const last = Math.min(journal.seq, after + limit);
        done(journal.isDown ? null : Array.from({ length: last - after }, (_, index) => event(after + 1 + index)));
      }),
    later: (_ms, work) => due.push(work),
    isFolded: () => isFolded,
    emit: (frame) => frames.push(frame),
    onFolded: () => (folded += 1),
  });
  const hint = (q: number, e = journal.epoch): void => relay.hint({ s: stream, e, q, event: event(q) });
  const settle = (rounds = 50): void => {
    for (let round = 0; round < rounds && due.length > 0; round += 1) due.shift()?.();
  };
  const serve = (): number | undefined => {
    let told: number | undefined;
    relay.serve(stream, (head) => (told = head.seq));
    settle();
    return told;
  };
  const sent = (): number[] => frames.flatMap(({ d }) => d.map(({ q }) => q));
  return { journal, relay, hint, frames, sent, settle, serve, foldedTimes: () => folded };
}

describe('a relay', () => {
  it('[N-1] emits the next event from its hint, without reading', () => {
    const { journal, hint, sent, settle, serve } = setUp(2);
    expect(serve()).toBe(2);
    journal.seq = 3;
    hint(3);
    settle();
    expect([sent(), journal.reads]).toEqual([[3], 0]);
  });

  it('[N-2] reads the range when a hint before it was lost', () => {
    const { journal, hint, sent, settle, serve } = setUp(0);
    serve();
    journal.seq = 4;
    hint(4);
    settle();
    expect(sent()).toEqual([1, 2, 3, 4]);
  });

  it('[N-2] does not read what a crossing hint brings in time', () => {
    const { journal, hint, sent, settle, serve } = setUp(0);
    serve();
    journal.seq = 2;
    hint(2);
    hint(1);
    settle();
    expect([sent(), journal.reads]).toEqual([[1, 2], 0]);
  });

  it('[N-3] finds by looking what no hint told', () => {
    const { journal, relay, sent, settle, serve } = setUp(1);
    serve();
    journal.seq = 3;
    relay.lookAtHeads();
    settle();
    expect(sent()).toEqual([2, 3]);
  });

  it('[N-3] reads again after the database did not answer', () => {
    const { journal, hint, sent, settle, serve } = setUp(0);
    serve();
    journal.seq = 2;
    journal.isDown = true;
    hint(2);
    settle(5);
    expect(sent()).toEqual([]);
    journal.isDown = false;
    settle();
    expect(sent()).toEqual([1, 2]);
  });

  it('says nothing of a stream that nobody hears', () => {
    const { journal, relay, hint, frames, settle, serve } = setUp(0);
    serve();
    relay.release(stream);
    journal.seq = 1;
    hint(1);
    settle();
    expect([frames, relay.told(stream)]).toEqual([[], null]);
  });

  it('[N-6] keeps what is folded until it is taken, and gives one frame with the last of each entity', () => {
    const { journal, relay, sent, settle, serve, foldedTimes } = setUp(0, { isFolded: true });
    serve();
    for (let q = 1; q <= 6; q += 1) {
      journal.seq = q;
      relay.hint({ s: stream, e: 'one', q, event: event(q, q % 2 === 0 ? 'even' : 'odd') });
    }
    settle();
    expect([sent(), foldedTimes(), relay.told(stream)?.seq]).toEqual([[], 1, 0]);
    const [frame, ...others] = relay.takeFolded();
    expect([frame?.f, frame?.q, frame?.d.map(({ q }) => q), others]).toEqual([1, 6, [5, 6], []]);
    expect([relay.told(stream)?.seq, relay.takeFolded()]).toEqual([6, []]);
  });

  it('[N-6] lets a new epoch replace what was still to be told of the old one', () => {
    const { journal, relay, hint, settle, serve } = setUp(0, { isFolded: true });
    serve();
    journal.seq = 1;
    hint(1);
    Object.assign(journal, { epoch: 'two', seq: 0 });
    relay.lookAtHeads();
    settle();
    expect(relay.takeFolded()).toEqual([{ s: stream, e: 'two', f: 1, q: 0, d: [] }]);
  });
});
