/**
 * The report an institution gets at once from its processed file (S2-18): figures, a table by class and the geometry of a plot.
 * Pure, browser-safe, plain JSON; words come from the message files. Where there is nothing to divide by, a figure is null.
 */
import { type AttendanceRow, compareClassNames, FORM_VERSION, type HalfYear } from './attendance.form.ts';

export const MOST_MISSED_LISTED = 5;

/** Causes of missed lessons from the bottom of a bar to its top; `otherCause` is what is left of the total. */
export const CAUSES = ['illness', 'unexcused', 'otherCause'] as const;
export type Cause = (typeof CAUSES)[number];

/** Lessons missed, in all and by cause. */
export interface MissedLessons extends Record<Cause, number> {
  missed: number;
  /** Lessons missed by one learner on average, to one decimal; null without learners. */
  missedPerLearner: number | null;
  /** Whole percents of all missed, rounded as S0-38; null when nothing was missed. */
  illnessPercent: number | null;
  unexcusedPercent: number | null;
}

export interface HalfYearFigures extends MissedLessons {
  learners: number;
  schoolDays: number;
}

export interface ClassFigures {
  className: string;
  halfYears: Record<HalfYear, HalfYearFigures | null>;
  year: MissedLessons;
}

export interface AttendanceReport {
  formVersion: number;
  classCount: number;
  /** All classes together; school days are those of the class with the most. */
  halfYears: Record<HalfYear, HalfYearFigures>;
  year: MissedLessons;
  /** In the order of a school's own lists. */
  classes: ClassFigures[];
  /** Classes with the most missed lessons in the year, the first first; none that missed nothing. */
  mostMissed: { className: string; missed: number; missedPerLearner: number | null }[];
}

export function formAttendanceReport(rows: readonly AttendanceRow[]): AttendanceReport {
  const byClass = new Map<string, AttendanceRow[]>();
  for (const row of rows) byClass.set(row.className, [...(byClass.get(row.className) ?? []), row]);
  const classes = [...byClass.entries()]
    .sort(([one], [other]) => compareClassNames(one, other))
    .map(([className, ofClass]) => formClass(className, ofClass));
  return {
    formVersion: FORM_VERSION,
    classCount: classes.length,
    halfYears: { I: sumHalfYear(rows, 'I'), II: sumHalfYear(rows, 'II') },
    year: sumYear(rows),
    classes,
    mostMissed: classes
      .filter(({ year }) => year.missed > 0)
      .sort((one, other) => other.year.missed - one.year.missed || compareClassNames(one.className, other.className))
      .slice(0, MOST_MISSED_LISTED)
      .map(({ className, year }) => ({ className, missed: year.missed, missedPerLearner: year.missedPerLearner })),
  };
}

function formClass(className: string, rows: readonly AttendanceRow[]): ClassFigures {
  const ofHalfYear = (halfYear: HalfYear): HalfYearFigures | null =>
    rows.some((row) => row.halfYear === halfYear) ? sumHalfYear(rows, halfYear) : null;
  return { className, halfYears: { I: ofHalfYear('I'), II: ofHalfYear('II') }, year: sumYear(rows) };
}

function sumHalfYear(rows: readonly AttendanceRow[], halfYear: HalfYear): HalfYearFigures {
  const ofHalfYear = rows.filter((row) => row.halfYear === halfYear);
  const learners = sum(ofHalfYear, 'learners');
  const missed = sumMissed(ofHalfYear);
  return {
    learners,
    schoolDays: ofHalfYear.reduce((most, row) => Math.max(most, row.schoolDays), 0),
    ...missed,
    missedPerLearner: learners > 0 ? toTenths(missed.missed / learners) : null,
  };
}

/** A learner's year is his two half-years: classes grow and shrink between them, so the averages are added, not the learners. */
function sumYear(rows: readonly AttendanceRow[]): MissedLessons {
  let perLearner: number | null = null;
  for (const halfYear of ['I', 'II'] as const) {
    const ofHalfYear = rows.filter((row) => row.halfYear === halfYear);
    const learners = sum(ofHalfYear, 'learners');
    if (learners > 0) perLearner = (perLearner ?? 0) + sum(ofHalfYear, 'missed') / learners;
  }
  return { ...sumMissed(rows), missedPerLearner: perLearner === null ? null : toTenths(perLearner) };
}

function sumMissed(rows: readonly AttendanceRow[]): Omit<MissedLessons, 'missedPerLearner'> {
  const missed = sum(rows, 'missed');
  const illness = sum(rows, 'illness');
  const unexcused = sum(rows, 'unexcused');
  return {
    missed,
    illness,
    unexcused,
    otherCause: missed - illness - unexcused,
    illnessPercent: wholePercent(illness, missed),
    unexcusedPercent: wholePercent(unexcused, missed),
  };
}

function sum(rows: readonly AttendanceRow[], key: 'learners' | 'missed' | 'illness' | 'unexcused'): number {
  return rows.reduce((total, row) => total + row[key], 0);
}

/** A share in whole percents, a half upwards (S0-38); null of nothing. */
export function wholePercent(part: number, total: number): number | null {
  return total > 0 ? Math.round((part * 100) / total) : null;
}

function toTenths(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Everything a plot needs to be drawn, in the units of the given width and height; y grows downwards. */
export interface ReportPlot {
  width: number;
  height: number;
  /** Where the bars stand; ticks and labels are around it. */
  area: { x: number; y: number; width: number; height: number };
  bars: PlotBar[];
  /** Lines across the area, from zero up. */
  ticks: { value: number; y: number }[];
  /** Class names under their pair of bars; thinned out where they would overlap. */
  classLabels: { text: string; x: number; y: number }[];
}

export interface PlotBar {
  className: string;
  halfYear: HalfYear;
  x: number;
  width: number;
  /** Missed lessons in all: the height of the bar. */
  missed: number;
  /** Only causes with lessons, from the bottom up. */
  parts: { cause: Cause; value: number; y: number; height: number }[];
}

const TICKS_MAX = 6;
const LABEL_HEIGHT = 18;
const TICK_LABEL_WIDTH = 44;
const CLASS_LABEL_WIDTH = 30;
const BAR_WIDTH_MAX = 28;

/** Bars of missed lessons stacked by cause, two for each class; the same geometry on the page, in print and in the PDF. */
export function reportPlot(report: AttendanceReport, width: number, height: number): ReportPlot {
  const area = {
    x: TICK_LABEL_WIDTH,
    y: LABEL_HEIGHT / 2,
    width: Math.max(0, width - TICK_LABEL_WIDTH),
    height: Math.max(0, height - LABEL_HEIGHT * 1.5),
  };
  const most = Math.max(
    0,
    ...report.classes.flatMap((of) => [of.halfYears.I?.missed ?? 0, of.halfYears.II?.missed ?? 0]),
  );
  const step = tickStep(most);
  const top = Math.max(step, Math.ceil(most / step) * step);
  const yOf = (value: number): number => round(area.y + area.height - (value / top) * area.height);

  const slot = report.classes.length > 0 ? area.width / report.classes.length : area.width;
  const barWidth = round(Math.min(BAR_WIDTH_MAX, slot * 0.38));
  const labelEvery = Math.max(1, Math.ceil(CLASS_LABEL_WIDTH / Math.max(slot, 0.001)));

  const bars: PlotBar[] = [];
  const classLabels: ReportPlot['classLabels'] = [];
  report.classes.forEach((ofClass, index) => {
    const middle = area.x + slot * (index + 0.5);
    if (index % labelEvery === 0)
      classLabels.push({
        text: ofClass.className,
        x: round(middle),
        y: round(area.y + area.height + LABEL_HEIGHT * 0.8),
      });
    for (const halfYear of ['I', 'II'] as const) {
      const figures = ofClass.halfYears[halfYear];
      if (!figures) continue;
      const x = halfYear === 'I' ? round(middle - barWidth) : round(middle);
      bars.push({
        className: ofClass.className,
        halfYear,
        x,
        width: round(barWidth * 0.94),
        missed: figures.missed,
        parts: stack(figures, yOf),
      });
    }
  });
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, index) => ({
    value: index * step,
    y: yOf(index * step),
  }));
  return { width, height, area, bars, ticks, classLabels };
}

function stack(figures: MissedLessons, yOf: (value: number) => number): PlotBar['parts'] {
  const parts: PlotBar['parts'] = [];
  let below = 0;
  for (const cause of CAUSES) {
    const value = figures[cause];
    if (value <= 0) continue;
    const y = yOf(below + value);
    parts.push({ cause, value, y, height: round(yOf(below) - y) });
    below += value;
  }
  return parts;
}

/** 1, 2 or 5 times a power of ten, so that at most `TICKS_MAX` steps reach the top; whole, since lessons are. */
function tickStep(most: number): number {
  if (most <= 0) return 1;
  const rough = most / TICKS_MAX;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((candidate) => candidate >= rough) ?? 10 * power;
  return Math.max(1, Math.round(step));
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
