import { describe, expect, it } from 'vitest';
import { READING_LIMITS, type PageReading } from '#collector/reading.ts';
import { cropSchema, sheetsDeclared, UNDECIDED } from './scan-page.ts';
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

describe('the cover of a batch', () => {
  const read = (...options: (string | null)[]) =>
    sheetsDeclared({
      reading: {
        fields: ['hundreds', 'tens', 'ones'].map((key, at) => ({
          ...{ kind: 'choice', key, marks: [], crop: { x: 0, y: 0, width: 1, height: 1 } },
          decision: decisionOf(options[at] ?? null),
        })),
      } as unknown as PageReading,
      decisions: UNDECIDED,
    });
  const decisionOf = (option: string | null) => {
    if (option === null) return { kind: 'none' };
    if (option === '?') return { kind: 'doubtful', options: ['d1'], isCorrected: false };
    return { kind: 'one', option, isCorrected: false };
  };

  it('[S1-24] says how many sheets follow; a row of hundreds that is left empty is no hundred', () => {
    expect(read('d1', 'd0', 'd7')).toBe(107);
    expect(read(null, 'd1', 'd2')).toBe(12);
    expect(read(null, null, 'd9')).toBe(9);
    expect(read('d0', 'd0', 'd0')).toBe(0);
  });

  it('[S1-24] says nothing where a figure is missing or nobody can tell it', () => {
    for (const options of [
      [null, null, null],
      ['d1', null, 'd2'],
      ['d1', 'd2', null],
      ['d1', '?', 'd2'],
      ['?', 'd1', 'd2'],
    ])
      expect([options, read(...options)]).toEqual([options, null]);
    expect(sheetsDeclared({ reading: null, decisions: UNDECIDED })).toBe(null);
  });
});
