import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import { GAP_EVENTS_MAX, type Frame } from './contract.ts';
import { compare, HELD_FRAMES_MAX, receive, startReader, type Reader } from './reader.ts';

const event = (q: number): JournalEvent => ({ q, type: 'rowChanged', entity: `e${q}`, rev: q, body: null, atMs: q });
const frame = (f: number, q: number, e = 'one'): Frame => ({
  s: 'board:p:m',
  e,
  f,
  q,
  d: Array.from({ length: q - f + 1 }, (_, index) => event(f + index)),
});
const at = (seq: number): Reader => startReader({ epoch: 'one', seq });
const applied = (events: readonly JournalEvent[]): number[] => events.map(({ q }) => q);

describe('a reader', () => {
  it('[R-2] applies what comes next', () => {
    const { reader, apply, ask } = receive(at(3), frame(4, 6));
    expect([applied(apply), reader.last, ask]).toEqual([[4, 5, 6], 6, 'nothing']);
  });

  it('[R-1] drops what it has applied before', () => {
    const { reader, apply, ask } = receive(at(6), frame(4, 6));
    expect([apply, reader.last, ask]).toEqual([[], 6, 'nothing']);
  });

  it('[R-2] applies only the new part of a frame that overlaps', () => {
    expect(applied(receive(at(5), frame(4, 7)).apply)).toEqual([6, 7]);
  });

  it('[R-3] holds what came too early, asks for what is missing, and applies both in order', () => {
    const early = receive(at(3), frame(6, 7));
    expect([applied(early.apply), early.reader.last, early.ask]).toEqual([[], 3, 'pull']);
    const mended = receive(early.reader, frame(4, 5));
    expect([applied(mended.apply), mended.reader.last, mended.ask]).toEqual([[4, 5, 6, 7], 7, 'nothing']);
  });

  it('[R-3] keeps asking while a pulled frame does not reach what is held', () => {
    const early = receive(at(0), frame(9, 9));
    const pulled = receive(early.reader, frame(1, 4));
    expect([applied(pulled.apply), pulled.ask]).toEqual([[1, 2, 3, 4], 'pull']);
  });

  it('[R-2] takes a folded frame whole, also when it begins before the place of the reader', () => {
    const folded = { ...frame(4, 9), d: [event(6), event(9)] };
    const { reader, apply, ask } = receive(at(6), folded);
    expect([applied(apply), reader.last, ask]).toEqual([[9], 9, 'nothing']);
  });

  it('[R-3] learns from an empty frame that the stream went on', () => {
    expect(receive(at(3), { ...frame(7, 6), d: [] })).toMatchObject({ apply: [], ask: 'pull' });
    expect(receive(at(6), { ...frame(7, 6), d: [] })).toMatchObject({ apply: [], ask: 'nothing' });
  });

  it('[R-7] holds a limited number of frames: what is forgotten is asked for', () => {
    let reader = at(0);
    for (let place = 0; place <= HELD_FRAMES_MAX; place += 1)
      ({ reader } = receive(reader, frame(2 + 2 * place, 2 + 2 * place)));
    expect(reader.held).toHaveLength(HELD_FRAMES_MAX);
    expect(receive(reader, frame(1, 1)).ask).toBe('pull');
  });

  it('[R-4] takes a new snapshot for another epoch and for a gap over the limit', () => {
    expect(receive(at(3), frame(4, 4, 'two')).ask).toBe('snapshot');
    expect(receive(at(0), frame(GAP_EVENTS_MAX, GAP_EVENTS_MAX)).ask).toBe('pull');
    expect(receive(at(0), frame(GAP_EVENTS_MAX + 1, GAP_EVENTS_MAX + 1)).ask).toBe('snapshot');
  });

  it('[R-5] learns from a head what it has missed, and does not mind an older word', () => {
    expect(compare(at(3), { epoch: 'one', seq: 3 })).toBe('nothing');
    expect(compare(at(3), { epoch: 'one', seq: 2 })).toBe('nothing');
    expect(compare(at(3), { epoch: 'one', seq: 4 })).toBe('pull');
    expect(compare(at(3), { epoch: 'two', seq: 3 })).toBe('snapshot');
    expect(compare(at(0), { epoch: 'one', seq: GAP_EVENTS_MAX + 1 })).toBe('snapshot');
  });

  it('[R-1, R-2, R-3] whatever the order, doubling and loss of frames, applies each event once and in order', () => {
    const seed = Number(process.env['SEED'] ?? 20131129);
    console.log(`seed ${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return state % below;
    };
    for (let run = 0; run < 300; run += 1) {
      const total = 1 + random(40);
      let reader = at(0);
      const seen: number[] = [];
      const take = (given: Frame): void => {
        const reading = receive(reader, given);
        reader = reading.reader;
        seen.push(...applied(reading.apply));
      };
      for (let step = 0; step < total; step += 1) {
        const first = 1 + random(total);
        take(frame(first, Math.min(total, first + random(4))));
      }
      // What a heartbeat then brings: pulls until the head is reached.
      while (compare(reader, { epoch: 'one', seq: total }) === 'pull')
        take(frame(reader.last + 1, Math.min(total, reader.last + 3)));
      expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    }
  });
});
