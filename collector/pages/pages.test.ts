/** Files that are broken, lie, mean harm, or are merely odd: each has its own answer within its limits. */
import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { chanceOf } from '../degrade/chance.ts';
import { packJpeg } from '../degrade/kinds.ts';
import { filledPages, type FilledPage } from '../degrade/paper.ts';
import { FORMS } from '../forms/index.ts';
import { type GreyImage, turn } from '../read/grey.ts';
import { readPage } from '../read/read-page.ts';
import type { ReadingLimits } from '../reading.ts';
import { jbig2ByFax, jbig2Of } from '../testing-jbig2.ts';
import { pdfAround, pdfOf, tagOf, tiffOf, zipOf } from '../testing.ts';
import { type PageEvent, pagesOf } from './pages.ts';

const SEED = 9;
let pages: FilledPage[];
let jpegs: Uint8Array[];
beforeAll(async () => {
  pages = await filledPages(2, 110, SEED);
  jpegs = pages.map(({ image }) => new Uint8Array(packJpeg(image, 80)));
});
const jpeg = (at = 0): Uint8Array => jpegs[at] ?? new Uint8Array();
const image = (at = 0): GreyImage => pages[at]?.image ?? { width: 0, height: 0, data: new Uint8Array() };
const texts = (): string[] => pages.map(({ text }) => text);
const raw = (at = 0): Sharp => {
  const { width, height, data } = image(at);
  return sharp(data, { raw: { width, height, channels: 1 } });
};

interface Outcome {
  read: (string | null)[];
  findings: string[];
}
/** Whose pages were read, and the findings, each with what it says first. */
async function read(bytes: Uint8Array, limits: Partial<ReadingLimits> = {}, fromPage = 1): Promise<Outcome> {
  const outcome: Outcome = { read: [], findings: [] };
  for await (const event of pagesOf(bytes, { limits, fromPage })) {
    if (event.kind === 'finding')
      outcome.findings.push(`${event.finding.code} ${String(Object.values(event.finding.data)[0])}`);
    if (event.kind !== 'page') continue;
    const reading = await readPage(event.page.grey, { forms: FORMS });
    outcome.read.push(reading.identity?.text ?? null);
  }
  return outcome;
}
const good = (): Outcome => ({ read: texts(), findings: [] });
const goodOne = (): Outcome => ({ read: texts().slice(0, 1), findings: [] });
/** The same page in two levels, 120 dpi, as Ghostscript's fax devices write it. */
const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}.tif`, import.meta.url));
const FAXED: Outcome = { read: ['003G00ZM004RG211XEWT'], findings: [] };
const only = (finding: string): Outcome => ({ read: [], findings: [finding] });

describe('what scanners write', () => {
  it('[S1-12] PDF of images, PDF that must be rendered, TIFF of several pages, ZIP of files', async () => {
    expect(await read(await pdfOf(jpegs))).toEqual(good());
    expect(await read(await pdfOf(jpegs, { ownerPassword: 'secret' }))).toEqual(good());
    expect(await read(tiffOf([image(0), image(1)]))).toEqual(good());
    const files = [
      { name: 'a/one.jpg', content: jpeg(0) },
      { name: '__MACOSX/._one.jpg', content: jpeg(0) },
      { name: 'b/two.pdf', content: await pdfOf([jpeg(1)]) },
    ];
    expect(await read(zipOf(files))).toEqual(good());
    expect(await read(zipOf([{ name: 'inner.zip', content: zipOf(files) }]))).toEqual(good());
  });

  it('[S1-12] every depth and kind of colour, CCITT, two levels, and what is turned by its own account', async () => {
    const colour = raw().toColourspace('srgb');
    const forms = [
      raw().png(),
      colour.clone().jpeg(),
      colour.clone().ensureAlpha(0.99).png(),
      raw().toColourspace('cmyk').jpeg(),
      raw().toColourspace('rgb16').png(),
      raw().threshold(128).toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }),
      raw().tiff({ compression: 'lzw' }),
      raw().png({ palette: true, colours: 4 }),
      raw().jpeg({ progressive: true }),
    ];
    for (const [at, form] of forms.entries()) expect([at, await read(await form.toBuffer())]).toEqual([at, goodOne()]);
    expect(await read(tiffOf([image()], 16))).toEqual(goodOne());
    const lying = turn(image(), 1);
    const { width, height, data } = lying;
    const exif = await sharp(data, { raw: { width, height, channels: 1 } })
      .withMetadata({ orientation: 8 })
      .jpeg()
      .toBuffer();
    const [event] = await eventsOf(exif);
    expect([event?.page.grey.width, event?.page.grey.height]).toEqual([image().width, image().height]);
    expect(await read(exif)).toEqual(goodOne());
  });

  it('[S1-12] BigTIFF, group 3 of either dimension, JPEG within a TIFF, colours for print and pages of several sizes', async () => {
    expect(await read(tiffOf([image(0), image(1)], 8, true))).toEqual(good());
    for (const name of ['g3', 'g32d', 'g4']) expect(await read(fixture(name))).toEqual(FAXED);
    for (const form of [
      raw().tiff({ compression: 'jpeg', quality: 85 }),
      raw().tiff({ compression: 'deflate', tile: true }),
      raw().toColourspace('cmyk').tiff({ compression: 'lzw' }),
    ])
      expect(await read(await form.toBuffer())).toEqual(goodOne());
    expect(await read(tiffOf([image(0), turn(image(1), 1)]))).toEqual(good());
  });

  it('[S1-12] JBIG2, group 4 and plain pixels within a PDF; what the renderer cannot unpack is told, not taken for an empty page', async () => {
    const page = image();
    expect(await read(pdfAround(jbig2Of(page), page, 'JBIG2Decode'))).toEqual(goodOne());
    expect(await read(pdfAround(deflateSync(page.data), page, 'FlateDecode', 8))).toEqual(goodOne());
    const fax = fixture('g4');
    const [width = 0, height = 0, from = 0, length = 0] = [256, 257, 273, 279].map((tag) => tagOf(fax, tag)[0]);
    const strip = fax.subarray(from, from + length);
    expect(await read(pdfAround(strip, { width, height }, 'CCITTFaxDecode'))).toEqual(FAXED);
    expect(await read(pdfAround(await jbig2ByFax(page), page, 'JBIG2Decode'))).toEqual(
      only('FILE_UNSUPPORTED compression'),
    );
    const empty = { ...page, data: new Uint8Array(page.data.length).fill(255) };
    expect(await read(pdfAround(jbig2Of(empty), empty, 'JBIG2Decode'))).toEqual({ read: [null], findings: [] });
  });

  it('[S1-12] WebP is read, and kept as what every browser shows', async () => {
    const [event] = await eventsOf(await raw().webp({ quality: 85 }).toBuffer());
    expect(event?.page.image.type).toBe('image/jpeg');
    expect(await read(await raw().webp({ lossless: true }).toBuffer())).toEqual(goodOne());
  });

  it('[S1-12] two pages side by side are two pages, and numbers stay when the reading goes on in the middle', async () => {
    const [left, right] = [image(0), image(1)];
    const data = new Uint8Array(left.width * 2 * left.height);
    for (let row = 0; row < left.height; row++) {
      data.set(left.data.subarray(row * left.width, (row + 1) * left.width), row * 2 * left.width);
      data.set(right.data.subarray(row * left.width, (row + 1) * left.width), (row * 2 + 1) * left.width);
    }
    const both = { width: left.width * 2, height: left.height, data };
    expect(await read(packJpeg(both, 85))).toEqual(good());
    // Fed in on its side, the right page comes first or last.
    const { read: turned, findings } = await read(packJpeg(turn(both, 1), 85));
    expect([turned.sort(), findings]).toEqual([texts().sort(), []]);
    expect(await read(packJpeg(turn(left, 3), 85))).toEqual(goodOne());
    const numbers = (await eventsOf(tiffOf([both, left]))).map(({ page }) => page.number);
    expect(numbers).toEqual([1, 2, 3]);
  });

  it('[S1-12] goes on where it was cut off', async () => {
    expect(await read(await pdfOf(jpegs), {}, 2)).toEqual({ read: texts().slice(1), findings: [] });
    expect(await read(zipOf(jpegs.map((content, at) => ({ name: `${at}.jpg`, content }))), {}, 2)).toEqual({
      ...{ read: texts().slice(1), findings: [] },
    });
  });
});

async function eventsOf(bytes: Uint8Array): Promise<Extract<PageEvent, { kind: 'page' }>[]> {
  const events: Extract<PageEvent, { kind: 'page' }>[] = [];
  for await (const event of pagesOf(bytes)) if (event.kind === 'page') events.push(event);
  return events;
}

describe('what is no scan', () => {
  it('[S1-12] is called what it is, whatever its name', async () => {
    expect(await read(new Uint8Array())).toEqual(only('FILE_CORRUPT empty'));
    for (const text of ['Просто письмо', 'GIF89a…', 'BM…', '\0\0\0\u0018ftypheic…'])
      expect((await read(Buffer.from(text))).findings[0]).toBe('FILE_UNSUPPORTED kind');
    // Names say nothing: a JPEG that is called a PDF is a JPEG.
    expect(await read(zipOf([{ name: 'scan.pdf', content: jpeg() }]))).toEqual(goodOne());
    expect(await read(zipOf([{ name: '[Content_Types].xml', content: Buffer.from('<a/>') }]))).toEqual(
      only('FILE_UNSUPPORTED kind'),
    );
  });

  it('[S1-12] has nothing in it: an archive of no files, a PDF of no pages', async () => {
    expect(await read(zipOf([]))).toEqual(only('FILE_CORRUPT empty'));
    expect(await read(zipOf([{ name: '__MACOSX/._a.jpg', content: jpeg() }]))).toEqual(only('FILE_CORRUPT empty'));
    const page = image();
    const pdf = Buffer.from(pdfAround(deflateSync(page.data), page, 'FlateDecode', 8));
    pdf.write('/Kids[     ]/Count 0', pdf.indexOf('/Kids'));
    expect(await read(pdf)).toEqual(only('FILE_CORRUPT damaged'));
  });

  it('[S1-12] is behind a password', async () => {
    expect(await read(await pdfOf(jpegs, { userPassword: 'secret' }))).toEqual(only('FILE_UNSUPPORTED encrypted'));
    expect(await read(zipOf([{ name: 'a.jpg', content: jpeg(), flags: 1 }]))).toEqual(
      only('FILE_UNSUPPORTED encrypted'),
    );
  });

  it('[S1-12] is cut off or damaged, alone or among good ones', async () => {
    const cut = jpeg().subarray(0, Math.floor(jpeg().length * 0.6));
    expect(await read(cut)).toEqual(only('FILE_CORRUPT truncated'));
    const png = await raw().png().toBuffer();
    expect((await read(png.subarray(0, Math.floor(png.length / 2)))).findings[0]).toMatch(/^FILE_CORRUPT/);
    const pdf = await pdfOf(jpegs);
    const cutPdf = await read(pdf.subarray(0, 3_000));
    expect(cutPdf.read).toEqual([]);
    expect(cutPdf.findings[0]).toMatch(/^FILE_CORRUPT/);
    const mixed = zipOf([
      { name: 'cut.jpg', content: cut },
      { name: 'note.txt', content: Buffer.from('text') },
      { name: 'good.jpg', content: jpeg() },
    ]);
    expect(await read(mixed)).toEqual({ ...goodOne(), findings: ['FILE_CORRUPT truncated', 'FILE_UNSUPPORTED kind'] });
  });
});

describe('what would be too much', () => {
  it('[S1-12] each limit holds at its edge', async () => {
    const pdf = await pdfOf(jpegs);
    expect((await read(pdf, { fileBytesMax: pdf.length })).findings).toEqual([]);
    expect(await read(pdf, { fileBytesMax: pdf.length - 1 })).toEqual(only('FILE_OVER_LIMIT fileBytes'));
    expect((await read(pdf, { filePagesMax: 2 })).findings).toEqual([]);
    expect(await read(pdf, { filePagesMax: 1 })).toEqual(only('FILE_OVER_LIMIT filePages'));
    const { width, height } = image();
    expect((await read(jpeg(), { pageSidePixelsMax: height, pagePixelsMax: width * height })).findings).toEqual([]);
    expect(await read(jpeg(), { pageSidePixelsMax: height - 1 })).toEqual(only('FILE_OVER_LIMIT pageSidePixels'));
    expect(await read(jpeg(), { pagePixelsMax: width * height - 1 })).toEqual(only('FILE_OVER_LIMIT pagePixels'));
    const two = zipOf(jpegs.map((content, at) => ({ name: `${at}.jpg`, content })));
    expect((await read(two, { archiveEntriesMax: 2 })).findings).toEqual([]);
    expect(await read(two, { archiveEntriesMax: 1 })).toEqual(only('FILE_OVER_LIMIT archiveEntries'));
    const bytes = jpeg(0).length + jpeg(1).length;
    expect((await read(two, { expandedBytesMax: bytes })).findings).toEqual([]);
    expect(await read(two, { expandedBytesMax: bytes - 1 })).toEqual(only('FILE_OVER_LIMIT expandedBytes'));
    const nested = zipOf([{ name: 'b.zip', content: two }]);
    expect(await read(nested, { archiveDepthMax: 1 })).toEqual(only('FILE_OVER_LIMIT archiveDepth'));
  });

  it('[S1-12] bombs are told before they are unpacked', async () => {
    const zeros = new Uint8Array(40 * 1024 * 1024);
    expect(await read(zipOf([{ name: 'a.tif', content: zeros }]))).toEqual(only('FILE_OVER_LIMIT expansionRatio'));
    const liar = zipOf([{ name: 'a.jpg', content: zeros, declaredBytes: 1_000 }]);
    expect(await read(liar)).toEqual(only('FILE_CORRUPT damaged'));
    const packed = deflateSync(new Uint8Array(65 * 1024 * 1024));
    const objects = Buffer.concat([
      Buffer.from(
        `%PDF-1.7\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`,
      ),
      packed,
      Buffer.from('\nendstream\nendobj\n%%EOF'),
    ]);
    expect(await read(objects)).toEqual(only('FILE_OVER_LIMIT expandedBytes'));
    const huge = Buffer.from(await raw().png().toBuffer());
    huge.writeUInt32BE(30_000, 16);
    huge.writeUInt32BE(30_000, 20);
    expect((await read(huge)).findings[0]).toMatch(/^(FILE_OVER_LIMIT pageSidePixels|FILE_CORRUPT)/);
    const wide = await sharp({ create: { width: 30_000, height: 30, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    expect(await read(wide)).toEqual(only('FILE_OVER_LIMIT pageSidePixels'));
  });

  it('[S1-12] names that lead out of an archive lead nowhere', async () => {
    expect(await read(zipOf([{ name: '../../etc/cron.d/a.jpg', content: jpeg() }]))).toEqual(
      only('FILE_CORRUPT damaged'),
    );
  });
});

describe('mutated files', () => {
  it('[S1-12] crash nothing: each is read or has its finding', async () => {
    console.info(`seed ${SEED}`);
    const chance = chanceOf(SEED);
    const sources = [
      jpeg(),
      await pdfOf([jpeg()]),
      tiffOf([image()]),
      zipOf([{ name: 'a.jpg', content: jpeg() }]),
      await raw().png().toBuffer(),
    ];
    for (let turn = 0; turn < 30; turn++) {
      const bytes = new Uint8Array(sources[turn % sources.length] ?? jpeg());
      for (let change = 0; change < 1 + chance() * 20; change++)
        bytes[Math.floor(chance() * Math.min(bytes.length, 4_000))] = chance() * 256;
      const cut = chance() < 0.3 ? bytes.subarray(0, Math.floor(chance() * bytes.length)) : bytes;
      let told = 0;
      for await (const event of pagesOf(cut)) if (event.kind === 'page' || event.kind === 'finding') told++;
      expect(told, `turn ${turn}`).toBeGreaterThan(0);
    }
  });
});
