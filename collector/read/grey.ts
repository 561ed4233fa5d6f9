/** A page as the reader sees it: one byte a pixel, 0 black, row by row without gaps. */
export interface GreyImage {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface Zone {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A zone of the page, each pixel the mean of up to `step` × `step`. */
export interface ShrunkZone extends GreyImage {
  left: number;
  top: number;
  step: number;
}

export function shrinkZone(image: GreyImage, zone: Zone, step: number): ShrunkZone {
  const { width: stride, data } = image;
  const left = Math.max(0, Math.floor(zone.left));
  const top = Math.max(0, Math.floor(zone.top));
  const width = Math.max(0, Math.floor((Math.min(image.width, zone.left + zone.width) - left) / step));
  const height = Math.max(0, Math.floor((Math.min(image.height, zone.top + zone.height) - top) / step));
  const shrunk = new Uint8Array(width * height);
  // Past four pixels across the mean of some is as good as the mean of all.
  const hop = Math.max(1, Math.floor(step / 3));
  const taken = Math.ceil(step / hop) ** 2;
  const sums = new Uint32Array(width);
  for (let y = 0; y < height; y++) {
    sums.fill(0);
    for (let down = 0; down < step; down += hop) {
      let at = (top + y * step + down) * stride + left;
      for (let x = 0; x < width; x++, at += step) {
        let sum = 0;
        for (let across = 0; across < step; across += hop) sum += data[at + across] ?? 0;
        sums[x] = (sums[x] ?? 0) + sum;
      }
    }
    for (let x = 0, to = y * width; x < width; x++, to++) shrunk[to] = (sums[x] ?? 0) / taken;
  }
  return { left, top, step, width, height, data: shrunk };
}

/** The levels below which the given shares of pixels lie. */
export function levels({ data }: GreyImage, shares: readonly number[]): number[] {
  const counts = new Uint32Array(256);
  for (let at = 0; at < data.length; at++) {
    const value = data[at] ?? 0;
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return levelsIn(counts, shares);
}

/** The same of pixels that were counted by level. */
export function levelsIn(counts: Uint32Array, shares: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return shares.map((share) => {
    let below = 0;
    for (let level = 0; level < 256; level++) {
      below += counts[level] ?? 0;
      if (below > total * share) return level;
    }
    return 255;
  });
}

/** Between pixels; white beyond the image, as paper would be. */
export function sampleAt(image: GreyImage, x: number, y: number): number {
  const { width, height, data } = image;
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  if (left < 0 || top < 0 || left + 1 >= width || top + 1 >= height) return 255;
  const right = x - 0.5 - left;
  const down = y - 0.5 - top;
  const at = top * width + left;
  const upper = (data[at] ?? 0) * (1 - right) + (data[at + 1] ?? 0) * right;
  const lower = (data[at + width] ?? 0) * (1 - right) + (data[at + width + 1] ?? 0) * right;
  return upper * (1 - down) + lower * down;
}

/** Turned clockwise by quarters. */
export function turn(image: GreyImage, quarters: number): GreyImage {
  const { width, height, data } = image;
  if (quarters % 4 === 0) return image;
  const turned = new Uint8Array(data.length);
  const isAcross = quarters % 2 === 1;
  const newWidth = isAcross ? height : width;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [column, row] =
        quarters === 1 ? [height - 1 - y, x] : quarters === 2 ? [width - 1 - x, height - 1 - y] : [y, width - 1 - x];
      turned[row * newWidth + column] = data[y * width + x] ?? 0;
    }
  return { width: newWidth, height: isAcross ? width : height, data: turned };
}
