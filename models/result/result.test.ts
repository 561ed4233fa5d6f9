import { describe, expect, it } from 'vitest';
import { formAttendanceReport } from '../attendance/attendance.report.ts';
import { gather, indicatorsOf, RESULT_KINDS, resultOf, type Result } from './result.ts';

const PROCEDURE = { id: 'p1', kind: 'attendance', title: 'Мониторинг посещаемости', academicYear: 2012 } as const;
const SCHOOL = { id: 'i48-1', path: '/48/48-m1/i48-1/' };
const rows = (missed: number, illness: number, learners = 20) =>
  (['I', 'II'] as const).map((halfYear) => ({
    ...{ className: '5А', halfYear, learners, schoolDays: 80 },
    ...{ missed, illness, unexcused: 0 },
  }));
const result = (missed: number, illness: number, learners?: number): Result =>
  resultOf(PROCEDURE, SCHOOL, formAttendanceReport(rows(missed, illness, learners)), null, 1);

const attendance = indicatorsOf('attendance', []);
const one = (key: string, results: readonly Result[]) => gather(attendance, results).find((found) => found.key === key);

describe('a result', () => {
  it('[S0-08] holds the figures of its procedure by key, each with what it is counted in', () => {
    const { figures, ...told } = result(100, 30);
    expect(told).toEqual({
      id: 'p1 i48-1',
      rev: 1,
      kind: 'attendance',
      procedure: 'p1',
      title: 'Мониторинг посещаемости',
      academicYear: 2012,
      institution: 'i48-1',
      path: '/48/48-m1/i48-1/',
      atMs: 1,
    });
    expect(figures).toEqual([
      { key: 'classes', unit: 'classes', value: 1 },
      { key: 'learnersFirst', unit: 'learners', value: 20 },
      { key: 'learnersSecond', unit: 'learners', value: 20 },
      { key: 'missed', unit: 'lessons', value: 200 },
      { key: 'illness', unit: 'lessons', value: 60 },
      { key: 'unexcused', unit: 'lessons', value: 0 },
      { key: 'illnessPercent', unit: 'percent', value: 30 },
      { key: 'unexcusedPercent', unit: 'percent', value: 0 },
      { key: 'missedPerLearner', unit: 'lessonsPerLearner', value: 10 },
    ]);
  });

  it('a correction takes the place of what was told, as its next revision', () => {
    const corrected = resultOf(PROCEDURE, SCHOOL, formAttendanceReport(rows(50, 5)), result(100, 30), 2);
    expect(corrected).toMatchObject({ id: 'p1 i48-1', rev: 2, atMs: 2 });
  });

  it.each(RESULT_KINDS)('every share of the kind «%s» is of figures of that kind, and no key stands twice', (kind) => {
    const keys = indicatorsOf(kind, []).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const { together } of indicatorsOf(kind, []))
      if (together.by === 'share') expect(keys).toEqual(expect.arrayContaining([together.part, together.whole]));
  });
});

describe('results together', () => {
  it('[S0-08] a sum says how many told it, out of how many', () => {
    const silent: Result = { ...result(1, 1), figures: [] };
    expect(one('missed', [result(100, 30), result(50, 10), silent])).toMatchObject({ value: 300, told: 2, of: 3 });
    expect(one('missed', [silent])).toMatchObject({ value: null, told: 0, of: 1 });
  });

  it('[S0-08] a share of all is of all that was missed, no average of shares', () => {
    // 10 of 20 and 10 of 180: a tenth of all, whatever the average of the two shares is.
    expect(one('illnessPercent', [result(10, 5), result(90, 5)])).toMatchObject({ value: 10, whole: 200, told: 2 });
    expect(one('illnessPercent', [result(0, 0)])).toMatchObject({ value: null, whole: 0 });
  });

  it('an average is of those who have one', () => {
    const nobody = result(0, 0, 0);
    expect(one('missedPerLearner', [result(100, 0), result(50, 0), nobody])).toMatchObject({
      value: 7.5,
      told: 2,
      of: 3,
    });
  });

  it('nothing together is nothing', () => {
    expect(gather(attendance, []).every(({ value, of }) => value === null && of === 0)).toBe(true);
  });
});
