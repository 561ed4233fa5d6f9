/**
 * Whose page it is. Both copies of the DataMatrix are read where they must lie; where neither can be, the two together, of each module the
 * lighter, for ink only darkens; then the QR and the general reader. Nothing is an identity that does not meet the checksum, and where two
 * copies say different things, none is.
 */
import { decode } from '../code.ts';
import { readDatamatrix } from '../codes/datamatrix.ts';
import type { CodeSource } from '../finding.ts';
import { DATAMATRIX_BOX, QR_BOX, TWIN_BOX } from '../layout.ts';
import type { Homography } from '../reading.ts';
import type { GreyImage } from './grey.ts';
import {
  type Corners,
  cornersOf,
  darknessOf,
  DATAMATRIX_PATTERN,
  type FittedGrid,
  fitGrid,
  measureModules,
  patternScore,
} from './grid.ts';
import { compose } from './homography.ts';
import { readCodeIn } from './search.ts';

/** Strengths of sharpening that are tried in turn. */
const SHARPENINGS = [0, 0.35, 0.8];

export interface ReadCode {
  text: string;
  source: CodeSource;
}

/** A page with its codes at their places. */
export interface CodedPlace {
  geometry: Homography;
  datamatrix: FittedGrid;
  twin: FittedGrid;
}

const HALF_TURN: Homography = [-1, 0, 210, 0, -1, 297, 0, 0, 1];

export const bothWays = (geometry: Homography): Homography[] => [geometry, compose(geometry, HALF_TURN)];

/** The page upright and turned by half, the more likely first: the border of a DataMatrix says which, even before its grid is fitted. */
export function orientations(image: GreyImage, geometry: Homography): Homography[] {
  return bothWays(geometry)
    .map((map) => ({
      map,
      score: [DATAMATRIX_BOX, TWIN_BOX].reduce(
        (sum, box) => sum + patternScore(image, cornersOf(map, box), DATAMATRIX_PATTERN),
        0,
      ),
    }))
    .sort((one, other) => other.score - one.score)
    .map(({ map }) => map);
}

export function placeCodes(image: GreyImage, geometry: Homography): CodedPlace {
  const [datamatrix, twin] = [DATAMATRIX_BOX, TWIN_BOX].map((box) => fitGrid(image, cornersOf(geometry, box)));
  const none: FittedGrid = { corners: cornersOf(geometry, DATAMATRIX_BOX), score: 0 };
  return { geometry, datamatrix: datamatrix ?? none, twin: twin ?? none };
}

/** How well the borders show where they were fitted. */
export const likelihood = ({ datamatrix, twin }: CodedPlace): number => datamatrix.score + twin.score;

export function readCopies(image: GreyImage, place: CodedPlace): ReadCode[] {
  const read: ReadCode[] = [];
  for (const source of ['datamatrix', 'twin'] as const) {
    const text = readCopy(image, place[source].corners);
    if (text !== null) read.push({ text, source });
  }
  return read;
}

function readCopy(image: GreyImage, corners: Corners): string | null {
  const values = measureModules(image, corners);
  for (const sharpening of SHARPENINGS) {
    const text = readDatamatrix(darknessOf(values, sharpening));
    if (text !== null) return text;
  }
  return null;
}

/** Both copies as one. */
export function readTogether(image: GreyImage, { datamatrix, twin }: CodedPlace): string | null {
  const [one, other] = [measureModules(image, datamatrix.corners), measureModules(image, twin.corners)];
  for (const sharpening of SHARPENINGS) {
    const [darkOne, darkOther] = [darknessOf(one, sharpening), darknessOf(other, sharpening)];
    const text = readDatamatrix(darkOne.map((value, at) => Math.min(value, darkOther[at] ?? 1)));
    if (text !== null) return text;
  }
  return null;
}

/** By the general reader, each code straightened at its place. */
export async function readPlaces(
  image: GreyImage,
  geometry: Homography,
  sources: readonly CodeSource[],
): Promise<ReadCode[]> {
  const read: ReadCode[] = [];
  for (const source of sources) {
    const box = source === 'qr' ? QR_BOX : source === 'twin' ? TWIN_BOX : DATAMATRIX_BOX;
    const text = await readCodeIn(image, geometry, box, source === 'qr' ? 'QRCode' : 'DataMatrix');
    if (text !== null && decode(text)) read.push({ text, source });
  }
  return read;
}
