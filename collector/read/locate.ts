/** Where the page lies in the image: by its squares, by its codes, or by what both say together. */
import type { PixelPoint } from '../finding.ts';
import { type Box, PAGE_MM } from '../form.ts';
import { DATAMATRIX_BOX, QR_BOX, SQUARE_CENTRES, TWIN_BOX } from '../layout.ts';
import type { Homography, ReadingHints } from '../reading.ts';
import { bothWays, type CodedPlace, placeCodes, readCopies, readPlaces } from './codes.ts';
import type { GreyImage } from './grey.ts';
import { type Corners, cornersOf, DATAMATRIX_PATTERN, lookBeside, QR_PATTERN } from './grid.ts';
import { apply, fit, fitSimilarity, type Point } from './homography.ts';
import type { FoundCode } from './search.ts';
import {
  CORNERS_MM,
  expectedPerMm,
  type FoundSquares,
  geometryOf,
  lookForFour,
  lookInto,
  lookNear,
  pageOfFour,
  pagesOfTwo,
  pairsOf,
  threeOf,
} from './squares.ts';

/** How far from where codes say squares are looked for. */
const LOOK_REACH_MM = 14;
/** How far from where two or three squares say the others are looked for. */
const OTHERS_REACH_MM = 8;
/** A symbol whose border shows at least this well is where its grid was fitted. */
const GRID_SCORE_MIN = 60;
/** A border that shows this well is no chance: of what lies between paper and ink. */
const SHOWN_SHARE = 0.35;
/** Pages of two squares that are tried in earnest. */
const TRIED_MAX = 3;
/** How far from where a map has it a point may be found for the map to hold. */
const AGREED_MM = 0.5;

export interface Located {
  geometry: Homography;
  /** By index of `SQUARE_CENTRES` of the geometry as it was found. */
  squares: (Point | null)[];
  /** Whether it may still be turned by half: nothing but the squares spoke yet. */
  isOpen: boolean;
}

/**
 * Four squares that fit a page are one. Three or two might be of anything: they are believed where a symbol shows at its place, and two
 * only where it can be read. `contrast` is what lies between paper and ink.
 */
export async function locate(image: GreyImage, hints: ReadingHints, contrast: number): Promise<Located | null> {
  if (hints.corners) {
    const geometry = fit(SQUARE_CENTRES, hints.corners);
    return geometry && { geometry, squares: [...hints.corners], isOpen: false };
  }
  let unproved: FoundSquares | null = null;
  for (const cornerMm of CORNERS_MM) {
    const { four, corners } = lookForFour(image, cornerMm);
    if (four) return { geometry: four.geometry, squares: four.at, isOpen: true };
    const three = threeOf(corners, image);
    if (three && isShown(image, three.geometry, contrast)) return completed(image, three);
    unproved ??= three;
    const two = await locateByTwo(image, pagesOfTwo(corners, image), contrast);
    if (two) return two;
  }
  return unproved && completed(image, unproved);
}

/** Whether one of the symbols is where this map has it, the page turned by half or not. */
const isShown = (image: GreyImage, geometry: Homography, contrast: number): boolean =>
  bothWays(geometry).some((map) => symbolsAt(image, map, contrast).length > 0);

interface ShownSymbol {
  box: Box;
  corners: Corners;
  score: number;
}

/** Symbols that show where this map has them, or a little beside. */
function symbolsAt(image: GreyImage, geometry: Homography, contrast: number): ShownSymbol[] {
  return [DATAMATRIX_BOX, TWIN_BOX, QR_BOX]
    .map((box) => {
      const pattern = box === QR_BOX ? QR_PATTERN : DATAMATRIX_PATTERN;
      return { box, ...lookBeside(image, cornersOf(geometry, box), pattern) };
    })
    .filter(({ score }) => score >= contrast * SHOWN_SHARE);
}

/** With the fourth, where it can be found. */
function completed(image: GreyImage, { at, geometry }: FoundSquares): Located {
  const near = lookNear(image, geometry, OTHERS_REACH_MM);
  const all = at.map((square, index) => square ?? near[index] ?? null);
  const four = pageOfFour(all, image);
  return { geometry: four ?? geometry, squares: four ? all : at, isOpen: true };
}

async function locateByTwo(
  image: GreyImage,
  pages: readonly FoundSquares[],
  contrast: number,
): Promise<Located | null> {
  const likely = pages
    .flatMap(({ at, geometry }) =>
      bothWays(geometry).map((map) => ({ at, map, shown: symbolsAt(image, map, contrast) })),
    )
    .filter(({ shown }) => shown.length > 0)
    .sort((one, other) => bestOf(other.shown) - bestOf(one.shown))
    .slice(0, TRIED_MAX);
  for (const { at, map, shown } of likely) {
    const symbols = await readableAt(image, map, shown);
    if (symbols.length === 0) continue;
    const squares = SQUARE_CENTRES.flatMap((centre): [Point, Point][] => {
      const where = apply(map, centre.x, centre.y);
      const square = at.find((one) => one && distance(one, where) < scaleOf(map));
      return square ? [[centre, square]] : [];
    });
    return locateFrom(image, symbols, squares, OTHERS_REACH_MM);
  }
  return null;
}

const bestOf = (symbols: readonly ShownSymbol[]): number => Math.max(...symbols.map(({ score }) => score));

/** Those of the shown symbols that can be read, where they lie: the QR is asked only when the others say nothing. */
async function readableAt(
  image: GreyImage,
  geometry: Homography,
  shown: readonly ShownSymbol[],
): Promise<[Box, Corners][]> {
  const place = placeCodes(image, geometry);
  const read = readCopies(image, place).map(({ source }): [Box, Corners] =>
    source === 'twin' ? [TWIN_BOX, place.twin.corners] : [DATAMATRIX_BOX, place.datamatrix.corners],
  );
  const qr = shown.find(({ box }) => box === QR_BOX);
  if (read.length > 0 || !qr) return read;
  return (await readPlaces(image, geometry, ['qr'])).length > 0 ? [[QR_BOX, qr.corners]] : [];
}

/** Where the codes lie the page must lie too; the squares near there make it exact. */
export const locateByCodes = (image: GreyImage, found: readonly FoundCode[]): Located | null =>
  locateFrom(
    image,
    found.map((code) => [boxOf(code, image), code.corners]),
    [],
    LOOK_REACH_MM,
  );

function locateFrom(
  image: GreyImage,
  symbols: readonly (readonly [Box, readonly Point[]])[],
  known: readonly [Point, Point][],
  reachMm: number,
): Located | null {
  const from = [...symbols.flatMap(([box]) => cornersOfBox(box)), ...known.map(([centre]) => centre)];
  const to = [...symbols.flatMap(([, corners]) => corners), ...known.map(([, square]) => square)];
  // Without perspective: that of sixteen millimetres would be noise over the whole page.
  const rough = fitSimilarity(from, to);
  if (!rough) return null;
  const squares = lookNear(image, rough, reachMm);
  const count = squares.filter((square) => square !== null).length;
  const exact = count >= 2 ? geometryOf(squares) : null;
  if (exact) return { geometry: exact, squares, isOpen: false };
  for (const [centre, square] of pairsOf(squares)) {
    from.push(centre);
    to.push(square);
  }
  const geometry = fitSimilarity(from, to);
  return geometry && { geometry, squares, isOpen: false };
}

const cornersOfBox = ({ x, y, width, height }: Box): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
];

/** Which of the two DataMatrices it is: the one with which the page's middle comes to lie nearer to that of the image. */
function boxOf(code: FoundCode, image: GreyImage): Box {
  if (code.format === 'qr') return QR_BOX;
  const distance = (box: Box): number => {
    const map = fitSimilarity(cornersOfBox(box), code.corners);
    if (!map) return Infinity;
    const middle = apply(map, PAGE_MM.width / 2, PAGE_MM.height / 2);
    return Math.hypot(middle.x - image.width / 2, middle.y - image.height / 2);
  };
  return distance(DATAMATRIX_BOX) <= distance(TWIN_BOX) ? DATAMATRIX_BOX : TWIN_BOX;
}

/** Turned so that codes are read from left to right. */
export function uprightBy([code]: readonly FoundCode[], geometry: Homography): Homography {
  if (!code) return geometry;
  const [left, right] = code.corners;
  const middle = apply(geometry, 105, 148);
  const next = apply(geometry, 115, 148);
  const along = (right.x - left.x) * (next.x - middle.x) + (right.y - left.y) * (next.y - middle.y);
  return along >= 0 ? geometry : halfTurned(geometry);
}

function halfTurned(geometry: Homography): Homography {
  const to = SQUARE_CENTRES.map((_, at) => {
    const opposite = SQUARE_CENTRES[(at + 2) % 4] ?? { x: 0, y: 0 };
    return apply(geometry, opposite.x, opposite.y);
  });
  return fit(SQUARE_CENTRES, to) ?? geometry;
}

export const sameMap = (one: Homography, other: Homography): boolean => one.every((value, at) => value === other[at]);

export interface Refined {
  geometry: Homography;
  /** Whether four squares say so: nothing else is believed without looking at what is printed. */
  isSure: boolean;
}

/** With squares missing, the symbols stand in for them: their corners are known as well. The simplest map that agrees with all is taken. */
export function refine(located: Located, place: CodedPlace | null, image: GreyImage): Refined {
  const squares: [Point, Point][] = [];
  const perMm = scaleOf(located.geometry);
  for (const centre of SQUARE_CENTRES) {
    const where = apply(located.geometry, centre.x, centre.y);
    const near = located.squares.find((square) => square && distance(square, where) < perMm * 2);
    if (near) squares.push([centre, near]);
  }
  if (squares.length === 4) return { geometry: located.geometry, isSure: true };
  const points = [...squares, ...(place ? cornersShown(place, image) : [])];
  const from = points.map(([point]) => point);
  const to = points.map(([, point]) => point);
  const misfit = (map: Homography): number =>
    Math.max(0, ...points.map(([{ x, y }, found]) => distance(apply(map, x, y), found))) / perMm;
  if (!spansPage(from) || misfit(located.geometry) < AGREED_MM) return { geometry: located.geometry, isSure: false };
  const affine = fit(from, to, true);
  if (affine && misfit(affine) < AGREED_MM) return { geometry: affine, isSure: false };
  return { geometry: fit(from, to) ?? located.geometry, isSure: false };
}

/** Corners of the symbols that show, where nothing of them is cut off: a grid is not fitted to the rest of one. */
function cornersShown({ datamatrix, twin }: CodedPlace, image: GreyImage): [Point, Point][] {
  const symbols = [
    [datamatrix, DATAMATRIX_BOX],
    [twin, TWIN_BOX],
  ] as const;
  return symbols
    .filter(([{ score, corners }]) => score >= GRID_SCORE_MIN && corners.every((corner) => isWithin(corner, image)))
    .flatMap(([{ corners }, box]) =>
      cornersOfBox(box).flatMap((corner, at): [Point, Point][] => {
        const found = corners[at];
        return found ? [[corner, found]] : [];
      }),
    );
}

const isWithin = ({ x, y }: Point, { width, height }: GreyImage): boolean =>
  x >= 0 && y >= 0 && x < width && y < height;

const distance = (one: Point, other: Point): number => Math.hypot(one.x - other.x, one.y - other.y);

/** Points that lie on three sides of the page at least: what lies between them is then known and not extrapolated. */
function spansPage(points: readonly Point[]): boolean {
  const corners = new Set(points.map(({ x, y }) => (x < PAGE_MM.width / 2 ? 0 : 1) + (y < PAGE_MM.height / 2 ? 0 : 2)));
  return corners.size >= 3;
}

export function scaleOf(geometry: Homography): number {
  const [a, b] = [apply(geometry, 55, 148), apply(geometry, 155, 148)];
  const [c, d] = [apply(geometry, 105, 98), apply(geometry, 105, 198)];
  return (Math.hypot(b.x - a.x, b.y - a.y) + Math.hypot(d.x - c.x, d.y - c.y)) / 200;
}

export function loneSquares(image: GreyImage): PixelPoint[] {
  const zone = { left: 0, top: 0, width: image.width, height: image.height };
  return lookInto(
    image,
    zone,
    expectedPerMm(image),
  )(0.5).map(({ x, y }) => ({
    x: Math.round(x),
    y: Math.round(y),
  }));
}
