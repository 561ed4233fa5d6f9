import { describe, expect, it } from 'vitest';
import type { Homography } from '#collector/reading.ts';
import { boxOnPicture, FITTING, moved, pixelAt, viewOf, zoomed, ZOOM_MAX, type ShownPage } from './page-place.ts';

const box = { x: 100, y: 400, width: 200, height: 100 };
const asCame: ShownPage = { width: 1000, height: 2000, geometry: null, rotate: 0 };
const rounded = (found: ReturnType<typeof boxOnPicture>) =>
  found && Object.fromEntries(Object.entries(found).map(([key, value]) => [key, Math.round(value * 1e4) / 1e4]));

describe('the place of a crop on a picture', () => {
  it('[S1-12] is the same share of the page as it came', () => {
    expect(rounded(boxOnPicture(box, asCame, 'asCame'))).toEqual({ x: 0.1, y: 0.2, width: 0.2, height: 0.05 });
    expect(boxOnPicture(box, { ...asCame, width: 0 }, 'asCame')).toBe(null);
  });

  it('[S1-12] turns with the page that a person turned', () => {
    expect(rounded(boxOnPicture(box, { ...asCame, rotate: 2 }, 'whole'))).toEqual({
      x: 0.7,
      y: 0.75,
      width: 0.2,
      height: 0.05,
    });
    expect(rounded(boxOnPicture(box, { ...asCame, rotate: 1 }, 'whole'))).toEqual({
      x: 0.75,
      y: 0.1,
      width: 0.05,
      height: 0.2,
    });
    expect(rounded(boxOnPicture(box, { ...asCame, rotate: 3 }, 'whole'))).toEqual({
      x: 0.2,
      y: 0.7,
      width: 0.05,
      height: 0.2,
    });
    expect(rounded(boxOnPicture(box, { ...asCame, rotate: 3 }, 'asCame'))).toEqual({
      x: 0.1,
      y: 0.2,
      width: 0.2,
      height: 0.05,
    });
  });

  it('[S1-12] follows the geometry of a page that lay upside down', () => {
    // Ten pixels a millimetre, from the far corner back.
    const upsideDown: Homography = [-10, 0, 2100, 0, -10, 2970, 0, 0, 1];
    const page: ShownPage = { width: 2100, height: 2970, geometry: upsideDown, rotate: 0 };
    expect(rounded(boxOnPicture({ x: 0, y: 0, width: 210, height: 297 }, page, 'whole'))).toEqual({
      ...{ x: 0.9, y: 0.9, width: 0.1, height: 0.1 },
    });
  });

  it('[S1-12] a click becomes the pixel it was made on, and never one beyond the image', () => {
    expect(pixelAt({ x: 0.25, y: 0.5 }, asCame)).toEqual({ x: 250, y: 1000 });
    expect(pixelAt({ x: -0.1, y: 1.2 }, asCame)).toEqual({ x: 0, y: 2000 });
  });

  it('[S1-12] the view shows a crop with what is around it, and zooms and moves within the page', () => {
    expect(viewOf([])).toEqual(FITTING);
    const view = viewOf([{ x: 0.1, y: 0.2, width: 0.2, height: 0.05 }]);
    expect([view.zoom, view.x, view.y].map((value) => Math.round(value * 1e4) / 1e4)).toEqual([3, 0.2, 0.225]);
    expect(zoomed(FITTING, 100).zoom).toBe(ZOOM_MAX);
    expect(zoomed(FITTING, -1)).toEqual(FITTING);
    expect(moved({ zoom: 2, x: 0.5, y: 0.5 }, 0.5, -2)).toEqual({ zoom: 2, x: 0.75, y: 0 });
  });
});
