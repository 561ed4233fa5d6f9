import { describe, expect, it } from 'vitest';
import { FAULTS, planFaults } from './plan.ts';

describe('the plan of faults', () => {
  it('holds every kind of fault within 120 s, whatever the seed', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const kinds = new Set(
        planFaults(seed, 120)
          .flat()
          .map(({ kind }) => kind),
      );
      expect(
        FAULTS.filter((kind) => !kinds.has(kind)),
        `seed ${seed}`,
      ).toEqual([]);
    }
  });

  it('is the same for the same seed and another for another', () => {
    expect(planFaults(7, 60)).toEqual(planFaults(7, 60));
    expect(planFaults(7, 60)).not.toEqual(planFaults(8, 60));
  });

  it('lets every fault end within the time that was asked for', () => {
    for (let seed = 1; seed <= 100; seed += 1)
      for (const { atMs, durationMs } of planFaults(seed, 30).flat())
        expect(atMs + durationMs).toBeLessThanOrEqual(30_000);
  });
});
