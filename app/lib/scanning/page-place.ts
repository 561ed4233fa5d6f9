/**
 * Where something of a page lies on the picture that is shown of it. A picture shows the page upright, as its geometry says or as it was
 * turned, or as it came; places are told in shares of its sides, so that they hold at every zoom. Pure.
 */
import type { PixelBox, PixelPoint } from '#collector/finding.ts';
import { PAGE_MM } from '#collector/form.ts';
import type { Homography } from '#collector/reading.ts';

/** What is known of the image behind a picture. */
export interface ShownPage {
  width: number;
  height: number;
  geometry: Homography | null;
  rotate: 0 | 1 | 2 | 3;
}
export type PictureKind = 'whole' | 'asCame';

/** In shares of the picture's width and height. */
export interface ShareBox {
  x: number;
  y: number;
  width: number;
  height: number;
}
type Point = { x: number; y: number };

/** A box of the image as it came, on the picture. */
export function boxOnPicture(box: PixelBox, page: ShownPage, kind: PictureKind): ShareBox | null {
  if (page.width === 0 || page.height === 0) return null;
  const corners: Point[] = [
    { x: box.x, y: box.y },
    { x: box.x + box.width, y: box.y },
    { x: box.x + box.width, y: box.y + box.height },
    { x: box.x, y: box.y + box.height },
  ];
  const shown = corners.map((corner) => pointOnPicture(corner, page, kind));
  const xs = shown.map(({ x }) => within(x));
  const ys = shown.map(({ y }) => within(y));
  const [x, y] = [Math.min(...xs), Math.min(...ys)];
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

const within = (share: number): number => Math.min(1, Math.max(0, share));

function pointOnPicture(point: Point, { width, height, geometry, rotate }: ShownPage, kind: PictureKind): Point {
  if (kind === 'whole' && geometry) {
    const { x, y } = applied(inverse(geometry), point);
    return { x: x / PAGE_MM.width, y: y / PAGE_MM.height };
  }
  const share = { x: point.x / width, y: point.y / height };
  return kind === 'asCame' ? share : turned(share, rotate);
}

/** Quarter turns clockwise. */
function turned({ x, y }: Point, quarters: 0 | 1 | 2 | 3): Point {
  switch (quarters) {
    case 0:
      return { x, y };
    case 1:
      return { x: 1 - y, y: x };
    case 2:
      return { x: 1 - x, y: 1 - y };
    case 3:
      return { x: y, y: 1 - x };
    default:
      return quarters satisfies never;
  }
}

/** A place on the picture of a page as it came, in pixels of its image. */
export const pixelAt = ({ x, y }: Point, { width, height }: Pick<ShownPage, 'width' | 'height'>): PixelPoint => ({
  x: Math.round(within(x) * width),
  y: Math.round(within(y) * height),
});

function applied([a, b, c, d, e, f, g, h, i]: Homography, { x, y }: Point): Point {
  const w = g * x + h * y + i;
  return { x: (a * x + b * y + c) / w, y: (d * x + e * y + f) / w };
}

/** Up to a factor, which a homography does not know. */
function inverse([a, b, c, d, e, f, g, h, i]: Homography): Homography {
  return [
    ...([e * i - f * h, c * h - b * i, b * f - c * e] as const),
    ...([f * g - d * i, a * i - c * g, c * d - a * f] as const),
    ...([d * h - e * g, b * g - a * h, a * e - b * d] as const),
  ];
}

/** How a picture is magnified and moved: it fits at 1; `x`, `y` is the point of it in the middle of the window, in shares. */
export interface View {
  zoom: number;
  x: number;
  y: number;
}
export const FITTING: View = { zoom: 1, x: 0.5, y: 0.5 };
export const ZOOM_MAX = 8;
const ZOOM_STEP = 1.5;

export const zoomed = (view: View, steps: number): View => ({
  ...view,
  zoom: Math.min(ZOOM_MAX, Math.max(1, view.zoom * ZOOM_STEP ** steps)),
});

/** In shares of what is seen. */
export const moved = (view: View, right: number, down: number): View => ({
  ...view,
  x: within(view.x + right / view.zoom),
  y: within(view.y + down / view.zoom),
});

/** A view in which these boxes are seen with what is around them. */
export function viewOf(boxes: readonly ShareBox[]): View {
  if (boxes.length === 0) return FITTING;
  const left = Math.min(...boxes.map(({ x }) => x));
  const top = Math.min(...boxes.map(({ y }) => y));
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  const zoom = Math.min(3, Math.max(1, 0.75 / Math.max(right - left, bottom - top, 0.01)));
  return { zoom, x: (left + right) / 2, y: (top + bottom) / 2 };
}
