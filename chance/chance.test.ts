import { describe, expect, it } from 'vitest';
import { Chance, mulberry32 } from './chance.ts';

describe('chance', () => {
  it('is the same for the same seed and topic, and another for another', () => {
    const drawn = (seed: number, topic?: string): number[] => {
      const chance = new Chance(seed, topic);
      return Array.from({ length: 5 }, () => chance.next());
    };
    expect(drawn(7, 'writers')).toEqual(drawn(7, 'writers'));
    expect(drawn(7, 'writers')).not.toEqual(drawn(7, 'viewers'));
    expect(drawn(7)).not.toEqual(drawn(8));
  });

  it('is the stream that printed seeds were printed for', () => {
    const next = mulberry32(1);
    expect([next(), next(), next()].map((value) => Math.floor(value * 1_000_000))).toEqual([627073, 2735, 527447]);
  });

  it('stays within what was asked', () => {
    const chance = new Chance(3);
    for (let turn = 0; turn < 1_000; turn++) {
      expect(chance.below(3)).toBeLessThan(3);
      expect([4, 5, 6]).toContain(chance.whole(4, 6));
      expect(chance.between(2, 3)).toBeGreaterThanOrEqual(2);
    }
    expect(chance.shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3]);
    expect(() => chance.oneOf([])).toThrow();
  });
});
