/**
 * A speck on the glass of a feeder draws a line along the whole page. Such lines join squares to nothing and modules to each other, so they
 * are painted over before anything is looked for: from left to right between what lies beside them.
 */
import type { GreyImage } from './grey.ts';

/** Rows that are looked at, and the share of them in which a column must be dark to be one of a streak: nothing that is printed is. */
const ROWS_LOOKED_AT = 40;
const DARK_SHARE = 0.92;
/** What is wider is the edge of something. */
const WIDTH_MM_MAX = 1.2;
/** Pixels beside a streak into which it has bled. */
const BLED_PIXELS = 2;

/** The image itself where it has no streaks, a copy without them where it has; `threshold` tells dark from light. */
export function withoutStreaks(
  image: GreyImage,
  threshold: number,
  perMm: number,
): { image: GreyImage; streaks: number } {
  const streaks = streaksOf(image, threshold, Math.max(2, WIDTH_MM_MAX * perMm));
  if (streaks.length === 0) return { image, streaks: 0 };
  const { width, height } = image;
  const data = new Uint8Array(image.data);
  for (const { from, to } of streaks) {
    const [left, right] = [from - BLED_PIXELS - 1, to + BLED_PIXELS + 1];
    const reach = right - left;
    for (let row = 0; row < height; row++) {
      const start = row * width;
      // At the edge of the image there is one side only.
      const lefter = data[start + (left < 0 ? right : left)] ?? 255;
      const righter = data[start + (right >= width ? left : right)] ?? 255;
      for (let column = Math.max(0, left + 1); column < Math.min(width, right); column++)
        data[start + column] = lefter + ((righter - lefter) * (column - left)) / reach;
    }
  }
  return { image: { width, height, data }, streaks: streaks.length };
}

interface Streak {
  /** The first column and the last. */
  from: number;
  to: number;
}

function streaksOf({ width, height, data }: GreyImage, threshold: number, widthMax: number): Streak[] {
  const counts = new Uint8Array(width);
  let rows = 0;
  for (let turn = 0; turn < ROWS_LOOKED_AT; turn++, rows++) {
    const start = Math.floor(((turn + 0.5) / ROWS_LOOKED_AT) * height) * width;
    for (let column = 0; column < width; column++)
      if ((data[start + column] ?? 255) < threshold) counts[column] = (counts[column] ?? 0) + 1;
  }
  const streaks: Streak[] = [];
  const least = rows * DARK_SHARE;
  for (let column = 0; column < width; column++) {
    if ((counts[column] ?? 0) < least) continue;
    const from = column;
    while (column + 1 < width && (counts[column + 1] ?? 0) >= least) column++;
    if (column - from < widthMax) streaks.push({ from, to: column });
  }
  return streaks;
}
