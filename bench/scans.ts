/**
 * Reading of spoilt pages, seeded: `--pages` of each kind of damage, 300 dpi grey, packed as JPEG as a scanner would. Each page is decoded bare
 * and read, in turns, `ROUNDS` times: the ratio is that of the processor times; beside it stands that of the medians of the clock. Identities
 * and marks against what was printed and filled in, every miss by name. The first `--rivals` pages of each kind then go to zxing over the full
 * page and, where they are installed, to zbarimg and dmtxread. `--only 'dark streaks,fold'` takes some kinds.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
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
import { searchPage } from '#collector/read/search.ts';
import { type PageReading, READING_LIMITS } from '#collector/reading.ts';
import { pdfOf } from '#collector/testing.ts';
import { createCollector } from '#collector/workers.ts';
import { roundTo } from './figures.ts';

const DPI = 300;
const JPEG_QUALITY = 85;
const PAGES = 25;
const RIVAL_PAGES = 1;
const RIVAL_MS_MAX = 20_000;
const SEED = 7;
const ROUNDS = 3;
const WARM_UP = 20;
const run_ = promisify(execFile);

interface Tally {
  pages: number;
  identified: number;
  wrong: number;
  marks: number;
  marksRight: number;
  marksWrong: number;
  marksAsked: number;
  /** Processor time of all rounds. */
  readCpuMs: number;
  decodeCpuMs: number;
  /** By the clock, of each page the median of its rounds. */
  readMs: number;
  decodeMs: number;
}
const newTally = (): Tally => ({
  ...{ pages: 0, identified: 0, wrong: 0, marks: 0, marksRight: 0, marksWrong: 0, marksAsked: 0 },
  ...{ readCpuMs: 0, decodeCpuMs: 0, readMs: 0, decodeMs: 0 },
});

/** What was not read as it is, so that a figure can be understood: the page can be made again by its seed. */
interface Miss {
  kind: string;
  page: number;
  seed: number;
  what: string;
}

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
  const count = Number(flags['pages'] ?? PAGES);
  const rivalPages = Number(flags['rivals'] ?? RIVAL_PAGES);
  const seed = Number(flags['seed'] ?? SEED);
  const only = flags['only']?.split(',');
  const kinds = [...DEGRADATIONS.entries()].filter(([, { name }]) => only?.includes(name) ?? true);
  const start = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'svod-scans-'));
  const pool = new Piscina({ filename: import.meta.url, minThreads: 1, maxThreads: 1, idleTimeout: 600_000 });
  try {
    const pages = await filledPages(count, DPI, seed);
    await warmUp(pool, pages);
    const stageMs: Record<string, number> = {};
    const sums = { tuned: newTally(), heldOut: newTally() };
    const lines: Record<string, unknown>[] = [];
    const misses: Miss[] = [];
    const sample: { jpeg: Buffer; page: FilledPage }[] = [];
    let clean: Tally | null = null;
    for (const [index, kind] of kinds) {
      const tally = newTally();
      // This thread spoils the next page while the other reads the last one.
      let reading: Promise<void> = Promise.resolve();
      for (const [at, page] of pages.entries()) {
        const pageSeed = seed + index * 1_000 + at;
        const jpeg = spoil(page, kind, pageSeed);
        await reading;
        reading = readOne(pool, jpeg, page, tally, stageMs).then((whats) => {
          misses.push(...whats.map((what) => ({ kind: kind.name, page: at, seed: pageSeed, what })));
        });
        if (at < rivalPages) sample.push({ jpeg, page });
      }
      await reading;
      clean ??= tally;
      add(kind.isHeldOut ? sums.heldOut : sums.tuned, tally);
      const line = { kind: kind.name, heldOut: kind.isHeldOut, ...summary(tally) };
      lines.push(line);
      if (!json) console.log(JSON.stringify(line));
    }
    const all = newTally();
    add(all, sums.tuned);
    add(all, sums.heldOut);
    const readSeconds = Math.round((performance.now() - start) / 1000);
    const rivals = rivalPages > 0 ? await findRivals(folder) : [];
    for (const { jpeg, page } of sample) for (const rival of rivals) await tryRival(rival, jpeg, page);
    return {
      ...{ seed, kindsCount: kinds.length, pagesEach: count, rounds: ROUNDS },
      all: summary(all),
      asPrinted: clean && summary(clean),
      tuned: summary(sums.tuned),
      heldOut: summary(sums.heldOut),
      misses,
      stageMsAPage: Object.fromEntries(
        Object.entries(stageMs).map(([stage, ms]) => [stage, roundTo(ms / all.pages, 2)]),
      ),
      workerMb: await workerMemory(pages),
      rivalSample: `the first ${rivalPages} of each kind`,
      rivals: rivals.map(({ name, pages: tried, identified, ms }) => ({
        ...{ name, pages: tried, identifiedShare: roundTo(identified / Math.max(1, tried), 4) },
        msAPage: Math.round(ms / Math.max(1, tried)),
      })),
      seconds: { reading: readSeconds, all: Math.round((performance.now() - start) / 1000) },
      loadAverage: loadavg().map((value) => roundTo(value, 1)),
      kinds: lines,
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
  for (let round = 0; round < WARM_UP; round++) {
    const page = pages[round % pages.length];
    if (page) await readOne(pool, packJpeg(page.image, JPEG_QUALITY), page, newTally(), {});
  }
}

/** What of the page was not read as it is. */
async function readOne(
  pool: Piscina,
  jpeg: Buffer,
  page: FilledPage,
  tally: Tally,
  stageMs: Record<string, number>,
): Promise<string[]> {
  const timed = (await pool.run(new Uint8Array(jpeg))) as Timed;
  tally.readCpuMs += timed.readCpuMs;
  tally.decodeCpuMs += timed.decodeCpuMs;
  tally.readMs += timed.readMs;
  tally.decodeMs += timed.decodeMs;
  for (const [stage, ms] of Object.entries(timed.reading.stageMs)) stageMs[stage] = (stageMs[stage] ?? 0) + ms;
  return count(timed.reading, page, tally);
}

interface Timed {
  reading: PageReading;
  readCpuMs: number;
  decodeCpuMs: number;
  readMs: number;
  decodeMs: number;
}

const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};
const medianOf = (values: number[]): number =>
  values.sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;

/** In a thread of its own, as in the hub: what spoils the pages would otherwise leave its garbage in the reader's time. */
export default async function work(jpeg: Uint8Array): Promise<Timed> {
  const packed = Buffer.from(jpeg);
  const [readMs, decodeMs]: number[][] = [[], []];
  let [readCpuMs, decodeCpuMs] = [0, 0];
  let reading: PageReading | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    let [atMs, atCpuMs] = [performance.now(), cpuMs()];
    jpegTurbo.decompressSync(packed, { format: jpegTurbo.FORMAT_GRAY });
    decodeMs?.push(performance.now() - atMs);
    decodeCpuMs += cpuMs() - atCpuMs;
    [atMs, atCpuMs] = [performance.now(), cpuMs()];
    const image = await decodeJpeg(packed, READING_LIMITS, NOWHERE);
    reading = await readPage(image, { forms: FORMS, clock: () => performance.now() });
    readMs?.push(performance.now() - atMs);
    readCpuMs += cpuMs() - atCpuMs;
  }
  if (!reading) throw new Error('no round was read');
  return { reading, readCpuMs, decodeCpuMs, readMs: medianOf(readMs ?? []), decodeMs: medianOf(decodeMs ?? []) };
}

function count(reading: PageReading, page: FilledPage, tally: Tally): string[] {
  const misses: string[] = [];
  const { identity, findings } = reading;
  tally.pages++;
  if (identity?.text === page.text) tally.identified++;
  else if (identity) {
    tally.wrong++;
    misses.push(`WRONG: taken for ${identity.text}, is ${page.text}`);
  } else misses.push(`nobody's: ${findings.map(({ code }) => code).join(' ')}`);
  for (const field of reading.fields) {
    if (field.kind !== 'choice' && field.kind !== 'attendance') continue;
    const { decision } = field;
    tally.marks++;
    const said = decision.kind === 'one' ? decision.option : null;
    const truth = page.truth[field.key] ?? null;
    if (decision.kind === 'doubtful' || decision.kind === 'multiple') tally.marksAsked++;
    else if (said === truth) tally.marksRight++;
    else {
      tally.marksWrong++;
      const darkness = field.marks.map((mark) => `${mark.row[0] ?? ''}.${mark.option} ${mark.darkness}`).join(', ');
      misses.push(`WRONG MARK: ${field.key} said ${said ?? 'none'}, is ${truth ?? 'none'} (${darkness})`);
    }
  }
  return misses;
}

function add(sum: Tally, one: Tally): void {
  for (const key of Object.keys(sum) as (keyof Tally)[]) sum[key] += one[key];
}

function summary(tally: Tally): Record<string, number> {
  const { pages, identified, wrong, marks, marksRight, marksWrong, marksAsked } = tally;
  const { readCpuMs, decodeCpuMs, readMs, decodeMs } = tally;
  const read = pages * ROUNDS;
  return {
    ...{ pages, identifiedShare: roundTo(identified / pages, 4), wrong },
    ...{ marks, marksRightShare: roundTo(marksRight / Math.max(1, marks), 4), marksWrong, marksAsked },
    ...{ ratio: roundTo(readCpuMs / decodeCpuMs, 2), ratioOfMedians: roundTo(readMs / decodeMs, 2) },
    pagesPerSecondACore: roundTo((1000 * read) / readCpuMs, 1),
    ...{ msAPage: roundTo(readCpuMs / read, 1), decodeMsAPage: roundTo(decodeCpuMs / read, 1) },
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
      read: async (jpeg) => (await searchPage(await decodeJpeg(jpeg, READING_LIMITS, NOWHERE))).map(({ text }) => text),
    },
  ];
  const programs = [
    ['zbarimg', ['--quiet', '--raw']],
    ['dmtxread', ['-N1', '-n', '-m2000']],
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
