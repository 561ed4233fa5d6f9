/** From the bytes of one image to grey pixels, upright as its file declares, within limits that are asked before anything is unpacked. */
import jpegTurbo from '@julusian/jpeg-turbo';
import sharp from 'sharp';
import { callNative } from '../native-gate.ts';
import { type GreyImage, turn } from '../read/grey.ts';
import type { ReadingLimits } from '../reading.ts';
import { corrupt, limit, ScanRefusal, type Spot, unsupported } from './refusal.ts';
import { sniff } from './sniff.ts';

type PixelLimits = Pick<ReadingLimits, 'pagePixelsMax' | 'pageSidePixelsMax'>;

// One thread a worker: the workers are the parallelism, and a cache of images would be memory that nobody bounds.
sharp.concurrency(1);
sharp.cache(false);

export function holdToPixels(width: number, height: number, limits: PixelLimits, spot: Spot): void {
  limit('pageSidePixels', Math.max(width, height), limits.pageSidePixelsMax, spot);
  limit('pagePixels', width * height, limits.pagePixelsMax, spot);
}

export async function decodeJpeg(bytes: Uint8Array, limits: PixelLimits, spot: Spot): Promise<GreyImage> {
  const head = readJpegHead(bytes);
  if (!head) throw corrupt('damaged', spot);
  holdToPixels(head.width, head.height, limits, spot);
  if (!head.hasEnd) throw corrupt('truncated', spot);
  // Brightness is a plane of its own in a grey or YCbCr JPEG; whatever is stored otherwise goes the long way.
  if (head.bits !== 8 || !head.isLuminanceFirst) return decodeBySharp(bytes, limits, spot, 0);
  let decoded: ReturnType<typeof jpegTurbo.decompressSync>;
  try {
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    decoded = callNative(() => jpegTurbo.decompressSync(source, { format: jpegTurbo.FORMAT_GRAY }));
  } catch {
    return decodeBySharp(bytes, limits, spot, 0);
  }
  const { data, width, height } = decoded;
  const image = { width, height, data: new Uint8Array(data.buffer, data.byteOffset, width * height) };
  return upright(image, head.orientation);
}

/** PNG, TIFF and the JPEGs that are neither grey nor YCbCr. */
export async function decodeBySharp(
  bytes: Uint8Array,
  limits: PixelLimits,
  spot: Spot,
  page: number,
): Promise<GreyImage> {
  const options = { page, ignoreIcc: true, failOn: 'error' as const, limitInputPixels: false };
  try {
    const { width, height } = await sharp(bytes, options).metadata();
    holdToPixels(width, height, limits, spot);
    const { data, info } = await sharp(bytes, options)
      .autoOrient()
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data: brightness(data, info.channels) };
  } catch (error) {
    if (error instanceof ScanRefusal) throw error;
    throw isCompression(error) ? unsupported('compression', sniff(bytes).kind, spot) : corrupt(reasonOf(error), spot);
  }
}

/** Green alone: the eye weighs it most, and red and blue ink are dark in it. */
function brightness(data: Buffer, channels: number): Uint8Array {
  if (channels === 1) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  const grey = new Uint8Array(data.length / channels);
  for (let at = 0, from = 1; at < grey.length; at++, from += channels) grey[at] = data[from] ?? 0;
  return grey;
}

const isCompression = (error: unknown): boolean =>
  /compression|not configured|unsupported|unimplemented/i.test(error instanceof Error ? error.message : '');
const reasonOf = (error: unknown): 'truncated' | 'damaged' =>
  /truncat|premature|end of|eof|short/i.test(error instanceof Error ? error.message : '') ? 'truncated' : 'damaged';

/** By the numbers of EXIF. */
function upright(image: GreyImage, orientation: number): GreyImage {
  const isMirrored = [2, 4, 5, 7].includes(orientation);
  const quarters = { 3: 2, 4: 2, 5: 3, 6: 1, 7: 1, 8: 3 }[orientation] ?? 0;
  return turn(isMirrored ? mirrored(image) : image, quarters);
}

function mirrored({ width, height, data }: GreyImage): GreyImage {
  const turned = new Uint8Array(data.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      turned[row * width + column] = data[row * width + width - 1 - column] ?? 0;
  return { width, height, data: turned };
}

export interface JpegHead {
  width: number;
  height: number;
  bits: number;
  isLuminanceFirst: boolean;
  orientation: number;
  hasEnd: boolean;
}

/** Segments up to the first scan; null when there is no frame in front of it. */
export function readJpegHead(bytes: Uint8Array): JpegHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 2;
  let frame: { width: number; height: number; bits: number; components: number } | null = null;
  let orientation = 1;
  let transform: number | null = null;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.length) return null;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && segment.length >= 6)
      frame = {
        bits: segment[0] ?? 0,
        height: view.getUint16(at + 5),
        width: view.getUint16(at + 7),
        components: segment[5] ?? 0,
      };
    if (marker === 0xee && textAt(segment, 0, 5) === 'Adobe') transform = segment[11] ?? 0;
    if (marker === 0xe1 && textAt(segment, 0, 4) === 'Exif') orientation = exifOrientation(segment.subarray(6));
    at += 2 + length;
  }
  if (!frame || frame.width === 0 || frame.height === 0) return null;
  const isLuminanceFirst = frame.components === 1 || (frame.components === 3 && transform !== 0);
  return { ...frame, isLuminanceFirst, orientation, hasEnd: hasEndMarker(bytes) };
}

const textAt = (bytes: Uint8Array, from: number, length: number): string =>
  String.fromCharCode(...bytes.subarray(from, from + length));

/** Some scanners fill up the file after the end of the image. */
function hasEndMarker(bytes: Uint8Array): boolean {
  for (let at = bytes.length - 2; at >= Math.max(0, bytes.length - 65_536); at--)
    if (bytes[at] === 0xff && bytes[at + 1] === 0xd9) return true;
  return false;
}

function exifOrientation(tiff: Uint8Array): number {
  if (tiff.length < 14) return 1;
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  const isLittle = view.getUint16(0) === 0x4949;
  const start = view.getUint32(4, isLittle);
  if (start + 2 > tiff.length) return 1;
  const entries = view.getUint16(start, isLittle);
  for (let entry = 0; entry < entries; entry++) {
    const at = start + 2 + entry * 12;
    if (at + 12 > tiff.length) return 1;
    if (view.getUint16(at, isLittle) === 0x0112) return view.getUint16(at + 8, isLittle);
  }
  return 1;
}
