/** A scanner in a process of its own: renders printed pages, marks and spoils them, and writes them as a scanner does. */
import { readFile, writeFile } from 'node:fs/promises';
import { chanceOf } from '#collector/degrade/chance.ts';
import { DEGRADATIONS, packJpeg } from '#collector/degrade/kinds.ts';
import { dot, fillBubble, fillIn } from '#collector/degrade/hand.ts';
import { openPdf } from '#collector/degrade/paper.ts';
import type { Box } from '#collector/form.ts';
import { FORMS } from '#collector/forms/index.ts';
import { DATAMATRIX_BOX, QR_BOX, TWIN_BOX } from '#collector/layout.ts';
import type { GreyImage } from '#collector/read/grey.ts';
import { pdfOf } from '#collector/testing.ts';
import { isPrinted, type PrintedSheet, type Sheet } from './pile.ts';

/** What the scanner is asked for: one file. */
export interface ScanAsked {
  path: string;
  dpi: number;
  sheets: readonly Sheet[];
}

const JPEG_QUALITY = 70;
const PALE_LEVEL = 196;
const PEN_LEVEL = 0;
const opened = new Map<string, ReturnType<typeof openPdf>>();

async function scanned(sheet: PrintedSheet, dpi: number): Promise<Buffer> {
  const document = await (opened.get(sheet.pdf) ?? open(sheet.pdf, dpi));
  const image = await document.render(sheet.at);
  mark(image, sheet, dpi);
  const kind = DEGRADATIONS.find(({ name }) => name === sheet.spoilt);
  if (!kind) throw new Error(`no kind ${sheet.spoilt}`);
  return packJpeg(kind.apply(image, chanceOf(sheet.seed), dpi / 25.4), JPEG_QUALITY);
}

async function open(pdf: string, dpi: number): ReturnType<typeof openPdf> {
  const opening = readFile(pdf).then((bytes) => openPdf(bytes, dpi));
  opened.set(pdf, opening);
  return opening;
}

function mark(image: GreyImage, { code, marks, harm, isWritten, seed }: PrintedSheet, dpi: number): void {
  const chance = chanceOf(seed);
  const page = FORMS.find(({ number }) => number === code.form)?.pages.find(({ number }) => number === code.page);
  if (!page) throw new Error(`no page ${code.page} of form ${code.form}`);
  const isPale = (field: string): boolean => harm?.kind === 'paleMark' && harm.field === field;
  fillIn(image, page, dpi, chance, {
    choose({ key }) {
      const option = marks[key];
      return option === undefined || isPale(key) ? null : { option };
    },
    writes: () => isWritten,
  });
  for (const field of page.fields) {
    if (field.kind !== 'choice') continue;
    for (const { key, box } of field.options) {
      if (harm?.kind === 'twoMarks' && harm.field === field.key && harm.other === key)
        fillBubble(image, box, dpi, chance);
      if (isPale(field.key) && marks[field.key] === key) fillBubble(image, box, dpi, chance, PALE_LEVEL);
    }
  }
  if (harm?.kind === 'codesCovered')
    for (const box of [DATAMATRIX_BOX, TWIN_BOX, QR_BOX]) cover(image, box, dpi / 25.4);
}

/** A felt pen to and fro until nothing is to be seen. */
function cover(image: GreyImage, box: Box, perMm: number): void {
  for (let y = box.y - 1; y < box.y + box.height + 1; y += 0.6)
    for (let x = box.x - 1; x < box.x + box.width + 1; x += 0.6) dot(image, x * perMm, y * perMm, perMm, PEN_LEVEL);
}

/** Nothing is printed on it; paper is not wholly white. */
function blank(dpi: number): Buffer {
  const [width, height] = [Math.round((210 / 25.4) * dpi), Math.round((297 / 25.4) * dpi)];
  return packJpeg({ width, height, data: new Uint8Array(width * height).fill(250) }, JPEG_QUALITY);
}

process.on('message', ({ path, dpi, sheets }: ScanAsked) => {
  void (async () => {
    const jpegs: Buffer[] = [];
    for (const sheet of sheets) {
      const jpeg = isPrinted(sheet) ? await scanned(sheet, dpi) : blank(dpi);
      jpegs.push(jpeg, ...(isPrinted(sheet) && sheet.isTwice ? [jpeg] : []));
    }
    await writeFile(path, await pdfOf(jpegs));
    process.send?.('written');
  })();
});
process.on('disconnect', () => process.exit(0));
