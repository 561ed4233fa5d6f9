import type { KnownMark } from './mark-state.ts';

/** A mark's shape on a 16 × 16 field, as path data: a board draws thousands of them, so there is nothing to branch on. */
export type MarkShape = { line?: string; fill?: string; tick?: string; bar?: string };

const ring = (radius: number) =>
  `M${8 - radius} 8a${radius} ${radius} 0 1 0 ${2 * radius} 0a${radius} ${radius} 0 1 0-${2 * radius} 0Z`;

const shapes = {
  notBegun: { line: ring(5.25) },
  waitsForYou: {
    fill: 'M3.5 2h9A1.5 1.5 0 0 1 14 3.5v9a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 12.5v-9A1.5 1.5 0 0 1 3.5 2Z',
  },
  waitsForAnother: { line: 'M2.75 2.75h10.5v10.5H2.75Z' },
  done: { fill: ring(7), tick: 'M4.6 8.3 7 10.6 11.4 5.6' },
  doneLate: {
    fill: 'M2 6a6 6 0 1 0 12 0a6 6 0 1 0-12 0Z',
    tick: 'M5.1 6.2 7.2 8.2 10.9 4',
    bar: 'M1 13.5h14V16H1Z',
  },
  problem: {
    fill: 'M7.4 1.1a.7.7 0 0 1 1.2 0l6.9 12.7a.7.7 0 0 1-.6 1H1.1a.7.7 0 0 1-.6-1Z',
    tick: 'M8 5.8V9.6M8 11.9V12.2',
  },
  overdue: { fill: 'M8 .6 15.4 8 8 15.4.6 8Z' },
  refused: { line: `${ring(6.25)}M5.6 5.6 10.4 10.4M10.4 5.6 5.6 10.4` },
  locked: {
    line: 'M4.75 7.5V5.25a3.25 3.25 0 0 1 6.5 0V7.5',
    fill: 'M3.5 7h9a1 1 0 0 1 1 1v6a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1Z',
  },
} as const satisfies Record<string, MarkShape>;

/** The part of the ring that is done, clockwise from the top; a sliver at least, so that a beginning is seen. */
function pie(share: number): string {
  const radius = 4.5;
  const part = Math.max(0.04, Math.min(1, share));
  if (part > 0.995) return ring(radius);
  const angle = part * 2 * Math.PI;
  const x = (8 + radius * Math.sin(angle)).toFixed(2);
  const y = (8 - radius * Math.cos(angle)).toFixed(2);
  return `M8 8V${8 - radius}A${radius} ${radius} 0 ${part > 0.5 ? 1 : 0} 1 ${x} ${y}Z`;
}

export function markShape(mark: KnownMark): MarkShape {
  if (mark.state !== 'underWay') return shapes[mark.state];
  return { line: ring(6.25), fill: mark.share === null ? ring(2.25) : pie(mark.share) };
}

/** Cuts through a shape whose state is no longer known for sure. */
export const hatching = 'M-1 5 5-1M-1 9 9-1M-1 13 13-1M-1 17 17-1M3 17 17 3M7 17 17 7M11 17 17 11';
