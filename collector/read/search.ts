/** Codes wherever they are: the general reader, for when ours does not know the place. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader';
import { decode } from '../code.ts';
import { type Box, PAGE_MM } from '../form.ts';
import type { Homography } from '../reading.ts';
import { type GreyImage, sampleAt, shrinkZone, type Zone } from './grey.ts';
import { apply, type Point } from './homography.ts';

export interface FoundCode {
  text: string;
  format: 'datamatrix' | 'qr';
  /** In pixels of the image: top left, top right, bottom right, bottom left as it is read. */
  corners: [Point, Point, Point, Point];
}

/** Pixels of a side past which the general reader is given a smaller image first: its time grows with them. */
const SEARCH_SIDE_PIXELS = 1_800;
const RECTIFIED_PER_MM = 10;
const QUIET_MM = 2.5;
/** Nothing smaller holds a code. */
const CODE_PIXELS_MIN = 20;

let isPrepared = false;
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  // From the package: by default it would be fetched from a server.
  const path = createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm');
  const bytes = readFileSync(path);
  const wasmBinary = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  prepareZXingModule({ overrides: { wasmBinary } });
}

/** Where the codes lie in all but the worst scans: much less to look through than the page. */
const CORNER_MM = 62;

/** Every code of ours on the page; anything else that is readable is none of our business. */
export async function searchCodes(image: GreyImage): Promise<FoundCode[]> {
  const found: FoundCode[] = [];
  for (const zone of cornersOfImage(image)) found.push(...(await searchZone(image, zone, stepOf(image))));
  return found.length > 0 ? found : searchPage(image);
}

/** The same over the whole page: smaller first, then as it is. */
export async function searchPage(image: GreyImage): Promise<FoundCode[]> {
  const whole = { left: 0, top: 0, width: image.width, height: image.height };
  const step = stepOf(image);
  for (const factor of step > 1 ? [step, 1] : [1]) {
    const found = await searchZone(image, whole, factor);
    if (found.length > 0) return found;
  }
  return [];
}

const stepOf = ({ width, height }: GreyImage): number => Math.ceil(Math.max(width, height) / SEARCH_SIDE_PIXELS);

function cornersOfImage({ width, height }: GreyImage): Zone[] {
  const side = (CORNER_MM * Math.max(width, height)) / PAGE_MM.height;
  const [across, down] = [Math.min(side, width / 2), Math.min(side, height / 2)];
  return [0, height - down].flatMap((top) =>
    [0, width - across].map((left) => ({ left, top, width: across, height: down })),
  );
}

async function searchZone(image: GreyImage, zone: Zone, step: number): Promise<FoundCode[]> {
  const shrunk = shrinkZone(image, zone, step);
  if (shrunk.width < CODE_PIXELS_MIN || shrunk.height < CODE_PIXELS_MIN) return [];
  return (await readCodes(shrunk, ['DataMatrix', 'QRCode'], 8)).map((code) => ({
    ...code,
    corners: code.corners.map(({ x, y }) => ({
      x: shrunk.left + x * step,
      y: shrunk.top + y * step,
    })) as FoundCode['corners'],
  }));
}

/** The code that stands in this place of the page, straightened before it is read. */
export async function readCodeIn(
  image: GreyImage,
  geometry: Homography,
  box: Box,
  format: 'DataMatrix' | 'QRCode',
): Promise<string | null> {
  const [found] = await readCodes(rectify(image, geometry, box), [format], 1);
  return found?.text ?? null;
}

async function readCodes(
  image: GreyImage,
  formats: ReaderOptions['formats'],
  symbolsMax: number,
): Promise<FoundCode[]> {
  prepare();
  const { width, height } = image;
  const results = await readBarcodes(
    { width, height, data: paint(image), colorSpace: 'srgb' },
    {
      ...{ formats: formats ?? [], tryHarder: true, tryRotate: true, tryInvert: false, tryDownscale: true },
      ...{ maxNumberOfSymbols: symbolsMax },
    },
  );
  return results
    .filter(({ isValid, text }) => isValid && decode(text) !== null)
    .map(({ text, format, position: { topLeft, topRight, bottomRight, bottomLeft } }) => ({
      ...{ text, format: format === 'QRCode' ? 'qr' : 'datamatrix' },
      corners: [topLeft, topRight, bottomRight, bottomLeft],
    }));
}

function paint({ data }: GreyImage): Uint8ClampedArray<ArrayBuffer> {
  const painted = new Uint32Array(data.length);
  for (let at = 0; at < data.length; at++) painted[at] = (data[at] ?? 0) * 0x010101 + 0xff000000;
  return new Uint8ClampedArray(painted.buffer);
}

function rectify(image: GreyImage, geometry: Homography, box: Box): GreyImage {
  const side = Math.round((box.width + 2 * QUIET_MM) * RECTIFIED_PER_MM);
  const data = new Uint8Array(side * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const { x, y } = apply(
        geometry,
        box.x - QUIET_MM + (column + 0.5) / RECTIFIED_PER_MM,
        box.y - QUIET_MM + (row + 0.5) / RECTIFIED_PER_MM,
      );
      data[row * side + column] = sampleAt(image, x, y);
    }
  return { width: side, height: side, data };
}
