/**
 * Reading of spoilt pages, seeded: `--pages` of each kind of damage, 300 dpi grey, packed as JPEG as a scanner would. Time against the bare
 * decoding of the same JPEGs in the same run, by processor time; identities and marks against what was printed and filled in; the same
 * pages (`--rivals` of each kind) by zxing over the full page and, where they are installed, zbarimg and dmtxread.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import jpegTurbo from '@julusian/jpeg-turbo';
import { Piscina } from 'piscina';
import { chanceOf } from '#collector/degrade/chance.ts';
import { type Degradation, DEGRADATIONS, packJpeg } from '#collector/degrade/kinds.ts';
import { type FilledPage, filledPages } from '#collector/degrade/paper.ts';
import { FORMS } from '#collector/forms/index.ts';
import { decodeJpeg } from '#collector/pages/decode.ts';
import { NOWHERE } from '#collector/pages/refusal.ts';
import { readPage } from '#collector/read/read-page.ts';
import { searchCodes } from '#collector/read/search.ts';
import { type PageReading, READING_LIMITS } from '#collector/reading.ts';
import { pdfOf } from '#collector/testing.ts';
import { createCollector } from '#collector/workers.ts';
import { roundTo } from './figures.ts';

const DPI = 300;
const JPEG_QUALITY = 85;
const RIVAL_MS_MAX = 20_000;
const SEED = 7;
const run_ = promisify(execFile);

interface Tally {
  pages: number;
  identified: number;
  wrong: number;
  marks: number;
  marksRight: number;
  marksWrong: number;
  marksAsked: number;
  readMs: number;
  decodeMs: number;
}
const newTally = (): Tally => ({
  ...{
    pages: 0,
    identified: 0,
    wrong: 0,
    marks: 0,
    marksRight: 0,
    marksWrong: 0,
    marksAsked: 0,
    readMs: 0,
    decodeMs: 0,
  },
});

interface Rival {
  name: string;
  read: (jpeg: Buffer) => Promise<string[]>;
  pages: number;
  identified: number;
  ms: number;
}

export async function run({
  json,
  flags,
}: {
  json: boolean;
  flags: Record<string, string>;
}): Promise<Record<string, unknown>> {
  const count = Number(flags['pages'] ?? 25);
  const rivalPages = Number(flags['rivals'] ?? 2);
  const seed = Number(flags['seed'] ?? SEED);
  const folder = await mkdtemp(join(tmpdir(), 'svod-scans-'));
  const pool = new Piscina({ filename: import.meta.url, minThreads: 1, maxThreads: 1, idleTimeout: 600_000 });
  try {
    const pages = await filledPages(count, DPI, seed);
    const rivals = await findRivals(folder);
    await warmUp(pool, pages);
    const stageMs: Record<string, number> = {};
    const sums = { tuned: newTally(), heldOut: newTally() };
    const kinds: Record<string, unknown>[] = [];
    let clean: Tally | null = null;
    for (const [index, kind] of DEGRADATIONS.entries()) {
      const tally = newTally();
      for (const [at, page] of pages.entries()) {
        const jpeg = spoil(page, kind, seed + index * 1_000 + at);
        await readOne(pool, jpeg, page, tally, stageMs);
        if (at < rivalPages) for (const rival of rivals) await tryRival(rival, jpeg, page);
      }
      clean ??= tally;
      add(kind.isHeldOut ? sums.heldOut : sums.tuned, tally);
      const line = { kind: kind.name, heldOut: kind.isHeldOut, ...summary(tally) };
      kinds.push(line);
      if (!json) console.log(JSON.stringify(line));
    }
    const all = newTally();
    add(all, sums.tuned);
    add(all, sums.heldOut);
    return {
      ...{ seed, kindsCount: DEGRADATIONS.length, pagesEach: count },
      all: summary(all),
      asPrinted: clean && summary(clean),
      tuned: summary(sums.tuned),
      heldOut: summary(sums.heldOut),
      stageMsAPage: Object.fromEntries(
        Object.entries(stageMs).map(([stage, ms]) => [stage, roundTo(ms / all.pages, 2)]),
      ),
      workerMb: await workerMemory(pages),
      rivals: rivals.map(({ name, pages: tried, identified, ms }) => ({
        ...{ name, pages: tried, identifiedShare: roundTo(identified / Math.max(1, tried), 4) },
        msAPage: Math.round(ms / Math.max(1, tried)),
      })),
      kinds,
    };
  } finally {
    await pool.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

function spoil(page: FilledPage, kind: Degradation, seed: number): Buffer {
  const image = { ...page.image, data: new Uint8Array(page.image.data) };
  return packJpeg(kind.apply(image, chanceOf(seed), DPI / 25.4), JPEG_QUALITY);
}

/** The compiler's first pages are nobody's time. */
async function warmUp(pool: Piscina, pages: readonly FilledPage[]): Promise<void> {
  for (let round = 0; round < 40; round++) {
    const page = pages[round % pages.length];
    if (page) await readOne(pool, packJpeg(page.image, JPEG_QUALITY), page, newTally(), {});
  }
}

async function readOne(
  pool: Piscina,
  jpeg: Buffer,
  page: FilledPage,
  tally: Tally,
  stageMs: Record<string, number>,
): Promise<void> {
  const { reading, readMs, decodeMs } = (await pool.run(new Uint8Array(jpeg))) as Timed;
  tally.decodeMs += decodeMs;
  tally.readMs += readMs;
  for (const [stage, ms] of Object.entries(reading.stageMs)) stageMs[stage] = (stageMs[stage] ?? 0) + ms;
  count(reading, page, tally);
}

interface Timed {
  reading: PageReading;
  readMs: number;
  decodeMs: number;
}

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

/** In a thread of its own, as in the hub: what spoils the pages would otherwise leave its garbage in the reader's time. */
export default async function work(jpeg: Uint8Array): Promise<Timed> {
  const packed = Buffer.from(jpeg);
  let start = cpuMs();
  jpegTurbo.decompressSync(packed, { format: jpegTurbo.FORMAT_GRAY });
  const decodeMs = cpuMs() - start;
  start = cpuMs();
  const image = await decodeJpeg(packed, READING_LIMITS, NOWHERE);
  const reading = await readPage(image, { forms: FORMS, clock: () => performance.now() });
  return { reading, readMs: cpuMs() - start, decodeMs };
}

function count(reading: PageReading, page: FilledPage, tally: Tally): void {
  tally.pages++;
  if (reading.identity?.text === page.text) tally.identified++;
  else if (reading.identity) tally.wrong++;
  for (const field of reading.fields) {
    if (field.kind !== 'choice' && field.kind !== 'attendance') continue;
    const { decision } = field;
    tally.marks++;
    if (decision.kind === 'doubtful' || decision.kind === 'multiple') tally.marksAsked++;
    else if ((decision.kind === 'one' ? decision.option : null) === page.truth[field.key]) tally.marksRight++;
    else tally.marksWrong++;
  }
}

function add(sum: Tally, one: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += one[key];
}

function summary(tally: Tally): Record<string, number> {
  const { pages, identified, wrong, marks, marksRight, marksWrong, marksAsked, readMs, decodeMs } = tally;
  return {
    ...{ pages, identifiedShare: roundTo(identified / pages, 4), wrong },
    ...{ marks, marksRightShare: roundTo(marksRight / Math.max(1, marks), 4), marksWrong, marksAsked },
    ...{ ratio: roundTo(readMs / decodeMs, 2), pagesPerSecondACore: roundTo((1000 * pages) / readMs, 1) },
    ...{ msAPage: roundTo(readMs / pages, 1), decodeMsAPage: roundTo(decodeMs / pages, 1) },
  };
}

/* ---- others ---- */

async function findRivals(folder: string): Promise<Rival[]> {
  const path = join(folder, 'page.jpg');
  const outer =
    (command: string, arguments_: string[]) =>
    async (jpeg: Buffer): Promise<string[]> => {
      await writeFile(path, jpeg);
      const { stdout } = await run_(command, [...arguments_, path], { timeout: RIVAL_MS_MAX }).catch(
        (error: unknown) => error as { stdout?: string },
      );
      return (stdout ?? '').split('\n').map((line) => line.trim());
    };
  const rivals: Rival[] = [
    {
      ...{ name: 'zxing, full page', pages: 0, identified: 0, ms: 0 },
      read: async (jpeg) =>
        (await searchCodes(await decodeJpeg(jpeg, READING_LIMITS, NOWHERE))).map(({ text }) => text),
    },
  ];
  const programs = [
    ['zbarimg', ['--quiet', '--raw']],
    ['dmtxread', ['-N1', '-n', '-m5000']],
  ] as const;
  for (const [name, arguments_] of programs)
    if (await isInstalled(name))
      rivals.push({ name, pages: 0, identified: 0, ms: 0, read: outer(name, [...arguments_]) });
  return rivals;
}

async function isInstalled(program: string): Promise<boolean> {
  try {
    await run_('which', [program]);
    return true;
  } catch {
    return false;
  }
}

async function tryRival(rival: Rival, jpeg: Buffer, page: FilledPage): Promise<void> {
  const start = performance.now();
  const texts = await rival.read(jpeg);
  rival.ms += performance.now() - start;
  rival.pages++;
  if (texts.includes(page.text)) rival.identified++;
}

/** What one worker adds to the program once it has read a file of all pages. */
async function workerMemory(pages: readonly FilledPage[]): Promise<number> {
  const file = await pdfOf(pages.map(({ image }) => packJpeg(image, JPEG_QUALITY)));
  const before = process.memoryUsage().rss;
  const collector = createCollector({ threads: 1 });
  let peak = before;
  await collector.readFile(file, { forms: FORMS }, () => {
    peak = Math.max(peak, process.memoryUsage().rss);
  });
  await collector.close();
  return Math.round((peak - before) / 1024 / 1024);
}
