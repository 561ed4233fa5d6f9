import { describe, expect, it } from 'vitest';
import type { AttendanceRow } from './attendance.form.ts';
import { formAttendanceReport, MOST_MISSED_LISTED, reportPlot, wholePercent } from './attendance.report.ts';

function row(className: string, halfYear: 'I' | 'II', figures: Partial<AttendanceRow> = {}): AttendanceRow {
  return { className, halfYear, learners: 20, schoolDays: 80, missed: 100, illness: 60, unexcused: 10, ...figures };
}

describe('figures', () => {
  it('[S2-18] classes, learners, missed lessons and shares are those of the rows', () => {
    const report = formAttendanceReport([
      row('5А', 'I', { missed: 100, illness: 50, unexcused: 10 }),
      row('5А', 'II', { learners: 25, missed: 50, illness: 25, unexcused: 0 }),
      row('10Б', 'I', { missed: 0, illness: 0, unexcused: 0 }),
      row('10Б', 'II', { missed: 200, illness: 100, unexcused: 20 }),
    ]);
    expect(report).toMatchObject({
      classCount: 2,
      halfYears: {
        I: { learners: 40, missed: 100, missedPerLearner: 2.5, illnessPercent: 50, unexcusedPercent: 10 },
        II: { learners: 45, missed: 250, missedPerLearner: 5.6, illnessPercent: 50, unexcusedPercent: 8 },
      },
      year: { missed: 350, illness: 175, unexcused: 30, otherCause: 145, missedPerLearner: 8.1, unexcusedPercent: 9 },
      mostMissed: [
        { className: '10Б', missed: 200, missedPerLearner: 10 },
        { className: '5А', missed: 150, missedPerLearner: 7 },
      ],
    });
    expect(report.classes.map(({ className }) => className)).toEqual(['5А', '10Б']);
  });

  it('[S0-38] shares are whole percents of the total, a half upwards', () => {
    expect(wholePercent(271, 340)).toBe(80);
    expect(wholePercent(69, 340)).toBe(20);
    expect(wholePercent(1, 200)).toBe(1);
    expect(wholePercent(0, 5)).toBe(0);
  });

  it('nothing missed has no shares, and no learners no average', () => {
    const nothing = { missed: 0, illness: 0, unexcused: 0 };
    const report = formAttendanceReport([
      row('5А', 'I', { ...nothing, learners: 0, schoolDays: 0 }),
      row('5А', 'II', nothing),
    ]);
    expect(report.halfYears.I).toMatchObject({ missedPerLearner: null, illnessPercent: null, unexcusedPercent: null });
    expect(report.halfYears.II).toMatchObject({ missedPerLearner: 0, illnessPercent: null });
    expect(report.year).toMatchObject({ missed: 0, missedPerLearner: 0, illnessPercent: null });
    expect(report.mostMissed).toEqual([]);
  });

  it('a class that came to be in the second half-year counts by it alone', () => {
    const report = formAttendanceReport([
      row('1В', 'I', { learners: 0, missed: 0, illness: 0, unexcused: 0 }),
      row('1В', 'II', { missed: 50 }),
    ]);
    expect(report.classes[0]?.year.missedPerLearner).toBe(2.5);
  });

  it('the classes with the most missed are listed once, ties in the order of the school', () => {
    const classes = ['5А', '5Б', '6А', '6Б', '7А', '7Б'];
    const report = formAttendanceReport(classes.flatMap((name) => [row(name, 'I'), row(name, 'II')]));
    expect(report.mostMissed.map(({ className }) => className)).toEqual(classes.slice(0, MOST_MISSED_LISTED));
  });

  it('is plain JSON and the same for the same rows in any order', () => {
    const rows = [row('5А', 'I'), row('5А', 'II'), row('9В', 'I'), row('9В', 'II')];
    const report = formAttendanceReport(rows);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(formAttendanceReport([...rows].reverse())).toEqual(report);
  });
});

describe('plot', () => {
  const report = formAttendanceReport([
    row('5А', 'I', { missed: 100, illness: 60, unexcused: 10 }),
    row('5А', 'II', { missed: 430, illness: 430, unexcused: 0 }),
  ]);

  it('[S2-18] each class has a bar for each half-year, stacked by cause to its total', () => {
    const { bars, area, ticks } = reportPlot(report, 600, 240);
    const perLesson = area.height / (ticks.at(-1)?.value ?? 1);
    expect(bars.map(({ className, halfYear }) => `${className} ${halfYear}`)).toEqual(['5А I', '5А II']);
    for (const bar of bars) {
      const height = bar.parts.reduce((sum, part) => sum + part.height, 0);
      expect(height).toBeCloseTo(bar.missed * perLesson, 0);
      expect(bar.parts.reduce((sum, part) => sum + part.value, 0)).toBe(bar.missed);
    }
    expect(bars[0]?.parts.map(({ cause }) => cause)).toEqual(['illness', 'unexcused', 'otherCause']);
    expect(bars[1]?.parts.map(({ cause }) => cause)).toEqual(['illness']);
  });

  it('ticks are round, begin at zero and reach the highest bar', () => {
    expect(reportPlot(report, 600, 240).ticks.map(({ value }) => value)).toEqual([0, 100, 200, 300, 400, 500]);
  });

  it('everything stands within the given size, with one class as with five hundred', () => {
    const many = formAttendanceReport(
      Array.from({ length: 500 }, (_, index) => row(`${1 + (index % 11)}/${1 + Math.floor(index / 11)}`, 'I')),
    );
    for (const one of [report, many]) {
      const plot = reportPlot(one, 500, 200);
      for (const bar of plot.bars) {
        expect(bar.x).toBeGreaterThanOrEqual(plot.area.x);
        expect(bar.x + bar.width).toBeLessThanOrEqual(500.01);
        for (const { y, height } of bar.parts) {
          expect(y).toBeGreaterThanOrEqual(0);
          expect(y + height).toBeLessThanOrEqual(200);
        }
      }
      const labels = plot.classLabels.map(({ x }) => x);
      labels.slice(1).forEach((x, index) => expect(x - (labels[index] ?? 0)).toBeGreaterThan(25));
    }
  });

  it('nothing missed is an empty plot with a zero line; no classes too', () => {
    const nothing = { missed: 0, illness: 0, unexcused: 0 };
    const plot = reportPlot(formAttendanceReport([row('5А', 'I', nothing), row('5А', 'II', nothing)]), 600, 240);
    expect(plot.bars.map(({ parts }) => parts)).toEqual([[], []]);
    expect(plot.ticks.map(({ value }) => value)).toEqual([0, 1]);
    expect(reportPlot(formAttendanceReport([]), 600, 240)).toMatchObject({ bars: [], classLabels: [] });
  });
});
