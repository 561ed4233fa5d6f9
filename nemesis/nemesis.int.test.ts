/** A short run as `npm run nemesis` does it: two real nodes, a real Redis, the store as its own process, whatever faults fit in. */
import { describe, expect, it } from 'vitest';
import { COUNTED } from './checks/findings.ts';
import { run } from './run.ts';

const SECONDS = 20;
/** What a run needs beside its load on a busy machine: starting, healing, checking (ms). */
const AROUND_MS = 280_000;

describe('the hub under faults', () => {
  it(
    'loses, doubles, reorders and leaks nothing',
    async () => {
      const seed = Math.floor(Math.random() * 1_000_000);
      const told: string[] = [];
      const verdict = await run({ seed, seconds: SECONDS, clients: 20, nodes: 2, log: (line) => told.push(line) });
      const story = `npm run nemesis -- --seed ${seed} --seconds ${SECONDS} --clients 20\n${told.join('\n')}\n${JSON.stringify(verdict.examples, null, 1)}`;
      expect(
        COUNTED.filter((kind) => verdict[kind] > 0),
        story,
      ).toEqual([]);
      expect(verdict.deeds.acknowledged, story).toBeGreaterThan(0);
      expect(Object.keys(verdict.faults).length, story).toBeGreaterThan(2);
      expect(verdict.scans.pages, story).toBeGreaterThan(0);
      expect(verdict.scans.cuts, story).toBeGreaterThan(0);
      expect(verdict.viewers.applied, story).toBeGreaterThan(0);
    },
    SECONDS * 1_000 + AROUND_MS,
  );
});
