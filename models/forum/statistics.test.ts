import { describe, expect, it } from 'vitest';
import { AGES_MS, quantile, statisticsOf, type Counted } from './statistics.ts';

const NOW_MS = 1_000_000_000;
const one = (given: Partial<Counted>): Counted => ({
  ...{ askedAtMs: 0, answers: 0, waitingSinceMs: null, territory: 'm1', isDuplicate: false },
  ...given,
});

describe('statistics of a forum', () => {
  it('say how soon the first answer came: half of them, and nine of ten', () => {
    const questions = Array.from({ length: 10 }, (_, n) =>
      one({ askedAtMs: 100, firstAnsweredAtMs: 100 + (10 - n) * 60_000, answers: 1 }),
    );
    expect(statisticsOf(questions, NOW_MS).all).toMatchObject({
      ...{ asked: 10, answered: 10, open: 0, medianMs: 300_000, p90Ms: 540_000 },
    });
    expect(quantile([], 0.5)).toBeNull();
    expect(quantile([7], 0.9)).toBe(7);
  });

  it('count what waits by its age, to the millisecond at the edges', () => {
    const ages = AGES_MS.flatMap((age) => [age - 1, age]);
    const { openByAge, oldestWaitingMs } = statisticsOf(
      ages.map((age) => one({ waitingSinceMs: NOW_MS - age })),
      NOW_MS,
    );
    expect(openByAge).toEqual([1, 2, 2, 2, 1]);
    expect(oldestWaitingMs).toBe(AGES_MS.at(-1));
  });

  it('stand for each territory beside those of all, and their sums agree', () => {
    const { all, territories, duplicates } = statisticsOf(
      [
        one({ territory: 'm1', waitingSinceMs: 1 }),
        one({ territory: 'm2', isDuplicate: true }),
        one({ territory: 'm2', answers: 2, firstAnsweredAtMs: 50 }),
      ],
      NOW_MS,
    );
    expect(territories.map(({ territory, asked }) => [territory, asked])).toEqual([
      ['m1', 1],
      ['m2', 2],
    ]);
    expect(territories.reduce((sum, { asked }) => sum + asked, 0)).toBe(all.asked);
    expect(duplicates).toBe(1);
  });
});
