import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filledPages, type FilledPage } from './degrade/paper.ts';
import { packJpeg } from './degrade/kinds.ts';
import { FORMS } from './forms/index.ts';
import { sniff } from './pages/sniff.ts';
import { type Collector, PageRefused, type ReadPage } from './reading.ts';
import { pdfOf } from './testing.ts';
import { createCollector } from './workers.ts';

let collector: Collector;
let pages: FilledPage[];
beforeAll(async () => {
  collector = createCollector({ threads: 1 });
  pages = await filledPages(3, 150, 3);
});
afterAll(() => collector.close());

const scanned = (): Promise<Uint8Array> => pdfOf(pages.map(({ image }) => packJpeg(image, 80)));

describe('the workers', () => {
  it('[S1-12] read a file page by page, keep each as it came, read it again and cut it', async () => {
    const read: ReadPage[] = [];
    const outcome = await collector.readFile(await scanned(), { forms: FORMS }, (page) => void read.push(page));
    expect(outcome).toEqual({ kind: 'pdf', pages: 3, findings: [] });
    expect(read.map(({ number, reading }) => [number, reading.identity?.text])).toEqual(
      pages.map(({ text }, at) => [at + 1, text]),
    );
    const [first] = read;
    if (!first?.reading.geometry) throw new Error('no geometry');
    expect(
      Buffer.compare(
        first.image.bytes,
        packJpeg(pages[0]?.image ?? { width: 0, height: 0, data: new Uint8Array() }, 80),
      ),
    ).toBe(0);
    const again = await collector.readPage(first.image.bytes, { forms: FORMS });
    expect({ ...again, stageMs: {} }).toEqual({ ...first.reading, stageMs: {} });
    const crop = {
      kind: 'millimetres',
      box: { x: 20, y: 60, width: 60, height: 20 },
      dpi: 100,
      geometry: first.reading.geometry,
    } as const;
    for (const shown of [
      first.thumbnail,
      await collector.cropPage(first.image.bytes, crop),
      await collector.cropPage(first.image.bytes, {
        kind: 'pixels',
        box: { x: 0, y: 0, width: 50, height: 50 },
        sidePixelsMax: 40,
      }),
      await collector.renderPage(first.image.bytes, { sidePixelsMax: 300, rotate: 1 }),
    ])
      expect(sniff(shown)).toEqual({ kind: 'jpeg' });
    await expect(collector.readPage(new Uint8Array(9), { forms: FORMS })).rejects.toThrow(PageRefused);
  });

  it('[S1-12] go on where they were cut off, and wait for whoever stores the pages', async () => {
    const told: string[] = [];
    await collector.readFile(await scanned(), { forms: FORMS, fromPage: 2 }, async ({ number }) => {
      told.push(`begin ${number}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
      told.push(`end ${number}`);
    });
    expect(told).toEqual(['begin 2', 'end 2', 'begin 3', 'end 3']);
    await expect(
      collector.readFile(await scanned(), { forms: FORMS }, () => Promise.reject(new Error('the store is full'))),
    ).rejects.toThrow('the store is full');
  });

  it('[S1-12] show a page and read it again while a file is being read: nobody waits behind it', async () => {
    const shown: unknown[] = [];
    await collector.readFile(await scanned(), { forms: FORMS }, async ({ image, number }) => {
      const { identity } = await collector.readPage(image.bytes, { forms: FORMS });
      shown.push([number, identity?.text, sniff(await collector.renderPage(image.bytes, { sidePixelsMax: 300 }))]);
    });
    expect(shown).toEqual(pages.map(({ text }, at) => [at + 1, text, { kind: 'jpeg' }]));
  });

  it('[S1-12] print as well', async () => {
    const [form] = FORMS;
    if (!form) throw new Error('no form');
    const words = {
      title: 'a',
      pageOf: '{page}',
      correction: 'a',
      participant: 'a',
      spare: 'a',
      room: 'a',
      batch: 'a',
    };
    let bytes = 0;
    const items = [1, 2].map((number) => ({
      ...{ form, procedure: 1, institution: 1, holder: { kind: 'participant' as const, number }, lines: [] },
    }));
    expect(await collector.print({ words, items }, (piece) => void (bytes += piece.length))).toEqual({ pages: 4 });
    expect(bytes).toBeGreaterThan(10_000);
  });
});

describe('a page that breaks its thread', () => {
  let broken: Collector;
  beforeAll(() => {
    broken = createCollector({
      threads: 1,
      worker: new URL('./testing.worker.ts', import.meta.url),
      openMsMax: 4_000,
      heapMbMax: 48,
    });
  });
  afterAll(() => broken.close());
  const readWith = async (how: string): Promise<unknown> => {
    const numbers: (number | string)[] = [];
    const forms = FORMS.slice(0, 1).map((form) => ({ ...form, title: how }));
    const outcome = await broken.readFile(
      new Uint8Array(1),
      {
        ...{ forms, limits: { pageMsMax: how.startsWith('slow') ? 500 : 20_000 } },
        setAside: ({ data: { page } }) => void numbers.push(`${page} set aside`),
      },
      ({ number }) => void numbers.push(number),
    );
    return [
      numbers,
      outcome.findings.map(({ code, data }) => [code, 'reason' in data && data.reason, 'page' in data && data.page]),
    ];
  };

  it.each([
    ['slow 2', 'slow'],
    ['heavy 2', 'heavy'],
    ['exit 2', 'crashed'],
    ['throw 2', 'crashed'],
  ])('[S1-12] (%s) is set aside as such, told in its turn, and the rest goes on', async (how, reason) => {
    expect(await readWith(how)).toEqual([[1, '2 set aside', 3], [['PAGE_SET_ASIDE', reason, 2]]]);
  });

  it('[S1-12] before any page is known is the file’s fault', async () => {
    expect(await readWith('unopened 1')).toEqual([[], [['FILE_CORRUPT', 'damaged', null]]]);
  });

  it('[S1-12] in the midst of unpacking costs its thread alone, by its time as by the end of the Collector', async () => {
    const side = 6_000;
    const large = packJpeg({ width: side, height: side, data: new Uint8Array(side * side).fill(200) }, 80);
    for (const pageMsMax of [10, 40, 70]) {
      const outcome = await collector.readFile(large, { forms: FORMS, limits: { pageMsMax } }, () => undefined);
      expect(outcome.findings.map(({ code }) => code)).toEqual(['PAGE_SET_ASIDE']);
    }
    for (const afterMs of [0, 250, 300, 350, 400]) {
      const ended = createCollector({ threads: 1 });
      const reading = ended.readFile(large, { forms: FORMS }, () => undefined).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      await ended.close();
      await reading;
    }
  });
});
