/** Where bubbles stand, so that a form says how many and not every millimetre. */
import type { Box, MarkOption } from '../form.ts';

export const BUBBLE_MM = 5;

/** Bubbles from left to right. */
export function bubblesAcross<const Key extends string>(
  options: readonly (readonly [key: Key, label: string])[],
  at: { x: number; y: number },
  pitchMm = 8,
): (MarkOption & { key: Key })[] {
  return options.map(([key, label], index) => ({ key, label, box: bubble(at.x + index * pitchMm, at.y) }));
}

/** The bubble whose top left corner is here, to a tenth of a millimetre. */
const bubble = (x: number, y: number): Box => ({
  ...{ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 },
  ...{ width: BUBBLE_MM, height: BUBBLE_MM },
});
