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

/** Of the twenty signs of a page, at the highest level of correction. */
const QR_MODULES = 25;
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

/** What is the same in every symbol of a kind: by it a symbol is told from chance, and its grid fitted. */
export interface Pattern {
  modules: number;
  /** How much of each corner is in the centre of each module of the pattern; the dark ones first. */
  weights: Weights;
  count: number;
  darkCount: number;
}

/** Bilinear, which over sixteen millimetres is all that perspective can do. */
interface Weights {
  a: Float64Array;
  b: Float64Array;
  c: Float64Array;
  d: Float64Array;
}

function weightsOf(places: readonly number[], modules: number): Weights {
  const across = places.map((at) => ((at % modules) + 0.5) / modules);
  const down = places.map((at) => (Math.floor(at / modules) + 0.5) / modules);
  const each = (weight: (u: number, v: number) => number): Float64Array =>
    Float64Array.from(across, (u, index) => weight(u, down[index] ?? 0));
  return {
    a: each((u, v) => (1 - u) * (1 - v)),
    b: each((u, v) => u * (1 - v)),
    c: each((u, v) => u * v),
    d: each((u, v) => (1 - u) * v),
  };
}

function patternOf(modules: number, places: readonly { at: number; isDark: boolean }[]): Pattern {
  const sorted = [...places].sort((one, other) => Number(other.isDark) - Number(one.isDark));
  return {
    modules,
    weights: weightsOf(
      sorted.map(({ at }) => at),
      modules,
    ),
    count: sorted.length,
    darkCount: sorted.filter(({ isDark }) => isDark).length,
  };
}

export const DATAMATRIX_PATTERN = patternOf(MODULES, BORDER);
export const QR_PATTERN = patternOf(QR_MODULES, finderModules());

/** The three squares in the corners of a QR, with the light modules around them. */
function finderModules(): { at: number; isDark: boolean }[] {
  const places: { at: number; isDark: boolean }[] = [];
  for (const [top, left] of [
    [0, 0],
    [0, QR_MODULES - 7],
    [QR_MODULES - 7, 0],
  ] as const)
    for (let row = Math.max(0, top - 1); row <= Math.min(QR_MODULES - 1, top + 7); row++)
      for (let column = Math.max(0, left - 1); column <= Math.min(QR_MODULES - 1, left + 7); column++) {
        const ring = Math.max(Math.abs(row - top - 3), Math.abs(column - left - 3));
        places.push({ at: row * QR_MODULES + column, isDark: ring !== 2 && ring !== 4 });
      }
  return places;
}

/** Moves the symbol, then each of its corners, to where its border shows best. */
export function fitGrid(image: GreyImage, start: Corners): FittedGrid {
  const module = Math.hypot(start[1].x - start[0].x, start[1].y - start[0].y) / MODULES;
  let best: FittedGrid = lookBeside(image, start, DATAMATRIX_PATTERN);
  for (const step of FINE_STEPS)
    for (const which of [ALL, ...EACH])
      for (const [right, below] of AROUND) {
        const corners = moved(best.corners, right * step * module, below * step * module, which);
        const score = patternScore(image, corners, DATAMATRIX_PATTERN);
        if (score > best.score) best = { corners, score };
      }
  return best;
}

/** Where a pattern shows best, at its place or a little beside it: by half modules, all corners alike. */
export function lookBeside(image: GreyImage, start: Corners, pattern: Pattern): FittedGrid {
  const module = Math.hypot(start[1].x - start[0].x, start[1].y - start[0].y) / pattern.modules;
  placePattern(start, pattern);
  let score = scoreOfPlaces(image, pattern, 0, 0);
  let [bestAcross, bestDown] = [0, 0];
  for (let down = -REACH; down <= REACH; down += COARSE_STEP)
    for (let across = -REACH; across <= REACH; across += COARSE_STEP) {
      const tried = scoreOfPlaces(image, pattern, across * module, down * module);
      if (tried <= score) continue;
      score = tried;
      bestAcross = across * module;
      bestDown = down * module;
    }
  return { corners: moved(start, bestAcross, bestDown, ALL), score };
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

/** Where the modules of a pattern lie; filled anew for every symbol that is tried. */
const placesX = new Float64Array(QR_MODULES * QR_MODULES);
const placesY = new Float64Array(QR_MODULES * QR_MODULES);

function placePattern([p, q, r, s]: Corners, { weights: { a, b, c, d }, count }: Pattern): void {
  for (let at = 0; at < count; at++) {
    const ka = a[at] ?? 0;
    const kb = b[at] ?? 0;
    const kc = c[at] ?? 0;
    const kd = d[at] ?? 0;
    placesX[at] = ka * p.x + kb * q.x + kc * r.x + kd * s.x;
    placesY[at] = ka * p.y + kb * q.y + kc * r.y + kd * s.y;
  }
}

function scoreOfPlaces(
  { width, height, data }: GreyImage,
  { count, darkCount }: Pattern,
  across: number,
  down: number,
): number {
  let dark = 0;
  let light = 0;
  for (let at = 0; at < count; at++) {
    const column = Math.floor((placesX[at] ?? 0) + across);
    const row = Math.floor((placesY[at] ?? 0) + down);
    const value = column < 0 || row < 0 || column >= width || row >= height ? 255 : (data[row * width + column] ?? 255);
    if (at < darkCount) dark += value;
    else light += value;
  }
  return light / (count - darkCount) - dark / darkCount;
}

/** How far the light modules of a pattern are from the dark ones, of 255. */
export function patternScore(image: GreyImage, corners: Corners, pattern: Pattern): number {
  placePattern(corners, pattern);
  return scoreOfPlaces(image, pattern, 0, 0);
}

const ALL_WEIGHTS = weightsOf(
  Array.from({ length: MODULES * MODULES }, (_, at) => at),
  MODULES,
);

/** The level of each module: the mean of nine points over its middle. */
export function measureModules(image: GreyImage, corners: Corners): Float64Array {
  const values = new Float64Array(MODULES * MODULES);
  const [p, q, r, s] = corners;
  const { a, b, c, d } = ALL_WEIGHTS;
  const reach = 0.22 / MODULES;
  const [ax, ay] = [(q.x - p.x) * reach, (q.y - p.y) * reach];
  const [dx, dy] = [(s.x - p.x) * reach, (s.y - p.y) * reach];
  for (let at = 0; at < values.length; at++) {
    const ka = a[at] ?? 0;
    const kb = b[at] ?? 0;
    const kc = c[at] ?? 0;
    const kd = d[at] ?? 0;
    const x = ka * p.x + kb * q.x + kc * r.x + kd * s.x;
    const y = ka * p.y + kb * q.y + kc * r.y + kd * s.y;
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
  const darkest = spread(sharp, Math.min);
  const lightest = spread(sharp, Math.max);
  for (let at = 0; at < values.length; at++) {
    const dark = ((darkest[at] ?? 0) + globalDark) / 2;
    const light = ((lightest[at] ?? 255) + globalLight) / 2;
    darkness[at] = light - dark < 1 ? 0 : Math.min(1, Math.max(0, (light - (sharp[at] ?? 0)) / (light - dark)));
  }
  return darkness;
}
const NEAR = 3;

/** Of each module the least or the most of its surroundings: first along rows, then along columns. */
function spread(values: Float64Array, pick: (one: number, other: number) => number): Float64Array {
  let from = values;
  for (const stride of [1, MODULES]) {
    const to = new Float64Array(from.length);
    for (let at = 0; at < from.length; at++) {
      const place = stride === 1 ? at % MODULES : Math.floor(at / MODULES);
      let picked = from[at] ?? 0;
      for (let step = -Math.min(NEAR, place); step <= Math.min(NEAR, MODULES - 1 - place); step++)
        picked = pick(picked, from[at + step * stride] ?? 0);
      to[at] = picked;
    }
    from = to;
  }
  return from;
}

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
