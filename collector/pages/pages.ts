/** Pages out of whatever a scanner wrote, one after another; each trouble is the finding of its place, and the rest goes on. */
import jpegTurbo from '@julusian/jpeg-turbo';
import sharp from 'sharp';
import type { CollectorFinding } from '../finding.ts';
import { PAGE_MM } from '../form.ts';
import { callNative } from '../native-gate.ts';
import { type GreyImage, turn } from '../read/grey.ts';
import { findSquares, lookInto } from '../read/squares.ts';
import { type FileKind, READING_LIMITS, type ReadingLimits, type ReadPage } from '../reading.ts';
import { decodeBySharp, decodeJpeg } from './decode.ts';
import { openPdf } from './pdf.ts';
import { corrupt, limit, NOWHERE, ScanRefusal, type Spot, unsupported } from './refusal.ts';
import { sniff } from './sniff.ts';
import { type Expansion, openZip } from './zip.ts';

const JPEG_QUALITY = 92;
/** How far beside the middle of two pages, and how far into the image, the squares of either are looked for. */
const MIDDLE_MM = 36;
const CORNER_MM = 30;

export interface PageImage {
  number: number;
  path: string | null;
  grey: GreyImage;
  /** As it came where the file has it so, else packed anew. */
  image: ReadPage['image'];
  decodeMs: number;
}

export type PageEvent =
  /** What the file is, and how many pages it has as far as that can be told beforehand. */
  | { kind: 'opened'; file: FileKind; pages: number | null }
  /** Work on a page begins: what breaks now is its fault. */
  | { kind: 'begun'; number: number; path: string | null }
  | { kind: 'page'; page: PageImage }
  | { kind: 'finding'; finding: CollectorFinding };

export interface PagesRequest {
  limits?: Partial<ReadingLimits>;
  fromPage?: number;
  clock?: () => number;
}

/** Never throws for what is wrong with the file. */
export async function* pagesOf(bytes: Uint8Array, request: PagesRequest = {}): AsyncGenerator<PageEvent> {
  const run: Run = {
    limits: { ...READING_LIMITS, ...request.limits },
    fromPage: request.fromPage ?? 1,
    clock: request.clock ?? ((): number => 0),
    next: 1,
    expansion: { bytes: 0 },
  };
  try {
    limit('fileBytes', bytes.length, run.limits.fileBytesMax, NOWHERE);
    yield* pagesOfFile(bytes, run, null, 0);
  } catch (error) {
    yield { kind: 'finding', finding: findingOf(error, NOWHERE) };
  }
}

interface Run {
  limits: ReadingLimits;
  fromPage: number;
  clock: () => number;
  /** The number of the next page. */
  next: number;
  expansion: Expansion;
}

const findingOf = (error: unknown, spot: Spot): CollectorFinding =>
  error instanceof ScanRefusal ? error.finding : corrupt('damaged', spot).finding;

/** What one page of a file gives; asked for only when the page is wanted. */
type Source = () => Promise<{ grey: GreyImage; image: ReadPage['image'] | null }>;

async function* pagesOfFile(
  bytes: Uint8Array,
  run: Run,
  path: string | null,
  depth: number,
): AsyncGenerator<PageEvent> {
  const spot = { path, page: null };
  if (bytes.length === 0) throw corrupt('empty', spot);
  const sniffed = sniff(bytes);
  if (sniffed.kind === 'other') throw unsupported('kind', sniffed.looksLike, spot);
  const opened = (pages: number | null): PageEvent[] =>
    path === null ? [{ kind: 'opened', file: sniffed.kind, pages }] : [];
  switch (sniffed.kind) {
    case 'zip': {
      limit('archiveDepth', depth + 1, run.limits.archiveDepthMax, spot);
      const files = await openZip(bytes, run.limits, run.expansion, spot);
      if (path === null && isOffice(files.map((file) => file.path))) throw unsupported('kind', 'office', spot);
      if (files.length === 0) throw corrupt('empty', spot);
      yield* opened(null);
      for (const file of files) {
        try {
          yield* pagesOfFile(await file.open(), run, file.path, depth + 1);
        } catch (error) {
          yield { kind: 'finding', finding: findingOf(error, { path: file.path, page: null }) };
        }
      }
      return;
    }
    case 'pdf': {
      const pdf = await openPdf(bytes, run.limits, spot);
      try {
        if (pdf.pages === 0) throw corrupt('damaged', spot);
        limit('filePages', run.next - 1 + pdf.pages, run.limits.filePagesMax, spot);
        yield* opened(pdf.pages);
        for (let index = 0; index < pdf.pages; index++)
          yield* onePage(run, path, async () => {
            const at = { path, page: run.next };
            const embedded = pdf.embeddedJpeg(index, at);
            if (!embedded) return { grey: await pdf.render(index, at), image: null };
            const grey = await decodeJpeg(embedded.bytes, run.limits, at);
            const image: ReadPage['image'] = { bytes: embedded.bytes, type: 'image/jpeg' };
            return embedded.quarters === 0 ? { grey, image } : { grey: turn(grey, embedded.quarters), image: null };
          });
      } finally {
        pdf.close();
      }
      return;
    }
    case 'tiff': {
      const pages = await tiffPages(bytes, spot);
      limit('filePages', run.next - 1 + pages, run.limits.filePagesMax, spot);
      yield* opened(pages);
      for (let index = 0; index < pages; index++)
        yield* onePage(run, path, async () => ({
          grey: await decodeBySharp(bytes, run.limits, { path, page: run.next }, index),
          image: null,
        }));
      return;
    }
    case 'jpeg':
    case 'png': {
      const type = sniffed.kind === 'jpeg' ? 'image/jpeg' : 'image/png';
      limit('filePages', run.next, run.limits.filePagesMax, spot);
      yield* opened(1);
      yield* onePage(run, path, async () => ({
        grey: await decodeImage(bytes, run.limits, { path, page: run.next }),
        image: { bytes, type },
      }));
      return;
    }
    case 'webp':
      limit('filePages', run.next, run.limits.filePagesMax, spot);
      yield* opened(1);
      // Kept as JPEG: whoever opens the page later need not know this kind.
      yield* onePage(run, path, async () => ({
        grey: await decodeBySharp(bytes, run.limits, { path, page: run.next }, 0),
        image: null,
      }));
      return;
    default:
      sniffed satisfies never;
  }
}

/** One page, or the two that lie side by side on it. A page that was read before is passed over without being unpacked. */
async function* onePage(run: Run, path: string | null, source: Source): AsyncGenerator<PageEvent> {
  const number = run.next;
  if (number < run.fromPage) {
    run.next++;
    return;
  }
  yield { kind: 'begun', number, path };
  try {
    const start = run.clock();
    const { grey, image } = await source();
    const decodeMs = run.clock() - start;
    const halves = splitTwoUp(grey);
    run.next += halves?.length ?? 1;
    if (!halves) yield { kind: 'page', page: { number, path, grey, image: image ?? packed(grey), decodeMs } };
    else
      for (const [at, half] of halves.entries())
        yield { kind: 'page', page: { number: number + at, path, grey: half, image: packed(half), decodeMs } };
  } catch (error) {
    run.next = number + 1;
    yield { kind: 'finding', finding: findingOf(error, { path, page: number }) };
  }
}

/** A page image as it is kept: JPEG or PNG. Errors: ScanRefusal. */
export function decodeImage(bytes: Uint8Array, limits: ReadingLimits, spot: Spot): Promise<GreyImage> {
  const { kind } = sniff(bytes);
  if (kind === 'jpeg') return decodeJpeg(bytes, limits, spot);
  if (kind === 'png') return decodeBySharp(bytes, limits, spot, 0);
  throw unsupported('kind', kind, spot);
}

async function tiffPages(bytes: Uint8Array, spot: Spot): Promise<number> {
  try {
    return (await sharp(bytes, { limitInputPixels: false }).metadata()).pages ?? 1;
  } catch {
    throw corrupt('damaged', spot);
  }
}

const isOffice = (paths: readonly string[]): boolean =>
  paths.includes('[Content_Types].xml') || paths.includes('META-INF/manifest.xml');

export function packed(grey: GreyImage, quality = JPEG_QUALITY): ReadPage['image'] {
  const { width, height, data } = grey;
  const options = { width, height, format: jpegTurbo.FORMAT_GRAY, subsampling: jpegTurbo.SAMP_GRAY, quality };
  const bytes = callNative(() =>
    jpegTurbo.compressSync(Buffer.from(data.buffer, data.byteOffset, data.length), options),
  );
  return { bytes: new Uint8Array(bytes), type: 'image/jpeg' };
}

/** Two pages side by side on one image, which may lie on its side: each half has its own squares. */
function splitTwoUp(grey: GreyImage): [GreyImage, GreyImage] | null {
  const { width, height } = grey;
  const longer = Math.max(width, height);
  if (longer < Math.min(width, height) * 1.2 || longer > Math.min(width, height) * 1.7) return null;
  if (!meetInTheMiddle(grey)) return null;
  const isAcross = width > height;
  const middle = Math.floor(longer / 2);
  const halves: [GreyImage, GreyImage] = isAcross
    ? [part(grey, 0, 0, middle, height), part(grey, middle, 0, width - middle, height)]
    : [part(grey, 0, 0, width, middle), part(grey, 0, middle, width, height - middle)];
  return halves.every((half) => findSquares(half) !== null) ? halves : null;
}

/** Whether pages meet in the middle of the longer side: each has a square of its own beside it. Of a single page that place is empty. */
function meetInTheMiddle(grey: GreyImage): boolean {
  const { width, height } = grey;
  // Of a page that takes half of the image.
  const perMm = Math.min(width, height) / PAGE_MM.height;
  const [reach, depth] = [MIDDLE_MM * perMm, CORNER_MM * perMm];
  const isAcross = width > height;
  const middle = Math.max(width, height) / 2;
  return [0, Math.min(width, height) - depth].some((edge) => {
    const zone = isAcross
      ? { left: middle - reach, top: edge, width: 2 * reach, height: depth }
      : { left: edge, top: middle - reach, width: depth, height: 2 * reach };
    const places = lookInto(grey, zone, perMm)(0.5).map(({ x, y }) => (isAcross ? x : y));
    return places.some((place) => place < middle) && places.some((place) => place > middle);
  });
}

function part({ width, data }: GreyImage, left: number, top: number, partWidth: number, partHeight: number): GreyImage {
  const piece = new Uint8Array(partWidth * partHeight);
  for (let row = 0; row < partHeight; row++) {
    const from = (top + row) * width + left;
    piece.set(data.subarray(from, from + partWidth), row * partWidth);
  }
  return { width: partWidth, height: partHeight, data: piece };
}
