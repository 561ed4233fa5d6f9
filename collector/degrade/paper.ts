/** Pages as they are before anything happens to them: printed, rendered and filled in, with what is true of them. */
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { encode, type PageCode } from '../code.ts';
import { type Box, boxesOf, type FormDefinition, type FormPage } from '../form.ts';
import { FORMS } from '../forms/index.ts';
import { print } from '../print/print.ts';
import type { GreyImage } from '../read/grey.ts';
import type { PrintWords } from '../reading.ts';
import { between, type Chance, chanceOf } from './chance.ts';

export interface FilledPage {
  image: GreyImage;
  dpi: number;
  code: PageCode;
  text: string;
  /** What each choice and attendance says: the key of the option, or null for none. */
  truth: Record<string, string | null>;
}

const WORDS: PrintWords = {
  ...{ title: 'Бланки', pageOf: 'Страница {page} из {pages}', correction: 'Замена' },
  ...{ participant: 'Участник', spare: 'Запасной', room: 'Аудитория', batch: 'Пачка' },
};
/** Most pages of a batch are answers. */
const MIX = [0, 0, 0, 1, 2, 0, 3, 0, 4, 0];

/** Pages of fictitious participants; the same for the same seed. */
export async function filledPages(count: number, dpi: number, seed: number): Promise<FilledPage[]> {
  const chance = chanceOf(seed);
  const sheets = Array.from({ length: count }, (_, at) => {
    const form = FORMS[MIX[at % MIX.length] ?? 0] ?? FORMS[0];
    if (!form) throw new Error('there is no form');
    const page = form.pages[at % 3 === 2 ? form.pages.length - 1 : 0] ?? form.pages[0];
    if (!page) throw new Error('there is no page');
    const code: PageCode = {
      ...{ procedure: Math.floor(between(chance, 1, 60_000)), institution: Math.floor(between(chance, 1, 100_000)) },
      holder: { kind: HOLDERS[form.purpose], number: Math.floor(between(chance, 1, 9_999)) },
      ...{ form: form.number, version: form.version, page: page.number },
    };
    return { form, page, code };
  });
  const pieces: Uint8Array[] = [];
  await print(
    {
      words: WORDS,
      items: sheets.map(({ form, page, code: { procedure, institution, holder } }) => ({
        ...{ form, procedure, institution, holder, pages: [page.number], lines: ['Колледж (вымышленный)'] },
      })),
    },
    (piece) => void pieces.push(piece),
  );
  const images = await renderPdf(Buffer.concat(pieces), dpi);
  return sheets.map(({ page, code }, at) => {
    const image = images[at];
    if (!image) throw new Error(`page ${at} was not rendered`);
    const truth = fillIn(image, page, dpi, chance);
    return { image, dpi, code, text: encode(code), truth };
  });
}

const HOLDERS = {
  ...{ answers: 'participant', protocol: 'room', attendance: 'room', cover: 'batch', spare: 'spare' },
} as const satisfies Record<FormDefinition['purpose'], PageCode['holder']['kind']>;

export async function renderPdf(bytes: Uint8Array, dpi: number): Promise<GreyImage[]> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  const images: GreyImage[] = [];
  for (const page of document.pages()) {
    const { data, width, height } = await page.render({ scale: dpi / 72, colorSpace: 'Gray', render: 'bitmap' });
    images.push({ width, height, data: data.length === width * height ? data : greyOf(data, width * height) });
  }
  document.destroy();
  library.destroy();
  return images;
}

function greyOf(data: Uint8Array, pixels: number): Uint8Array {
  const channels = data.length / pixels;
  return Uint8Array.from({ length: pixels }, (_, at) => data[at * channels + 1] ?? 0);
}

/** Fills bubbles and boxes as a hurried hand would. */
function fillIn(image: GreyImage, page: FormPage, dpi: number, chance: Chance): Record<string, string | null> {
  const truth: Record<string, string | null> = {};
  for (const field of page.fields) {
    if (field.kind === 'freeAnswer' || field.kind === 'text') {
      if (chance() < 0.6) scribble(image, field.box, dpi, chance);
      truth[field.key] = null;
      continue;
    }
    const isLeft = chance() < 0.1;
    const option = field.options[Math.floor(chance() * field.options.length)];
    if (isLeft || !option || (field.kind === 'attendance' && field.row === null && chance() < 0.9)) {
      truth[field.key] = null;
      continue;
    }
    fillBubble(image, option.box, dpi, chance);
    truth[field.key] = option.key;
    if (field.kind !== 'choice' || !field.correction || chance() > 0.05) continue;
    const other = field.correction[Math.floor(chance() * field.correction.length)];
    if (!other) continue;
    fillBubble(image, other.box, dpi, chance);
    truth[field.key] = other.key;
  }
  return truth;
}

function fillBubble(image: GreyImage, box: Box, dpi: number, chance: Chance): void {
  const perMm = dpi / 25.4;
  const level = between(chance, 10, 90);
  const radius = (box.width / 2) * between(chance, 0.82, 1.05) * perMm;
  const x = (box.x + box.width / 2 + between(chance, -0.4, 0.4)) * perMm;
  const y = (box.y + box.height / 2 + between(chance, -0.4, 0.4)) * perMm;
  for (let row = Math.floor(y - radius); row <= y + radius; row++)
    for (let column = Math.floor(x - radius); column <= x + radius; column++) {
      const isIn =
        (row - y) ** 2 + (column - x) ** 2 <=
        (radius * (0.92 + 0.08 * Math.sin(3 * Math.atan2(row - y, column - x)))) ** 2;
      if (isIn && chance() < 0.96) darken(image, column, row, level);
    }
}

function scribble(image: GreyImage, box: Box, dpi: number, chance: Chance): void {
  const perMm = dpi / 25.4;
  const lines = Math.max(1, Math.floor(between(chance, 1, box.height / 9)));
  for (let line = 0; line < lines; line++) {
    const length = between(chance, 20, box.width - 12);
    const height = between(chance, 1, 2);
    for (let along = 0; along < length; along += 0.08) {
      const x = box.x + 5 + along;
      const y = box.y + 6 + line * 8 + height * Math.sin(along * 1.9) + 0.4 * Math.sin(along * 7.3);
      dot(image, x * perMm, y * perMm, 0.22 * perMm, 40);
    }
  }
}

export function dot(image: GreyImage, x: number, y: number, radius: number, level: number): void {
  for (let row = Math.floor(y - radius); row <= y + radius; row++)
    for (let column = Math.floor(x - radius); column <= x + radius; column++)
      if ((row - y) ** 2 + (column - x) ** 2 <= radius * radius) darken(image, column, row, level);
}

export function darken(image: GreyImage, column: number, row: number, level: number): void {
  if (column < 0 || row < 0 || column >= image.width || row >= image.height) return;
  const at = row * image.width + column;
  image.data[at] = Math.min(image.data[at] ?? 255, level);
}

export const bubblesOf = (page: FormPage): Box[] => page.fields.flatMap((field) => boxesOf(field));
