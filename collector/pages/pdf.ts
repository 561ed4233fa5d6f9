/** Pages of a PDF: the image that a scanner put in is taken out as it is; only where there is none is the page rendered. */
import { inflateSync } from 'node:zlib';
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFNumber, type PDFPage, PDFRawStream } from 'pdf-lib';
import type { GreyImage } from '../read/grey.ts';
import type { ReadingLimits } from '../reading.ts';
import { holdToPixels } from './decode.ts';
import { corrupt, limit, type Spot, unsupported } from './refusal.ts';

const RENDER_DPI = 300;
/** However large a page claims to be. */
const RENDER_SIDE_PIXELS_MAX = 5_000;
const RENDER_SIDE_PIXELS_MIN = 16;
/** A list of objects, or what a page draws, unpacked. */
const STREAM_BYTES_MAX = 64 * 1024 * 1024;
const CONTENT_BYTES_MAX = 1024 * 1024;
/** How far an image may miss the edges of its page and still be all of it. */
const FILL_TOLERANCE = 0.03;

export interface OpenPdf {
  pages: number;
  /** The JPEG of a page that consists of nothing else, with the quarter turns that the page asks for; null when it must be rendered. */
  embeddedJpeg(index: number, spot: Spot): { bytes: Uint8Array; quarters: number } | null;
  render(index: number, spot: Spot): Promise<GreyImage>;
  close(): void;
}

export async function openPdf(bytes: Uint8Array, limits: ReadingLimits, spot: Spot): Promise<OpenPdf> {
  refuseBombs(bytes, spot);
  const parsed = await parse(bytes);
  let renderer: Awaited<ReturnType<typeof openRenderer>> | null = null;
  // Without a structure that can be parsed, or behind an empty password, the renderer alone may still know the pages.
  if (!parsed) renderer = await openRenderer(bytes, spot);
  const pages = parsed?.getPageCount() ?? renderer?.pages ?? 0;
  return {
    pages,
    embeddedJpeg: (index, at) => (parsed ? embeddedJpeg(parsed.getPage(index), limits, at) : null),
    render: async (index, at) => {
      renderer ??= await openRenderer(bytes, spot);
      const grey = await renderer.render(index, limits, at);
      // The renderer leaves out what it cannot unpack, and says nothing: an empty page would be told where a full one was sent.
      if (parsed && isUniform(grey) && holdsPacked(parsed.getPage(index))) throw unsupported('compression', 'pdf', at);
      return grey;
    },
    close: () => renderer?.close(),
  };
}

async function parse(bytes: Uint8Array): Promise<PDFDocument | null> {
  try {
    const document = await PDFDocument.load(bytes, {
      updateMetadata: false,
      ignoreEncryption: true,
      throwOnInvalidObject: true,
    });
    // What is encrypted is only a number of bytes to us; pages that cannot be counted are no pages.
    return document.isEncrypted || document.getPageCount() === 0 ? null : document;
  } catch {
    return null;
  }
}

/** Lists of objects are unpacked by the parser without any limit of its own. */
function refuseBombs(bytes: Uint8Array, spot: Spot): void {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (const name of ['/ObjStm', '/XRef'])
    for (let at = file.indexOf(name); at >= 0; at = file.indexOf(name, at + 1)) {
      const start = file.indexOf('stream', at);
      if (start < 0 || start - at > 2_000) continue;
      const from = start + 6 + (file[start + 6] === 13 ? 2 : 1);
      const end = file.indexOf('endstream', from);
      try {
        inflateSync(file.subarray(from, end < 0 ? undefined : end), { maxOutputLength: STREAM_BYTES_MAX });
      } catch (error) {
        if ((error as { code?: string }).code === 'ERR_BUFFER_TOO_LARGE')
          limit('expandedBytes', STREAM_BYTES_MAX + 1, STREAM_BYTES_MAX, spot);
      }
    }
}

function embeddedJpeg(
  page: PDFPage,
  limits: ReadingLimits,
  spot: Spot,
): { bytes: Uint8Array; quarters: number } | null {
  try {
    const images = imagesOf(page);
    for (const { dict } of images) {
      const [width, height] = [numberOf(dict, 'Width'), numberOf(dict, 'Height')];
      holdToPixels(width, height, limits, spot);
    }
    const [image] = images;
    if (!image || images.length !== 1 || !isPlainJpeg(image) || !fillsPage(page)) return null;
    return { bytes: image.contents, quarters: (((page.getRotation().angle / 90) % 4) + 4) % 4 };
  } catch (error) {
    if (error instanceof Error && error.constructor.name === 'ScanRefusal') throw error;
    return null;
  }
}

function isUniform({ data }: GreyImage): boolean {
  const [first] = data;
  for (let at = 1; at < data.length; at++) if (data[at] !== first) return false;
  return true;
}

/** Ways to pack an image in which an empty page takes next to nothing. */
const DENSE_FILTERS = ['JBIG2Decode', 'CCITTFaxDecode', 'JPXDecode'];
const DENSE_BYTES_MIN = 2_000;

/** Whether the page has an image with more in it than an empty page would have. */
function holdsPacked(page: PDFPage): boolean {
  try {
    return imagesOf(page).some(({ dict, contents }) => {
      const filter = dict.lookup(PDFName.of('Filter'));
      const names = (filter instanceof PDFArray ? filter.asArray() : [filter]).map(String);
      return contents.length > DENSE_BYTES_MIN && names.some((name) => DENSE_FILTERS.includes(name.slice(1)));
    });
  } catch {
    return false;
  }
}

function imagesOf(page: PDFPage): PDFRawStream[] {
  const objects = page.node.Resources()?.lookupMaybe(PDFName.of('XObject'), PDFDict);
  if (!objects) return [];
  return objects.values().flatMap((reference) => {
    const object = page.doc.context.lookup(reference);
    return object instanceof PDFRawStream && object.dict.lookup(PDFName.of('Subtype')) === PDFName.of('Image')
      ? [object]
      : [];
  });
}

const numberOf = (dict: PDFDict, name: string): number =>
  dict.lookupMaybe(PDFName.of(name), PDFNumber)?.asNumber() ?? 0;

/** Grey or three colours, without a mask and with levels as they are: then the JPEG is the page. */
function isPlainJpeg({ dict }: PDFRawStream): boolean {
  const filter = dict.lookup(PDFName.of('Filter'));
  const only = filter instanceof PDFArray && filter.size() === 1 ? filter.lookup(0) : filter;
  if (only !== PDFName.of('DCTDecode')) return false;
  if (['SMask', 'Mask', 'Decode', 'ImageMask'].some((name) => dict.has(PDFName.of(name)))) return false;
  const space = dict.lookup(PDFName.of('ColorSpace'));
  if (space === PDFName.of('DeviceGray') || space === PDFName.of('DeviceRGB')) return true;
  if (!(space instanceof PDFArray) || space.lookup(0) !== PDFName.of('ICCBased')) return false;
  const profile = space.lookup(1);
  return profile instanceof PDFRawStream && [1, 3].includes(numberOf(profile.dict, 'N'));
}

/** Drawn once, upright, over all of the page, with no text that shows beside it. */
function fillsPage(page: PDFPage): boolean {
  const content = contentOf(page);
  if (content === null) return false;
  const isTextHidden = /\b3\s+Tr\b/.test(content);
  if (/\bT[jJ]\b/.test(content) && !isTextHidden) return false;
  const drawn = placesDrawn(content);
  const [place] = drawn;
  if (!place || drawn.length !== 1) return false;
  const { width, height } = page.getMediaBox();
  const [a, b, c, d] = place;
  const isClose = (one: number, other: number): boolean => Math.abs(one / Math.max(1, other) - 1) < FILL_TOLERANCE;
  return Math.abs(b) < 1 && Math.abs(c) < 1 && isClose(a, width) && isClose(d, height);
}

type Matrix = readonly [number, number, number, number];

/** What the matrix is wherever something is drawn, without its shift. */
function placesDrawn(content: string): Matrix[] {
  const drawn: Matrix[] = [];
  const kept: Matrix[] = [];
  let current: Matrix = [1, 0, 0, 1];
  let numbers: number[] = [];
  for (const token of content.split(/\s+/)) {
    const number = Number(token);
    if (token !== '' && Number.isFinite(number)) {
      numbers.push(number);
      continue;
    }
    if (token === 'q') kept.push(current);
    if (token === 'Q') current = kept.pop() ?? current;
    if (token === 'Do') drawn.push(current);
    if (token === 'cm') {
      const [a = 1, b = 0, c = 0, d = 1] = numbers.slice(-6);
      const [e, f, g, h] = current;
      current = [a * e + b * g, a * f + b * h, c * e + d * g, c * f + d * h];
    }
    if (!token.startsWith('/')) numbers = [];
  }
  return drawn;
}

function contentOf(page: PDFPage): string | null {
  const contents = page.node.Contents();
  const streams =
    contents instanceof PDFArray ? contents.asArray().map((one) => page.doc.context.lookup(one)) : [contents];
  let text = '';
  for (const stream of streams) {
    if (!(stream instanceof PDFRawStream)) return null;
    const filter = stream.dict.lookup(PDFName.of('Filter'));
    const only = filter instanceof PDFArray && filter.size() === 1 ? filter.lookup(0) : filter;
    if (only !== undefined && only !== PDFName.of('FlateDecode')) return null;
    const raw = only
      ? inflateSync(stream.contents, { maxOutputLength: CONTENT_BYTES_MAX })
      : Buffer.from(stream.contents);
    text += `${raw.toString('latin1')}\n`;
  }
  return text;
}

interface Renderer {
  pages: number;
  render: (index: number, limits: ReadingLimits, spot: Spot) => Promise<GreyImage>;
  close: () => void;
}

async function openRenderer(bytes: Uint8Array, spot: Spot): Promise<Renderer> {
  const library = await PDFiumLibrary.init();
  try {
    const document = await library.loadDocument(bytes);
    return {
      pages: document.getPageCount(),
      render: async (index, limits, at) => {
        const page = document.getPage(index);
        const { originalWidth, originalHeight } = page.getOriginalSize();
        const side = Math.max(originalWidth, originalHeight);
        if (!(side > 0)) throw corrupt('damaged', at);
        const scale = Math.min(RENDER_DPI / 72, RENDER_SIDE_PIXELS_MAX / side);
        if (Math.min(originalWidth, originalHeight) * scale < RENDER_SIDE_PIXELS_MIN) throw corrupt('damaged', at);
        holdToPixels(originalWidth * scale, originalHeight * scale, limits, at);
        const { data, width, height } = await page.render({ scale, colorSpace: 'Gray', render: 'bitmap' });
        return { width, height, data: new Uint8Array(data) };
      },
      close: () => {
        document.destroy();
        library.destroy();
      },
    };
  } catch (error) {
    library.destroy();
    const message = error instanceof Error ? error.message : '';
    if (/password|security/i.test(message)) throw unsupported('encrypted', 'pdf', spot);
    throw corrupt(isCutShort(bytes) ? 'truncated' : 'damaged', spot);
  }
}

const isCutShort = (bytes: Uint8Array): boolean =>
  !Buffer.from(bytes.subarray(Math.max(0, bytes.length - 2048)))
    .toString('latin1')
    .includes('%%EOF');
