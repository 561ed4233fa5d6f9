/** Pages and parts of them for the eye. */
import { apply } from '../read/homography.ts';
import { type GreyImage, sampleAt, shrinkZone, turn } from '../read/grey.ts';
import type { CropPart, Homography, RenderOptions } from '../reading.ts';
import { PAGE_MM } from '../form.ts';
import { packed } from './pages.ts';

export const SHOWN_SIDE_PIXELS_MAX = 4_000;
export const THUMBNAIL_SIDE_PIXELS = 420;
const QUALITY = 82;

export function cropPage(image: GreyImage, part: CropPart): Uint8Array {
  if (part.kind === 'millimetres') {
    const perMm = Math.min(part.dpi / 25.4, SHOWN_SIDE_PIXELS_MAX / Math.max(part.box.width, part.box.height));
    const { x, y, width, height } = part.box;
    return jpeg(straighten(image, part.geometry, { x, y, width, height }, perMm));
  }
  const { x, y, width, height } = part.box;
  const zone = { left: x, top: y, width, height };
  return jpeg(shrinkZone(image, zone, stepFor(Math.max(width, height), part.sidePixelsMax)));
}

/** The whole page: straight where its place is known, otherwise as it lies, turned as asked. */
export function renderPage(image: GreyImage, { sidePixelsMax, geometry, rotate }: RenderOptions): Uint8Array {
  const side = Math.min(sidePixelsMax, SHOWN_SIDE_PIXELS_MAX);
  const step = stepFor(Math.max(image.width, image.height), side);
  const small = shrinkZone(image, { left: 0, top: 0, width: image.width, height: image.height }, step);
  if (!geometry) return jpeg(turn(small, rotate ?? 0));
  const [a, b, c, d, e, f, g, h, i] = geometry;
  const shrunk: Homography = [a / step, b / step, c / step, d / step, e / step, f / step, g, h, i];
  return jpeg(straighten(small, shrunk, { x: 0, y: 0, ...PAGE_MM }, side / PAGE_MM.height));
}

const stepFor = (pixels: number, sidePixelsMax: number): number =>
  Math.max(1, Math.ceil(pixels / Math.min(sidePixelsMax, SHOWN_SIDE_PIXELS_MAX)));

const jpeg = (image: GreyImage): Uint8Array =>
  image.width < 1 || image.height < 1 ? packed(EMPTY, QUALITY).bytes : packed(image, QUALITY).bytes;
const EMPTY: GreyImage = { width: 1, height: 1, data: Uint8Array.of(255) };

function straighten(
  image: GreyImage,
  geometry: Homography,
  box: { x: number; y: number; width: number; height: number },
  perMm: number,
): GreyImage {
  const width = Math.max(1, Math.round(box.width * perMm));
  const height = Math.max(1, Math.round(box.height * perMm));
  const data = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const { x, y } = apply(geometry, box.x + (column + 0.5) / perMm, box.y + (row + 0.5) / perMm);
      data[row * width + column] = sampleAt(image, x, y);
    }
  return { width, height, data };
}
