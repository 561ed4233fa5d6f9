import { describe, expect, it } from 'vitest';
import { READING_LIMITS } from '#collector/reading.ts';
import { cropSchema } from './scan-page.ts';
import { participantSchema } from './work.ts';

const MAX = READING_LIMITS.pageSidePixelsMax;
const crop = (given: Record<string, string>) => cropSchema.safeParse({ x: '0', y: '0', w: '1', h: '1', ...given });

describe('what an address asks of a page', () => {
  it('[S1-12] a crop lies within the largest page there is, and is never empty', () => {
    expect(crop({}).data).toEqual({ x: 0, y: 0, width: 1, height: 1 });
    expect(crop({ x: String(MAX), h: String(MAX) }).success).toBe(true);
    for (const wrong of [{ x: '-1' }, { y: String(MAX + 1) }, { w: '0' }, { h: String(MAX + 1) }, { x: '1.5' }])
      expect([wrong, crop(wrong).success]).toEqual([wrong, false]);
    expect(crop({ name: 'x' }).success).toBe(false);
  });

  it('[S1-13] a participant is a number that a code can bear', () => {
    expect(participantSchema.safeParse('524287').success).toBe(true);
    for (const wrong of ['524288', '-1', 'x', '1.5']) expect(participantSchema.safeParse(wrong).success).toBe(false);
  });
});
