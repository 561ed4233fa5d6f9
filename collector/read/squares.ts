/** The four corner squares: where they are in the image, found first where they are to be expected and then anywhere. */
import { PAGE_MM } from '../form.ts';
import { SQUARE_CENTRES, SQUARE_MM } from '../layout.ts';
import type { Homography } from '../reading.ts';
import { type GreyImage, levels, shrinkZone, type ShrunkZone, type Zone } from './grey.ts';
import { apply, fit, type Point } from './homography.ts';

/** A solid square blob, in pixels of the image. */
export interface Candidate extends Point {
  side: number;
}

export interface FoundSquares {
  /** Those that stand where this map takes them, by index of `SQUARE_CENTRES`. */
  at: (Candidate | null)[];
  /** Page upright or turned by a quarter: by half is for the codes to tell. */
  geometry: Homography;
}

/** Pixels of the shrunk image per millimetre: 100 dpi, which is enough for a square of 24. */
const LOOK_PER_MM = 4;
/** Squares are looked for this far into the page from its corners: where they lie in a good scan, then where a bad one may have them. */
export const CORNERS_MM = [30, 58] as const;
const SIDE_TOLERANCE = { least: 0.62, most: 1.5 };
/** Of the page's diagonal: how far a square may stand from where the others say. */
const MISFIT_MAX = 0.008;
const CANDIDATES_MAX = 6;
/** Candidates of several thresholds that lie so close are the same square. */
const SAME_MM = 2;
/** Of the expected size of a page. */
const SCALE = { least: 0.6, most: 1.25 };
/** How much larger or smaller than its page a square may be. */
const SIZE_MISFIT_MAX = 0.3;
/** Radians that a page of which only two squares are seen may be askew. */
const ASKEW_MAX = (14 / 180) * Math.PI;
/** Pages of two squares that are looked at. */
const PAGES_MAX = 24;
/** Between paper and ink. */
const THRESHOLDS = [0.5, 0.7, 0.3];

/** Four squares that fit a page, else three; null when there are fewer. */
export function findSquares(image: GreyImage): FoundSquares | null {
  let three: FoundSquares | null = null;
  for (const cornerMm of CORNERS_MM) {
    const { four, corners } = lookForFour(image, cornerMm);
    if (four) return four;
    three ??= threeOf(corners, image);
  }
  return three;
}

export interface CornerLook {
  four: FoundSquares | null;
  /** Whatever may be a square, by corners of the image, clockwise from the top left. */
  corners: Candidate[][];
}

/** What one threshold shows and what another does belong to the same page: they are looked at together. */
export function lookForFour(image: GreyImage, cornerMm: number): CornerLook {
  const perMm = expectedPerMm(image);
  const looks = cornerZones(image, perMm, cornerMm).map((zone) => lookInto(image, zone, perMm));
  const corners: Candidate[][] = looks.map(() => []);
  for (const threshold of THRESHOLDS) {
    for (const [at, look] of looks.entries()) addNew(corners[at] ?? [], look(threshold), perMm * SAME_MM);
    const four = chooseQuad(corners, image, perMm, 4);
    if (four) return { four, corners };
  }
  return { four: null, corners };
}

function addNew(known: Candidate[], candidates: readonly Candidate[], reach: number): void {
  for (const candidate of candidates)
    if (!known.some(({ x, y }) => Math.hypot(x - candidate.x, y - candidate.y) < reach)) known.push(candidate);
}

export const threeOf = (corners: readonly Candidate[][], image: GreyImage): FoundSquares | null =>
  chooseQuad(corners, image, expectedPerMm(image), 3);

/** Pages that two squares might be of: one of each of two corners, at a likely size and not too askew; the likeliest first. */
export function pagesOfTwo(corners: readonly Candidate[][], image: GreyImage): FoundSquares[] {
  const perMm = expectedPerMm(image);
  const pages: (FoundSquares & { oddity: number })[] = [];
  for (const shift of [0, 1])
    for (let one = 0; one < 4; one++)
      for (let other = one + 1; other < 4; other++)
        for (const first of corners[(one + shift) % 4] ?? [])
          for (const second of corners[(other + shift) % 4] ?? []) {
            const at = [0, 1, 2, 3].map((index) => (index === one ? first : index === other ? second : null));
            const oddity = oddityOf(at, shift, perMm);
            const geometry = oddity === null ? null : geometryOf(at);
            if (geometry && oddity !== null) pages.push({ at, geometry, oddity });
          }
  return pages.sort((one, other) => one.oddity - other.oddity).slice(0, PAGES_MAX);
}

/** Two squares as those of a page turned by so many quarters; null when it would be too large, too small or too askew. */
function oddityOf(at: readonly (Candidate | null)[], shift: number, perMm: number): number | null {
  const [one, other] = pairsOf(at);
  if (!one || !other) return null;
  const [dx, dy] = [other[0].x - one[0].x, other[0].y - one[0].y];
  const [du, dv] = [other[1].x - one[1].x, other[1].y - one[1].y];
  const scale = Math.hypot(du, dv) / Math.hypot(dx, dy);
  if (scale < perMm * SCALE.least || scale > perMm * SCALE.most) return null;
  const turned = Math.atan2(dx * dv - dy * du, dx * du + dy * dv) - (shift * Math.PI) / 2;
  const askew = Math.abs(Math.atan2(Math.sin(turned), Math.cos(turned)));
  if (askew > ASKEW_MAX) return null;
  const sizes = [one[1].side, other[1].side].map((side) => Math.abs(side / (SQUARE_MM * scale) - 1));
  const size = Math.max(...sizes);
  return size > SIZE_MISFIT_MAX ? null : size + askew;
}

/** Pixels per millimetre of a page that fills the image. */
export function expectedPerMm(image: GreyImage): number {
  return Math.max(image.width, image.height) / PAGE_MM.height;
}

function cornerZones(image: GreyImage, perMm: number, cornerMm: number): Zone[] {
  const width = Math.min(image.width / 2, cornerMm * perMm);
  const height = Math.min(image.height / 2, cornerMm * perMm);
  const [right, bottom] = [image.width - width, image.height - height];
  return [
    { left: 0, top: 0, width, height },
    { left: right, top: 0, width, height },
    { left: right, top: bottom, width, height },
    { left: 0, top: bottom, width, height },
  ];
}

/** Solid squares of the right size within a zone, turned as they may be: by threshold, for the zone is shrunk only once. */
export function lookInto(image: GreyImage, zone: Zone, perMm: number): (threshold: number) => Candidate[] {
  const step = Math.max(1, Math.round(perMm / LOOK_PER_MM));
  const shrunk = shrinkZone(image, zone, step);
  if (shrunk.width < 8 || shrunk.height < 8) return () => [];
  const [ink = 0, paper = 255] = levels(shrunk, [0.004, 0.8]);
  if (paper - ink < 20) return () => [];
  const side = (SQUARE_MM * perMm) / step;
  return (threshold) =>
    blobsOf(shrunk, paper - (paper - ink) * threshold, paper)
      .filter((blob) => isSquare(blob, side))
      .sort((one, other) => Math.abs(one.area - side * side) - Math.abs(other.area - side * side))
      .slice(0, CANDIDATES_MAX)
      .map((blob) => ({
        x: shrunk.left + (blob.x + 0.5) * step,
        y: shrunk.top + (blob.y + 0.5) * step,
        side: Math.sqrt(blob.area) * step,
      }));
}

interface Blob extends Point {
  area: number;
  /** Variances along the longer and the shorter axis. */
  long: number;
  short: number;
}

/** A solid square of side s has the area s² and the variance s²/12 along every axis, however it is turned. */
function isSquare({ area, long, short }: Blob, expected: number): boolean {
  const side = Math.sqrt(area);
  if (side < expected * SIDE_TOLERANCE.least || side > expected * SIDE_TOLERANCE.most) return false;
  const solidity = area / (12 * Math.sqrt(long * short));
  return short / long > 0.62 && solidity > 0.86 && solidity < 1.12;
}

/** Connected dark pixels; their centre is weighed by how dark they are, which tells it to a fraction of a pixel. */
function blobsOf(zone: ShrunkZone, threshold: number, paper: number): Blob[] {
  const { width, height, data } = zone;
  const seen = new Uint8Array(width * height);
  const stack = new Int32Array(width * height);
  const blobs: Blob[] = [];
  const areaMax = 40 * 40 * LOOK_PER_MM;
  const visit = (at: number, depth: number): number => {
    if (seen[at] === 1 || (data[at] ?? 0) > threshold) return depth;
    seen[at] = 1;
    stack[depth] = at;
    return depth + 1;
  };
  for (let start = 0; start < data.length; start++) {
    if (seen[start] === 1 || (data[start] ?? 0) > threshold) continue;
    let depth = 0;
    let [pixels, weight, sumX, sumY, sumXx, sumYy, sumXy] = [0, 0, 0, 0, 0, 0, 0];
    stack[depth++] = start;
    seen[start] = 1;
    while (depth > 0) {
      const at = stack[--depth] ?? 0;
      const x = at % width;
      const y = (at - x) / width;
      const ink = paper - (data[at] ?? 0);
      pixels++;
      weight += ink;
      sumX += ink * x;
      sumY += ink * y;
      sumXx += ink * x * x;
      sumYy += ink * y * y;
      sumXy += ink * x * y;
      if (x > 0) depth = visit(at - 1, depth);
      if (x + 1 < width) depth = visit(at + 1, depth);
      if (y > 0) depth = visit(at - width, depth);
      if (y + 1 < height) depth = visit(at + width, depth);
    }
    if (pixels < 16 || pixels > areaMax) continue;
    const [x, y] = [sumX / weight, sumY / weight];
    const [varX, varY, covariance] = [sumXx / weight - x * x, sumYy / weight - y * y, sumXy / weight - x * y];
    const mean = (varX + varY) / 2;
    const spread = Math.sqrt(((varX - varY) / 2) ** 2 + covariance ** 2);
    // A pixel is no point: the variance of its own extent belongs to the square.
    blobs.push({ x, y, area: pixels, long: mean + spread + 1 / 12, short: Math.max(1e-6, mean - spread) + 1 / 12 });
  }
  return blobs;
}

/** The four (or three) that fit a page best; `corners` are candidates of the image's corners, clockwise from the top left. */
function chooseQuad(
  corners: readonly Candidate[][],
  image: GreyImage,
  perMm: number,
  least: 3 | 4,
): FoundSquares | null {
  if (corners.filter((corner) => corner.length > 0).length < least) return null;
  const isAcross = image.width > image.height;
  // Turned by a quarter, the page's first corner is the image's second.
  for (const shift of isAcross ? [1, 0] : [0, 1]) {
    const expected = SQUARE_CENTRES.map((_, at) => corners[(at + shift) % 4] ?? []);
    const lists = expected.map((list) => (least === 4 ? list : [...list, null]));
    let best: { quad: (Candidate | null)[]; misfit: number } | null = null;
    for (const a of lists[0] ?? [])
      for (const b of lists[1] ?? []) {
        if (a && b && !isLikelyPair(a, b, PAGE_MM.width, perMm)) continue;
        for (const c of lists[2] ?? []) {
          if (b && c && !isLikelyPair(b, c, PAGE_MM.height, perMm)) continue;
          for (const d of lists[3] ?? []) {
            const quad = [a, b, c, d];
            if (quad.filter((point) => point !== null).length !== least) continue;
            const misfit = misfitOf(quad, perMm);
            if (misfit <= MISFIT_MAX && (!best || misfit < best.misfit)) best = { quad, misfit };
          }
        }
      }
    const geometry = best && geometryOf(best.quad);
    if (best && geometry) return { at: best.quad, geometry };
  }
  return null;
}

/** The map of four squares, where they fit a page; null where they do not. */
export function pageOfFour(at: readonly (Candidate | null)[], image: GreyImage): Homography | null {
  if (at.some((square) => square === null)) return null;
  return misfitOf(at, expectedPerMm(image)) <= MISFIT_MAX ? geometryOf(at) : null;
}

/** Squares of neighbouring corners of a page are about its width or height apart: what is not is left out before more is counted. */
function isLikelyPair(one: Candidate, other: Candidate, sideMm: number, perMm: number): boolean {
  const apart = Math.hypot(other.x - one.x, other.y - one.y) / ((sideMm - 2 * (SQUARE_CENTRES[0]?.x ?? 0)) * perMm);
  return apart > SCALE.least && apart < SCALE.most;
}

export function geometryOf(quad: readonly (Point | null)[]): Homography | null {
  const pairs = pairsOf(quad);
  return fit(
    pairs.map(([centre]) => centre),
    pairs.map(([, point]) => point),
  );
}

/** The squares that there are, each as it is on the page and in the image. */
export function pairsOf<Found extends Point>(quad: readonly (Found | null)[]): [Point, Found][] {
  return quad.flatMap((point, at): [Point, Found][] => {
    const centre = SQUARE_CENTRES[at];
    return point && centre ? [[centre, point]] : [];
  });
}

/** How far the squares are from those of a page that is only moved, turned and scaled, as a share of its diagonal. */
function misfitOf(quad: readonly (Candidate | null)[], perMm: number): number {
  const pairs = pairsOf(quad).map(([centre, point]) => ({ centre, point }));
  const count = pairs.length;
  const mean = (read: (pair: { point: Candidate; centre: Point }) => number): number =>
    pairs.reduce((sum, pair) => sum + read(pair), 0) / count;
  const [px, py] = [mean(({ point }) => point.x), mean(({ point }) => point.y)];
  const [cx, cy] = [mean(({ centre }) => centre.x), mean(({ centre }) => centre.y)];
  let [along, across, spread] = [0, 0, 0];
  for (const { point, centre } of pairs) {
    const [dx, dy, du, dv] = [centre.x - cx, centre.y - cy, point.x - px, point.y - py];
    along += dx * du + dy * dv;
    across += dx * dv - dy * du;
    spread += dx * dx + dy * dy;
  }
  const [a, b] = [along / spread, across / spread];
  const scale = Math.hypot(a, b);
  if (scale < perMm * SCALE.least || scale > perMm * SCALE.most) return Infinity;
  let sum = 0;
  for (const { point, centre } of pairs) {
    const [dx, dy] = [centre.x - cx, centre.y - cy];
    sum += (px + a * dx - b * dy - point.x) ** 2 + (py + b * dx + a * dy - point.y) ** 2;
    // Squares of one page are of one size.
    if (Math.abs(point.side / (SQUARE_MM * scale) - 1) > SIZE_MISFIT_MAX) return Infinity;
  }
  return Math.sqrt(sum / count) / (scale * Math.hypot(PAGE_MM.width, PAGE_MM.height));
}

/** Looks once more, near where a map says, for the squares that a first look missed; null where there is none. */
export function lookNear(image: GreyImage, geometry: Homography, reachMm: number): (Candidate | null)[] {
  return SQUARE_CENTRES.map((centre) => {
    const place = apply(geometry, centre.x, centre.y);
    const next = apply(geometry, centre.x + 10, centre.y);
    const perMm = Math.hypot(next.x - place.x, next.y - place.y) / 10;
    const reach = (reachMm + SQUARE_MM) * perMm;
    const zone = { left: place.x - reach, top: place.y - reach, width: 2 * reach, height: 2 * reach };
    const look = lookInto(image, zone, perMm);
    for (const threshold of THRESHOLDS) {
      const [nearest] = look(threshold)
        .map((candidate) => ({ candidate, distance: Math.hypot(candidate.x - place.x, candidate.y - place.y) }))
        .filter(({ distance }) => distance < reachMm * perMm)
        .sort((one, other) => one.distance - other.distance);
      if (nearest) return nearest.candidate;
    }
    return null;
  });
}
