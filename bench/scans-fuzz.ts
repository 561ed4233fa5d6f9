/**
 * Mutated files through the Collector's workers: `--files` of them, seeded, of every kind that scanners and ill-wishers write. Every one must
 * end with pages or with findings by name; none may throw, stall, end the program, or leave its memory behind. `--file N` is one of them alone.
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { deflateSync } from 'node:zlib';
import { PDFDocument } from 'pdf-lib';
import sharp, { type Sharp } from 'sharp';
import { Chance } from '#chance/chance.ts';
import { packJpeg } from '#collector/degrade/kinds.ts';
import { filledPages } from '#collector/degrade/paper.ts';
import { FORMS } from '#collector/forms/index.ts';
import { type GreyImage, turn } from '#collector/read/grey.ts';
import { jbig2ByFax, jbig2Of } from '#collector/testing-jbig2.ts';
import { faxOf, pdfAround, pdfOf, tiffOf, zipOf } from '#collector/testing.ts';
import { createCollector } from '#collector/workers.ts';

const FILES = 10_000;
const SEED = 1;
/** Small pages: what breaks does so at any size, and ten thousand of them have to be read. */
const DPI = 60;
const THREADS = 2;
/** A page that takes longer is set aside, a file that takes longer before its first page is given up, and either is told by name. */
const PAGE_MS_MAX = 10_000;
const OPEN_MS_MAX = 10_000;
/** A file that takes longer than all its pages may is a fault. */
const FILE_MS_MAX = 60_000;
const PAGES_MAX = 20;
/** Where heads and directories stand, mutations break more. */
const HEAD_BYTES = 2_000;
/** Files after which the workers have whatever memory they need to work. */
const SETTLED_FILES = 1_000;

export async function run({
  json,
  flags,
}: {
  json: boolean;
  flags: Record<string, string>;
}): Promise<Record<string, unknown>> {
  const files = Number(flags['files'] ?? FILES);
  const seed = Number(flags['seed'] ?? SEED);
  const sources = await sourcesOf(seed);
  const collector = createCollector({ threads: THREADS, openMsMax: OPEN_MS_MAX });
  const tally: Tally = { pages: 0, silent: 0, outcomes: {}, kinds: {}, mutations: {} };
  const faults: string[] = [];
  /** Pages that were given up at their limit of time or memory, as they are to be. */
  const setAside: string[] = [];
  const slowest = { ms: 0, file: '' };
  let settledMb: number | null = null;
  const start = performance.now();

  const one = async (turn: number): Promise<void> => {
    const chance = new Chance(seed, `file ${turn}`);
    const source = chance.oneOf(sources);
    const { bytes, names } = mutated(source, sources, chance);
    const name = `${turn}: ${source.name}, ${names.join(' ')}`;
    countUp(tally.kinds, source.name);
    for (const mutation of names) countUp(tally.mutations, mutation);
    const began = performance.now();
    let given = 0;
    try {
      const limits = { pageMsMax: PAGE_MS_MAX, filePagesMax: PAGES_MAX };
      const signal = AbortSignal.timeout(FILE_MS_MAX);
      const { findings } = await collector.readFile(bytes, { forms: FORMS, limits, signal }, () => {
        given++;
      });
      tally.pages += given;
      if (given > 0 && findings.length === 0) countUp(tally.outcomes, 'read');
      if (given === 0 && findings.length === 0) {
        tally.silent++;
        faults.push(`${name}: neither pages nor findings`);
      }
      for (const { code, data } of findings) {
        const reason = 'reason' in data ? data.reason : 'limit' in data ? data.limit : '';
        countUp(tally.outcomes, `${code} ${reason}`);
        if (code === 'PAGE_SET_ASIDE') (reason === 'crashed' ? faults : setAside).push(`${name}: a page was ${reason}`);
      }
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
    const ms = performance.now() - began;
    if (ms > slowest.ms) Object.assign(slowest, { ms: Math.round(ms), file: name });
  };

  // One alone, to see what is the matter with it.
  const alone = flags['file'] === undefined ? null : Number(flags['file']);
  let next = alone ?? 0;
  const end = alone === null ? files : alone + 1;
  const lane = async (): Promise<void> => {
    while (next < end) {
      const turn = next++;
      await one(turn);
      if (turn === Math.min(SETTLED_FILES, files - 1)) settledMb = residentMb();
      if (!json && turn % 500 === 0) console.log(`${turn} files, ${tally.pages} pages, ${faults.length} faults`);
    }
  };
  await Promise.all(Array.from({ length: THREADS }, lane));
  const endMb = residentMb();
  await collector.close();
  return {
    ...{ seed, files, seconds: Math.round((performance.now() - start) / 1000), ...tally },
    ...{ faults: faults.length, firstFaults: faults.slice(0, 20), setAside: setAside.slice(0, 20), slowest },
    memory: { settledAfter: SETTLED_FILES, settledMb, endMb },
  };
}

interface Tally {
  pages: number;
  /** Files with neither pages nor findings. */
  silent: number;
  outcomes: Record<string, number>;
  kinds: Record<string, number>;
  mutations: Record<string, number>;
}

function countUp(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

const residentMb = (): number => Math.round(process.memoryUsage().rss / 1024 / 1024);

/* ---- what is mutated ---- */

interface Source {
  name: string;
  bytes: Uint8Array;
}

async function sourcesOf(seed: number): Promise<Source[]> {
  const [first, second] = await filledPages(2, DPI, seed);
  if (!first || !second) throw new Error('no pages');
  const [page, other] = [first.image, second.image];
  const one = new Uint8Array(packJpeg(page, 80));
  const two = new Uint8Array(packJpeg(other, 80));
  const pdf = await pdfOf([one, two]);
  const fixture = (name: string): Uint8Array =>
    readFileSync(new URL(`../collector/pages/fixtures/${name}.tif`, import.meta.url));
  const made: Record<string, Uint8Array | Promise<Uint8Array>> = {
    ...(await jpegs(page, one)),
    ...(await pngs(page)),
    ...(await tiffs(page, other)),
    'TIFF, group 3': fixture('g3'),
    'TIFF, group 3 in two dimensions': fixture('g32d'),
    'PDF of JPEG': pdf,
    'PDF with lists of objects': listed(pdf),
    'PDF that only its owner may change': pdfOf([one], { ownerPassword: 'secret' }),
    'PDF behind a password': pdfOf([one], { userPassword: 'secret' }),
    'PDF of JBIG2': pdfAround(jbig2Of(page), page, 'JBIG2Decode'),
    'PDF of JBIG2 by group 4': pdfAround(await jbig2ByFax(page), page, 'JBIG2Decode'),
    'PDF of plain pixels': pdfAround(deflateSync(page.data), page, 'FlateDecode', 8),
    'PDF with a bomb': pdfBomb(),
    'PDF cut off': pdf.subarray(0, Math.floor(pdf.length * 0.7)),
    ZIP: zipOf([
      { name: 'a.jpg', content: one },
      { name: 'folder/b.pdf', content: pdf },
    ]),
    'ZIP with wrong endings': zipOf([
      { name: 'a.pdf', content: one },
      { name: 'b.tif', content: await pngOf(page) },
      { name: 'c.jpg', content: Buffer.from('text') },
    ]),
    'ZIP within a ZIP': zipOf([{ name: 'b.zip', content: zipOf([{ name: 'a.jpg', content: one }]) }]),
    'ZIP with names that lead out': zipOf([{ name: '../../a.jpg', content: one }]),
    'ZIP with a bomb': zipOf([{ name: 'a.tif', content: new Uint8Array(20 * 1024 * 1024) }]),
    'ZIP that lies about sizes': zipOf([{ name: 'a.jpg', content: one, declaredBytes: 1_000 }]),
    WebP: webpOf(page),
    GIF: gifOf(page),
    HEIC: Buffer.from('\0\0\0\u0018ftypheic\0\0\0\0mif1heic'),
    text: Buffer.from('Просто письмо'),
  };
  return Promise.all(Object.entries(made).map(async ([name, bytes]) => ({ name, bytes: new Uint8Array(await bytes) })));
}

const raw = ({ width, height, data }: GreyImage): Sharp => sharp(data, { raw: { width, height, channels: 1 } });
const pngOf = async (page: GreyImage): Promise<Uint8Array> => new Uint8Array(await raw(page).png().toBuffer());
const webpOf = (page: GreyImage): Promise<Uint8Array> => raw(page).webp({ quality: 80 }).toBuffer();
const gifOf = (page: GreyImage): Promise<Uint8Array> => raw(page).gif().toBuffer();

async function jpegs(page: GreyImage, plain: Uint8Array): Promise<Record<string, Uint8Array>> {
  const lying = raw(turn(page, 1));
  const wide = sharp({ create: { width: 30_000, height: 40, channels: 3, background: '#fff' } });
  return {
    JPEG: plain,
    'JPEG, progressive': await raw(page).jpeg({ progressive: true }).toBuffer(),
    'JPEG, colours for print': await raw(page).toColourspace('cmyk').jpeg().toBuffer(),
    'JPEG, turned by its own account': await lying.withMetadata({ orientation: 8 }).jpeg().toBuffer(),
    'JPEG, 30,000 pixels wide': await wide.jpeg().toBuffer(),
    'JPEG of two pages side by side': packJpeg(sideBySide(page), 80),
    'JPEG on its side': packJpeg(turn(page, 1), 80),
  };
}

async function pngs(page: GreyImage): Promise<Record<string, Uint8Array>> {
  return {
    PNG: await pngOf(page),
    'PNG, 16 bits': await raw(page).toColourspace('rgb16').png().toBuffer(),
    'PNG, see-through': await raw(page).toColourspace('srgb').ensureAlpha(0.9).png().toBuffer(),
    'PNG, interlaced': await raw(page).png({ progressive: true }).toBuffer(),
    'PNG, palette': await raw(page).png({ palette: true, colours: 4 }).toBuffer(),
  };
}

async function tiffs(page: GreyImage, other: GreyImage): Promise<Record<string, Uint8Array>> {
  return {
    'TIFF of two pages': tiffOf([page, other]),
    'TIFF of pages of several sizes': tiffOf([page, turn(other, 1)]),
    'TIFF, 16 bits': tiffOf([page], 16),
    BigTIFF: tiffOf([page, other], 8, true),
    'TIFF, group 4': await faxOf(page),
    'TIFF, LZW': await raw(page).tiff({ compression: 'lzw' }).toBuffer(),
    'TIFF, deflate in tiles': await raw(page).tiff({ compression: 'deflate', tile: true }).toBuffer(),
    'TIFF, JPEG': await raw(page).tiff({ compression: 'jpeg' }).toBuffer(),
    'TIFF, colours for print': await raw(page).toColourspace('cmyk').tiff({ compression: 'lzw' }).toBuffer(),
  };
}

function sideBySide({ width, height, data }: GreyImage): GreyImage {
  const both = new Uint8Array(width * 2 * height);
  for (let row = 0; row < height * 2; row++) {
    const from = (row >> 1) * width;
    both.set(data.subarray(from, from + width), row * width);
  }
  return { width: width * 2, height, data: both };
}

async function listed(pdf: Uint8Array): Promise<Uint8Array> {
  return (await PDFDocument.load(pdf)).save({ useObjectStreams: true });
}

function pdfBomb(): Uint8Array {
  const packed = deflateSync(new Uint8Array(65 * 1024 * 1024));
  const head = `%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`;
  return Buffer.concat([Buffer.from(head), packed, Buffer.from('\nendstream\nendobj\n%%EOF')]);
}

/* ---- how ---- */

type Mutation = (bytes: Uint8Array, chance: Chance, sources: readonly Source[]) => Uint8Array;

/** Half of all places lie in the head. */
const placeIn = (bytes: Uint8Array, chance: Chance): number =>
  chance.below(chance.happens(0.5) ? Math.min(HEAD_BYTES, bytes.length) : bytes.length);

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = new Uint8Array(bytes);
  change(copy);
  return copy;
};
const joined = (...parts: Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

/** Figures at which sums overflow. */
const EXTREMES = [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

const MUTATIONS: Readonly<Record<string, Mutation>> = {
  byte: (bytes, chance) => changed(bytes, (copy) => (copy[placeIn(copy, chance)] = chance.below(256))),
  bit: (bytes, chance) =>
    changed(bytes, (copy) => {
      const at = placeIn(copy, chance);
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
    }),
  extreme: (bytes, chance) =>
    changed(bytes, (copy) => {
      const size = chance.oneOf([1, 2, 4] as const);
      if (copy.length < 4) return;
      const at = Math.min(placeIn(copy, chance), copy.length - 4);
      const value = chance.oneOf(EXTREMES) % 2 ** (8 * size);
      const view = Buffer.from(copy.buffer);
      if (chance.happens(0.5)) view.writeUIntLE(value, at, size);
      else view.writeUIntBE(value, at, size);
    }),
  zeros: (bytes, chance) =>
    changed(bytes, (copy) => {
      const at = placeIn(copy, chance);
      copy.fill(0, at, at + chance.below(64));
    }),
  copied: (bytes, chance) =>
    changed(bytes, (copy) => {
      const from = placeIn(copy, chance);
      copy.copyWithin(placeIn(copy, chance), from, from + chance.below(64));
    }),
  removed: (bytes, chance) => {
    const at = placeIn(bytes, chance);
    return joined(bytes.subarray(0, at), bytes.subarray(at + chance.below(64)));
  },
  inserted: (bytes, chance) => {
    const at = placeIn(bytes, chance);
    const piece = Uint8Array.from({ length: chance.below(64) }, () => chance.below(256));
    return joined(bytes.subarray(0, at), piece, bytes.subarray(at));
  },
  'cut off': (bytes, chance) => bytes.slice(0, placeIn(bytes, chance)),
  spliced: (bytes, chance, sources) => {
    const { bytes: other } = chance.oneOf(sources);
    return joined(bytes.subarray(0, placeIn(bytes, chance)), other.subarray(placeIn(other, chance)));
  },
};
const GENTLE = ['byte', 'bit', 'extreme', 'zeros', 'copied', 'removed', 'inserted'];

function mutated(source: Source, sources: readonly Source[], chance: Chance): { bytes: Uint8Array; names: string[] } {
  const names = Array.from({ length: chance.whole(1, 5) }, () => chance.oneOf(GENTLE));
  if (chance.happens(0.06)) names.push('cut off');
  if (chance.happens(0.04)) names.push('spliced');
  let { bytes } = source;
  for (const name of names) bytes = MUTATIONS[name]?.(bytes, chance, sources) ?? bytes;
  return { bytes, names };
}
