import type { ColourRole } from './mark-state.ts';

/** A bar or a piece of a stacked bar, in the units of the plot's own field. */
export type PlotBar = {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Key of its series. */
  series: string;
  /** Which bar: «7 «А»». Pieces of one stack share it. */
  label: string;
  /** The value as it is to be read: «1 234». */
  value: string;
};

export type PlotTick = { at: number; label: string };

/** A plot that is already laid out: scales and stacking are the page's (or the PDF's) work, and the same for both. */
export type PlotGeometry = {
  width: number;
  height: number;
  /** The field of the bars inside; what is left around is for the labels. */
  field: { x: number; y: number; width: number; height: number };
  bars: readonly PlotBar[];
  xTicks: readonly PlotTick[];
  yTicks: readonly PlotTick[];
  xLabel?: string | undefined;
  yLabel?: string | undefined;
};

export type PlotSeries = { key: string; label: string; role: ColourRole };

export type PlotPattern = 'solid' | 'hatch' | 'dots' | 'lines' | 'cross' | 'empty';
const patterns: readonly PlotPattern[] = ['solid', 'hatch', 'dots', 'lines', 'cross', 'empty'];

/** The pattern of a series by its place: told apart without colour. */
export function patternOf(index: number): PlotPattern {
  return patterns[index % patterns.length] ?? 'solid';
}

/** The plot as a table: one line per bar, one column per series; what has no piece is empty. */
export function plotTable(
  geometry: Pick<PlotGeometry, 'bars'>,
  series: readonly PlotSeries[],
): { label: string; values: string[] }[] {
  const lines = new Map<string, Map<string, string>>();
  for (const bar of geometry.bars) {
    const line = lines.get(bar.label) ?? new Map<string, string>();
    line.set(bar.series, bar.value);
    lines.set(bar.label, line);
  }
  return [...lines].map(([label, line]) => ({ label, values: series.map(({ key }) => line.get(key) ?? '') }));
}

/** Show every n-th label, so that they never run into each other. */
export function labelStep(ticks: readonly PlotTick[], charWidth: number): number {
  const [first, second] = ticks;
  if (first === undefined || second === undefined) return 1;
  const room = Math.abs(second.at - first.at);
  const longest = Math.max(...ticks.map((tick) => tick.label.length)) * charWidth + charWidth;
  return Math.max(1, Math.ceil(longest / Math.max(1, room)));
}
