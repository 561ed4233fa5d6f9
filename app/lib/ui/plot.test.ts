import { describe, expect, it } from 'vitest';
import { labelStep, patternOf, plotTable, type PlotBar } from './plot.ts';

const bar = (label: string, series: string, value: string): PlotBar => ({
  x: 0,
  y: 0,
  width: 1,
  height: 1,
  label,
  series,
  value,
});
const series = [
  { key: 'ill', label: 'по болезни', role: 'blue' },
  { key: 'other', label: 'прочее', role: 'amber' },
] as const;

describe('a plot', () => {
  it('is the same data as a table: a line per bar, a column per series', () => {
    const bars = [bar('5 «А»', 'ill', '12'), bar('5 «А»', 'other', '3'), bar('5 «Б»', 'other', '1')];
    expect(plotTable({ bars }, series)).toEqual([
      { label: '5 «А»', values: ['12', '3'] },
      { label: '5 «Б»', values: ['', '1'] },
    ]);
  });
  it('tells six series apart without colour', () => {
    expect(new Set([0, 1, 2, 3, 4, 5].map(patternOf)).size).toBe(6);
  });
  it('leaves out labels that would run into each other', () => {
    const ticks = [0, 20, 40, 60].map((at) => ({ at, label: '10 «А»' }));
    expect(labelStep(ticks, 2)).toBe(1);
    expect(labelStep(ticks, 7)).toBe(3);
    expect(labelStep([], 7)).toBe(1);
  });
});
