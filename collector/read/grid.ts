/** A DataMatrix at a known place: its grid fitted to what is known of its border, its modules measured. */
import { BORDER, MODULES } from '../codes/datamatrix.ts';
import type { Box } from '../form.ts';
import type { Homography } from '../reading.ts';
import { type GreyImage, sampleAt } from './grey.ts';
import { apply, type Point } from './homography.ts';

/** Corners in the image: top left, top right, bottom right, bottom left of the symbol as it is read. */
export type Corners = [Point, Point, Point, Point];

export interface FittedGrid {
  corners: Corners;
  /** How far the light modules of the border are from the dark ones, of 255. */
  score: number;
}

/** How far beside its place a symbol is looked for, in modules. */
const REACH = 2.5;
const COARSE_STEP = 0.5;
const FINE_STEPS = [0.3, 0.15, 0.08];

export function cornersOf(geometry: Homography, { x, y, width, height }: Box): Corners {
  return [
    apply(geometry, x, y),
    apply(geometry, x + width, y),
    apply(geometry, x + width, y + height),
    apply(geometry, x, y + height),
  ];
}

/** The same symbol read from the other side: a page turned by half. */
export function turnedByHalf([a, b, c, d]: Corners): Corners {
  return [c, d, a, b];
}

/** Moves the symbol, then each of its corners, to where its border shows best. */
export function fitGrid(image: GreyImage, start: Corners): FittedGrid {
  const module = Math.hypot(start[1].x - start[0].x, start[1].y - start[0].y) / MODULES;
  let best: FittedGrid = { corners: start, score: borderScore(image, start) };
  const attempt = (corners: Corners): void => {
    const score = borderScore(image, corners);
    if (score > best.score) best = { corners, score };
  };
  for (let down = -REACH; down <= REACH; down += COARSE_STEP)
    for (let across = -REACH; across <= REACH; across += COARSE_STEP)
      attempt(moved(start, across * module, down * module, ALL));
  for (const step of FINE_STEPS)
    for (const corners of [ALL, ...EACH])
      for (const [across, down] of AROUND)
        attempt(moved(best.corners, across * step * module, down * step * module, corners));
  return best;
}

const ALL = [true, true, true, true] as const;
const EACH = [0, 1, 2, 3].map((one) => [0, 1, 2, 3].map((at) => at === one));
const AROUND = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [-1, -1],
  [1, -1],
  [-1, 1],
] as const;

function moved(corners: Corners, across: number, down: number, which: readonly boolean[]): Corners {
  return corners.map((point, at) => (which[at] ? { x: point.x + across, y: point.y + down } : point)) as Corners;
}

/** Where a module's centre lies: bilinear between the corners, which over sixteen millimetres is all that perspective can do. */
function centreOf([a, b, c, d]: Corners, at: number): Point {
  const u = ((at % MODULES) + 0.5) / MODULES;
  const v = (Math.floor(at / MODULES) + 0.5) / MODULES;
  const [ka, kb, kc, kd] = [(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v];
  return { x: ka * a.x + kb * b.x + kc * c.x + kd * d.x, y: ka * a.y + kb * b.y + kc * c.y + kd * d.y };
}

const DARK_COUNT = BORDER.filter(({ isDark }) => isDark).length;
const LIGHT_COUNT = BORDER.length - DARK_COUNT;

/** How far the light modules of the border are from the dark ones, of 255. */
export function borderScore(image: GreyImage, corners: Corners): number {
  const { width, height, data } = image;
  let [dark, light] = [0, 0];
  for (const { at, isDark } of BORDER) {
    const { x, y } = centreOf(corners, at);
    const column = Math.floor(x);
    const row = Math.floor(y);
    const value = column < 0 || row < 0 || column >= width || row >= height ? 255 : (data[row * width + column] ?? 255);
    if (isDark) dark += value;
    else light += value;
  }
  return light / LIGHT_COUNT - dark / DARK_COUNT;
}

/** The level of each module: the mean of nine points over its middle. */
export function measureModules(image: GreyImage, corners: Corners): Float64Array {
  const values = new Float64Array(MODULES * MODULES);
  const [a, b, , d] = corners;
  const reach = 0.22 / MODULES;
  const [ax, ay] = [(b.x - a.x) * reach, (b.y - a.y) * reach];
  const [dx, dy] = [(d.x - a.x) * reach, (d.y - a.y) * reach];
  for (let at = 0; at < values.length; at++) {
    const { x, y } = centreOf(corners, at);
    let sum = 0;
    for (let down = -1; down <= 1; down++)
      for (let across = -1; across <= 1; across++)
        sum += sampleAt(image, x + across * ax + down * dx, y + across * ay + down * dy);
    values[at] = sum / 9;
  }
  return values;
}

/**
 * Darkness of each module between the lightest and the darkest of its surroundings, so that a shadow or a fold over a part of the symbol
 * does not shift the whole. `sharpen` takes back what blur has mixed in from the neighbours.
 */
export function darknessOf(values: Float64Array, sharpen: number): Float64Array {
  const sharp = sharpen === 0 ? values : sharpened(values, sharpen);
  const sorted = Float64Array.from(sharp).sort();
  const [globalDark, globalLight] = [
    sorted[Math.floor(sorted.length * 0.1)] ?? 0,
    sorted[Math.floor(sorted.length * 0.9)] ?? 255,
  ];
  const darkness = new Float64Array(values.length);
  for (let row = 0; row < MODULES; row++)
    for (let column = 0; column < MODULES; column++) {
      let [dark, light] = [255, 0];
      for (let y = Math.max(0, row - NEAR); y <= Math.min(MODULES - 1, row + NEAR); y++)
        for (let x = Math.max(0, column - NEAR); x <= Math.min(MODULES - 1, column + NEAR); x++) {
          const value = sharp[y * MODULES + x] ?? 0;
          if (value < dark) dark = value;
          if (value > light) light = value;
        }
      dark = (dark + globalDark) / 2;
      light = (light + globalLight) / 2;
      const value = sharp[row * MODULES + column] ?? 0;
      darkness[row * MODULES + column] =
        light - dark < 1 ? 0 : Math.min(1, Math.max(0, (light - value) / (light - dark)));
    }
  return darkness;
}
const NEAR = 3;

function sharpened(values: Float64Array, amount: number): Float64Array {
  const sharp = new Float64Array(values.length);
  for (let row = 0; row < MODULES; row++)
    for (let column = 0; column < MODULES; column++) {
      const at = row * MODULES + column;
      const own = values[at] ?? 0;
      const neighbours = [
        row > 0 ? values[at - MODULES] : 255,
        row + 1 < MODULES ? values[at + MODULES] : 255,
        column > 0 ? values[at - 1] : 255,
        column + 1 < MODULES ? values[at + 1] : 255,
      ];
      const mean = neighbours.reduce<number>((sum, value) => sum + (value ?? 255), 0) / 4;
      sharp[at] = own + amount * (own - mean);
    }
  return sharp;
}
