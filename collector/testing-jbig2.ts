/** JBIG2 as scanners put it into a PDF, made by hand for tests: a page in two levels, packed by arithmetic or as group 4 is. */
import type { GreyImage } from './read/grey.ts';
import { faxOf, tagOf } from './testing.ts';

const PAGE = 48;
const REGION = 38;

/** One region over the page, by the arithmetic coder, as most programs write it. */
export function jbig2Of({ width, height, data }: GreyImage): Uint8Array {
  const ink = Uint8Array.from(data, (value) => (value < 128 ? 1 : 0));
  const at = (x: number, y: number): number => (x < 0 || y < 0 || x >= width ? 0 : (ink[y * width + x] ?? 0));
  const coder = new ArithmeticCoder();
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let context = 0;
      for (const [dx, dy] of NEIGHBOURS) context = (context << 1) | at(x + dx, y + dy);
      coder.write(context, at(x, y));
    }
  const flags = Buffer.from([0, ...ADAPTIVE.flat()]);
  return stream({ width, height }, [{ top: 0, height, content: Buffer.concat([flags, coder.end()]) }]);
}

/** Regions packed as a fax is: each strip of the fax is one. Which renderers know it differs. */
export async function jbig2ByFax({ width, height, data }: GreyImage): Promise<Uint8Array> {
  // What a fax calls white is paper where JBIG2 means it to be, once the page is turned to its negative.
  const fax = Buffer.from(await faxOf({ width, height, data: data.map((value) => 255 - value) }));
  const rowsEach = tagOf(fax, 278)[0] ?? height;
  const sizes = tagOf(fax, 279);
  const regions = tagOf(fax, 273).map((offset, index) => ({
    top: index * rowsEach,
    height: Math.min(rowsEach, height - index * rowsEach),
    content: Buffer.concat([Buffer.from([1]), fax.subarray(offset, offset + (sizes[index] ?? 0))]),
  }));
  return stream({ width, height }, regions);
}

function stream(
  { width, height }: { width: number; height: number },
  regions: readonly { top: number; height: number; content: Buffer }[],
): Uint8Array {
  const page = Buffer.alloc(19);
  page.writeUInt32BE(width, 0);
  page.writeUInt32BE(height, 4);
  const segments = regions.map((region, index) => {
    const head = Buffer.alloc(17);
    head.writeUInt32BE(width, 0);
    head.writeUInt32BE(region.height, 4);
    head.writeUInt32BE(region.top, 12);
    return segmentOf(index + 1, REGION, Buffer.concat([head, region.content]));
  });
  return new Uint8Array(Buffer.concat([segmentOf(0, PAGE, page), ...segments]));
}

function segmentOf(number: number, type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt32BE(number, 0);
  head[4] = type;
  head[6] = 1;
  head.writeUInt32BE(content.length, 7);
  return Buffer.concat([head, content]);
}

/** Those of the sixteen neighbours that a file may choose; these are the usual ones. Bytes, so -3 is 253. */
const ADAPTIVE = [
  [3, 255],
  [253, 255],
  [2, 254],
  [254, 254],
];
/** By which a pixel is foretold: in which order does not matter, as long as it is always the same. */
const NEIGHBOURS = [
  ...[-2, -1, 0, 1, 2].map((dx) => [dx, -2] as const),
  ...[-3, -2, -1, 0, 1, 2, 3].map((dx) => [dx, -1] as const),
  ...[-4, -3, -2, -1].map((dx) => [dx, 0] as const),
];

/** The MQ coder of ITU-T T.88, annex E. */
class ArithmeticCoder {
  readonly #states = new Uint8Array(65_536);
  readonly #likely = new Uint8Array(65_536);
  /** The first stands before the output and is dropped. */
  readonly #bytes: number[] = [0];
  #range = 0x8000;
  #code = 0;
  #free = 12;

  write(context: number, bit: number): void {
    const state = this.#states[context] ?? 0;
    const [probability = 0, next = 0, nextUnlikely = 0, isSwitched = 0] = STATES[state] ?? [];
    const likely = this.#likely[context] ?? 0;
    this.#range -= probability;
    const isLikely = bit === likely;
    if (isLikely && (this.#range & 0x8000) !== 0) {
      this.#code += probability;
      return;
    }
    // The smaller part goes to whatever is less likely.
    if (this.#range < probability === isLikely) this.#range = probability;
    else this.#code += probability;
    this.#states[context] = isLikely ? next : nextUnlikely;
    if (!isLikely && isSwitched === 1) this.#likely[context] = 1 - likely;
    do {
      this.#range <<= 1;
      this.#code = (this.#code << 1) >>> 0;
      if (--this.#free === 0) this.#byteOut();
    } while ((this.#range & 0x8000) === 0);
  }

  end(): Buffer {
    const most = this.#code + this.#range;
    this.#code |= 0xffff;
    if (this.#code >>> 0 >= most) this.#code -= 0x8000;
    for (let turn = 0; turn < 2; turn++) {
      this.#code = (this.#code << this.#free) >>> 0;
      this.#byteOut();
    }
    return Buffer.from([...this.#bytes.slice(1), 0xff, 0xac]);
  }

  #byteOut(): void {
    const last = this.#bytes.length - 1;
    if (this.#bytes[last] !== 0xff && this.#code >= 0x800_0000) {
      this.#bytes[last] = (this.#bytes[last] ?? 0) + 1;
      if (this.#bytes[last] === 0xff) this.#code &= 0x7ff_ffff;
    }
    const isStuffed = this.#bytes[last] === 0xff;
    this.#bytes.push((this.#code >>> (isStuffed ? 20 : 19)) & 0xff);
    this.#code &= isStuffed ? 0xf_ffff : 0x7_ffff;
    this.#free = isStuffed ? 7 : 8;
  }
}

/** Of each state: the probability of the less likely, where it goes after either, and whether the two change places. */
const STATES: readonly (readonly number[])[] = [
  [0x5601, 1, 1, 1],
  [0x3401, 2, 6, 0],
  [0x1801, 3, 9, 0],
  [0x0ac1, 4, 12, 0],
  [0x0521, 5, 29, 0],
  [0x0221, 38, 33, 0],
  [0x5601, 7, 6, 1],
  [0x5401, 8, 14, 0],
  [0x4801, 9, 14, 0],
  [0x3801, 10, 14, 0],
  [0x3001, 11, 17, 0],
  [0x2401, 12, 18, 0],
  [0x1c01, 13, 20, 0],
  [0x1601, 29, 21, 0],
  [0x5601, 15, 14, 1],
  [0x5401, 16, 14, 0],
  [0x5101, 17, 15, 0],
  [0x4801, 18, 16, 0],
  [0x3801, 19, 17, 0],
  [0x3401, 20, 18, 0],
  [0x3001, 21, 19, 0],
  [0x2801, 22, 19, 0],
  [0x2401, 23, 20, 0],
  [0x2201, 24, 21, 0],
  [0x1c01, 25, 22, 0],
  [0x1801, 26, 23, 0],
  [0x1601, 27, 24, 0],
  [0x1401, 28, 25, 0],
  [0x1201, 29, 26, 0],
  [0x1101, 30, 27, 0],
  [0x0ac1, 31, 28, 0],
  [0x09c1, 32, 29, 0],
  [0x08a1, 33, 30, 0],
  [0x0521, 34, 31, 0],
  [0x0441, 35, 32, 0],
  [0x02a1, 36, 33, 0],
  [0x0221, 37, 34, 0],
  [0x0141, 38, 35, 0],
  [0x0111, 39, 36, 0],
  [0x0085, 40, 37, 0],
  [0x0049, 41, 38, 0],
  [0x0025, 42, 39, 0],
  [0x0015, 43, 40, 0],
  [0x0009, 44, 41, 0],
  [0x0005, 45, 42, 0],
  [0x0001, 45, 43, 0],
  [0x5601, 46, 46, 0],
];
