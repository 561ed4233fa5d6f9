/** Pages as they are before anything happens to them: printed, rendered and filled in, with what is true of them. */
import { PDFiumLibrary } from '@hyzyla/pdfium';
import { encode, type PageCode } from '../code.ts';
import type { FormDefinition } from '../form.ts';
import { FORMS } from '../forms/index.ts';
import { print } from '../print/print.ts';
import type { GreyImage } from '../read/grey.ts';
import type { PrintWords } from '../reading.ts';
import { between, chanceOf } from './chance.ts';
import { fillIn } from './hand.ts';

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
  const document = await openPdf(bytes, dpi);
  const images: GreyImage[] = [];
  for (let at = 0; at < document.pages; at++) images.push(await document.render(at));
  document.close();
  return images;
}

/** A document whose pages are rendered one by one: hundreds of them at once would not fit into memory. */
export async function openPdf(
  bytes: Uint8Array,
  dpi: number,
): Promise<{ pages: number; render: (at: number) => Promise<GreyImage>; close: () => void }> {
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  return {
    pages: document.getPageCount(),
    async render(at) {
      const page = document.getPage(at);
      const { data, width, height } = await page.render({ scale: dpi / 72, colorSpace: 'Gray', render: 'bitmap' });
      return { width, height, data: data.length === width * height ? data : greyOf(data, width * height) };
    },
    close() {
      document.destroy();
      library.destroy();
    },
  };
}

function greyOf(data: Uint8Array, pixels: number): Uint8Array {
  const channels = data.length / pixels;
  return Uint8Array.from({ length: pixels }, (_, at) => data[at * channels + 1] ?? 0);
}
