/** Pages as PDF, written piece by piece: nothing but the page at hand is kept, so ten thousand cost no more memory than ten. */
import { createRequire } from 'node:module';
import PDFDocument from 'pdfkit';
import { encode as encodeQr } from 'uqr';
import { encode, type HolderKind, spell } from '../code.ts';
import { datamatrixOf, MODULES } from '../codes/datamatrix.ts';
import {
  boxesOf,
  type Box,
  FIELD_AREA_MM,
  type FormDefinition,
  type FormField,
  type FormPage,
  type MarkOption,
} from '../form.ts';
import { DATAMATRIX_BOX, QR_BOX, SQUARE_CENTRES, SQUARE_MM, TWIN_BOX } from '../layout.ts';
import type { PrintItem, PrintJob, PrintWords } from '../reading.ts';

export const PRINT_PAGES_MAX = 20_000;
const POINTS_PER_MM = 72 / 25.4;
const INK = '#000000';
/** Light enough that an empty bubble with its letter is no mark. */
const OUTLINE = '#707070';
const LETTER = '#a8a8a8';
const LINE_MM = 0.2;
/** A label of so many signs stands inside the bubble, a longer one to its right. */
const INSIDE_CHARS_MAX = 1;
/** Pieces are handed over when they have come to this much. */
const PIECE_BYTES = 256 * 1024;

const require = createRequire(import.meta.url);
type Document = InstanceType<typeof PDFDocument>;

/** Errors: RangeError for more pages than allowed; ZodError for figures that no code can carry; the signal's reason. */
export async function print(
  job: PrintJob,
  take: (piece: Uint8Array, pagesDone: number) => void | Promise<void>,
): Promise<{ pages: number }> {
  const document = openDocument(job.words.title);
  const pieces = collectPieces(document);
  let pages = 0;
  for await (const item of job.items) {
    for (const page of item.form.pages) {
      if (item.pages && !item.pages.includes(page.number)) continue;
      job.signal?.throwIfAborted();
      if (++pages > (job.pagesMax ?? PRINT_PAGES_MAX))
        throw new RangeError(`more than ${job.pagesMax ?? PRINT_PAGES_MAX} pages`);
      document.addPage();
      drawPage(document, item, page, job.words);
      document.flushPages();
    }
    for (const piece of pieces.taken(PIECE_BYTES)) await take(piece, pages);
    // Compressed streams come by callbacks; without a turn of the loop they would all wait until the end.
    await new Promise((resolve) => setImmediate(resolve));
  }
  // A file of no page at all is not a PDF.
  if (pages === 0) document.addPage();
  document.end();
  await pieces.ended;
  for (const piece of pieces.taken(0)) await take(piece, pages);
  return { pages };
}

function openDocument(title: string): Document {
  const document = new PDFDocument({
    ...{ size: 'A4', margin: 0, autoFirstPage: false, lang: 'ru', info: { Title: title } },
  });
  document.registerFont('text', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'));
  document.registerFont('bold', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf'));
  document.registerFont('mono', require.resolve('dejavu-fonts-ttf/ttf/DejaVuSansMono-Bold.ttf'));
  return document;
}

function collectPieces(document: Document): { taken: (bytesMin: number) => Uint8Array[]; ended: Promise<void> } {
  let waiting: Buffer[] = [];
  let bytes = 0;
  document.on('data', (chunk: Buffer) => {
    waiting.push(chunk);
    bytes += chunk.length;
  });
  return {
    taken: (bytesMin) => {
      if (bytes === 0 || bytes < bytesMin) return [];
      const piece = new Uint8Array(Buffer.concat(waiting));
      waiting = [];
      bytes = 0;
      return [piece];
    },
    ended: new Promise((resolve, reject) => {
      document.on('end', resolve);
      document.on('error', reject);
    }),
  };
}

const points = (mm: number): number => mm * POINTS_PER_MM;

function drawPage(document: Document, item: PrintItem, page: FormPage, words: PrintWords): void {
  const { procedure, institution, holder, form } = item;
  const text = encode({ procedure, institution, holder, form: form.number, version: form.version, page: page.number });
  for (const centre of SQUARE_CENTRES)
    fillRectangles(document, [
      { x: centre.x - SQUARE_MM / 2, y: centre.y - SQUARE_MM / 2, width: SQUARE_MM, height: SQUARE_MM },
    ]);
  const modules = datamatrixOf(text);
  fillModules(document, DATAMATRIX_BOX, MODULES, (at) => modules[at] ?? false);
  fillModules(document, TWIN_BOX, MODULES, (at) => modules[at] ?? false);
  const qr = encodeQr(text, { ecc: 'H', border: 0 });
  fillModules(document, QR_BOX, qr.size, (at) => qr.data[Math.floor(at / qr.size)]?.[at % qr.size] ?? false);
  drawHead(document, item, page, words, text);
  for (const field of page.fields) drawField(document, field, item.rows ?? []);
  if (page.fields.some((field) => field.kind === 'choice' && field.correction))
    drawCorrectionHeads(document, page, words);
}

function fillModules(document: Document, box: Box, size: number, isDark: (at: number) => boolean): void {
  const module = box.width / size;
  const runs: Box[] = [];
  for (let row = 0; row < size; row++)
    for (let from = 0; from < size; from++) {
      let to = from;
      while (to < size && isDark(row * size + to)) to++;
      if (to === from) continue;
      runs.push({
        ...{ x: box.x + from * module, y: box.y + row * module },
        ...{ width: (to - from) * module, height: module },
      });
      from = to;
    }
  fillRectangles(document, runs);
}

function fillRectangles(document: Document, boxes: readonly Box[]): void {
  for (const { x, y, width, height } of boxes) document.rect(points(x), points(y), points(width), points(height));
  document.fill(INK);
}

interface Place {
  font: 'text' | 'bold' | 'mono';
  size: number;
  color?: string;
  align?: 'left' | 'right' | 'center';
  height?: number;
}

/** Millimetres; whatever is too long for its place ends in an ellipsis. */
function write(document: Document, text: string, x: number, y: number, width: number, place: Place): void {
  document
    .font(place.font)
    .fontSize(place.size)
    .fillColor(place.color ?? INK);
  document.text(text, points(x), points(y), {
    width: points(width),
    height: points(place.height ?? place.size / POINTS_PER_MM + 1),
    ...{ align: place.align ?? 'left', ellipsis: true, lineGap: 0 },
  });
}

function drawHead(document: Document, item: PrintItem, page: FormPage, words: PrintWords, text: string): void {
  const { form, holder, lines } = item;
  write(document, form.title, 18, 10, 148, { font: 'bold', size: 12 });
  for (const [at, line] of lines.slice(0, 2).entries())
    write(document, line, 18, 17 + at * 4.5, 148, { font: 'text', size: 8 });
  const { participant, spare, room, batch } = words;
  const holders: Record<HolderKind, string> = { participant, spare, room, batch };
  write(document, `${holders[holder.kind]} ${holder.number}`, 18, 27, 90, { font: 'bold', size: 11 });
  write(document, spell(text), 110, 31, 82, { font: 'mono', size: 9.5, align: 'right' });
  write(document, page.instruction, 18, 37, 174, { font: 'text', size: 8, height: 8 });
  const pageOf = words.pageOf.replace('{page}', String(page.number)).replace('{pages}', String(form.pages.length));
  write(document, spell(text), 44, 273, 122, { font: 'mono', size: 9.5, align: 'center' });
  write(document, `${pageOf} · ${versionOf(form)}`, 44, 279, 122, { font: 'text', size: 7, align: 'center' });
}

const versionOf = (form: FormDefinition): string => `${form.id}-${form.version}`;

function drawField(document: Document, field: FormField, rows: readonly string[]): void {
  switch (field.kind) {
    case 'choice':
    case 'attendance': {
      const row =
        field.kind === 'attendance' && field.row !== null
          ? `${field.label}.  ${rows[field.row - 1] ?? ''}`
          : field.label;
      drawRowLabel(document, row, field.options);
      drawOptions(document, field.options);
      if (field.kind === 'choice' && field.correction) drawOptions(document, field.correction);
      return;
    }
    case 'freeAnswer':
    case 'text': {
      const { x, y, width, height } = field.box;
      write(document, field.label, x, y - 4.2, width, { font: 'text', size: 7.5 });
      document.lineWidth(points(LINE_MM)).strokeColor(OUTLINE);
      document.rect(points(x), points(y), points(width), points(height)).stroke();
      return;
    }
    default:
      field satisfies never;
  }
}

/** Before the first option; a number close to it, words from the edge of the area. */
function drawRowLabel(document: Document, label: string, options: readonly MarkOption[]): void {
  const [first] = options;
  if (!first) return;
  const { x, y, height } = first.box;
  const top = y + height / 2 - 1.7;
  if (label.length <= 3) write(document, label, x - 10, top, 8, { font: 'bold', size: 9, align: 'right' });
  else write(document, label, FIELD_AREA_MM.x, top, x - FIELD_AREA_MM.x - 3, { font: 'text', size: 9 });
}

function drawOptions(document: Document, options: readonly MarkOption[]): void {
  for (const { label, box } of options) {
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    document.lineWidth(points(LINE_MM)).strokeColor(OUTLINE);
    document.circle(points(x), points(y), points(box.width / 2 - LINE_MM)).stroke();
    if (label.length <= INSIDE_CHARS_MAX)
      write(document, label, box.x, y - 1.3, box.width, { font: 'text', size: 6.5, color: LETTER, align: 'center' });
    else write(document, label, box.x + box.width + 1.5, y - 1.5, 24, { font: 'text', size: 8 });
  }
}

/** Said once above each column of corrections. */
function drawCorrectionHeads(document: Document, page: FormPage, words: PrintWords): void {
  const tops = new Map<number, number>();
  for (const field of page.fields) {
    if (field.kind !== 'choice' || !field.correction) continue;
    const [box] = boxesOf({ ...field, options: field.correction, correction: null });
    if (box) tops.set(box.x, Math.min(tops.get(box.x) ?? box.y, box.y));
  }
  for (const [x, y] of tops) write(document, words.correction, x, y - 5, 34, { font: 'text', size: 8 });
}
