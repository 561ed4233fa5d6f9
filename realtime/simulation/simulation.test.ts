/** The protocol under every fault at once, many seeds; and three bugs planted in it, each of which must be found. */
import { describe, expect, it } from 'vitest';
import type { JournalEvent } from '#models/journal/journal.ts';
import * as feedRules from '../hub/feed.ts';
import * as readerRules from '../reader.ts';
import { simulate, type Outcome, type Planted } from './simulation.ts';

const FIRST_SEED = Number(process.env['SEED'] ?? 1);

/** Runs seeds until one is found out. */
function findOut(planted: Planted, seedsMax: number): Outcome | null {
  for (let seed = FIRST_SEED; seed < FIRST_SEED + seedsMax; seed += 1) {
    const outcome = simulate(seed, 2_000, planted);
    if (outcome.wrong.length > 0) return outcome;
  }
  return null;
}

describe('the protocol', () => {
  it(
    '[J-1, N-1, N-2, S-1, R-9, A-2, A-3] loses, doubles, reorders and leaks nothing in 200 seeds of every fault',
    { timeout: 120_000 },
    () => {
      console.log(`seeds ${FIRST_SEED} to ${FIRST_SEED + 199}`);
      const faults: Record<string, number> = {};
      for (let seed = FIRST_SEED; seed < FIRST_SEED + 200; seed += 1) {
        const outcome = simulate(seed, 2_000);
        expect(outcome.wrong, `seed ${seed}`).toEqual([]);
        for (const [fault, count] of Object.entries(outcome.faults)) faults[fault] = (faults[fault] ?? 0) + count;
      }
      for (const [fault, count] of Object.entries(faults)) expect(count, fault).toBeGreaterThan(20);
      expect(Object.keys(faults)).toHaveLength(11);
    },
  );

  it('runs the same way twice from one seed', () => {
    expect(simulate(FIRST_SEED, 1_000)).toEqual(simulate(FIRST_SEED, 1_000));
  });
});

describe('the simulation finds a planted bug:', () => {
  it('[N-2] a node that trusts hints: what it hears leaves as if nothing had come before', () => {
    const found = findOut(
      {
        feedRules: {
          ...feedRules,
          hear(feed, hint) {
            if (feed.epoch !== hint.e || hint.q <= feed.seq || !hint.event) return feedRules.hear(feed, hint);
            const frame = { s: feed.stream, e: hint.e, f: feed.seq + 1, q: hint.q, d: [hint.event] };
            feed.seq = hint.q;
            return frame;
          },
        },
      },
      20,
    );
    expect(found?.wrong[0]).toMatch(/instead of|were posted|is another/);
  });

  it('[R-1] a reader that tells what it has seen by the time instead of the sequence', () => {
    const lastAtMs = new WeakMap<readerRules.Reader, number>();
    const found = findOut(
      {
        readerRules: {
          ...readerRules,
          receive(reader, frame) {
            const seenAtMs = lastAtMs.get(reader) ?? 0;
            const fresh = frame.d.filter(({ atMs }: JournalEvent) => atMs > seenAtMs);
            const last = frame.d.at(-1);
            if (frame.e !== reader.epoch || !last) return readerRules.receive(reader, frame);
            const next = { ...reader, last: Math.max(reader.last, frame.q) };
            lastAtMs.set(next, Math.max(seenAtMs, last.atMs));
            return { reader: next, apply: fresh, ask: 'nothing' };
          },
        },
      },
      20,
    );
    expect(found?.wrong[0]).toMatch(/applied after|instead of|were posted|is another/);
  });

  it('[N-7] a node that joins the room after it has read the head', () => {
    const found = findOut({ joinsAfterReading: true }, 50);
    expect(found?.wrong[0]).toMatch(/says live, but misses/);
  });
});
