/**
 * `npm run bench -- collector [--pages N] [--pictures DIR]`: a college of thousands of scanned pages, more than half of them with an error, before the eyes of
 * a specialist: its contact sheet, the board and the desk in a real browser, against the same pages of a college of forty. The pages must be built
 * (`npm run build`).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { pino } from 'pino';
import sharp from 'sharp';
import type { PageCode } from '#collector/code.ts';
import { filledPages } from '#collector/degrade/paper.ts';
import type { CollectorFinding } from '#collector/finding.ts';
import type { Collector } from '#collector/reading.ts';
import type { Person } from '#models/people/person.ts';
import { createCollectorStandIn, fileOf, type SaidPage } from '#server/collector.testing.ts';
import { readConfig } from '#server/config.ts';
import { openStudy, PASSWORD, publishSample, REGION, setUpFederation, STUDY } from '#server/federation.testing.ts';
import { startHub, type RunningHub } from '#server/hub.ts';
import { personOf } from '#server/newcomer.ts';
import { builtPages, builtVersion } from '#server/pages.ts';
import { CENTRE, sendScan } from '#server/scanning.testing.ts';

const BASE = `/collector/${STUDY}/${CENTRE}`;
const [LARGE, SMALL] = ['c48-1', 'c48-2'];
const SMALL_PAGES = 40;
const PAGES_PER_FILE = 250;
const ROOM_SEATS = 25;
const PAGE_PIXELS = { dpi: 150, thumbnail: 320 };
const WAIT_MS = 180_000;
const SCROLLS = 40;

/** The stand-in for the reader, with pictures as large as those of real pages. */
async function createPicturedReader(): Promise<Collector> {
  const [filled] = await filledPages(1, PAGE_PIXELS.dpi, 1);
  if (!filled) throw new Error('no page');
  const { width, height, data } = filled.image;
  const picture = sharp(data, { raw: { width, height, channels: 1 } });
  const whole = new Uint8Array(await picture.clone().jpeg({ quality: 70 }).toBuffer());
  const thumbnail = new Uint8Array(
    await picture.clone().resize({ width: PAGE_PIXELS.thumbnail }).jpeg({ quality: 70 }).toBuffer(),
  );
  const standIn = createCollectorStandIn();
  return {
    ...standIn,
    readFile: (source, options, take) => standIn.readFile(source, options, (page) => take({ ...page, thumbnail })),
    renderPage: () => Promise.resolve(whole),
    cropPage: () => Promise.resolve(whole),
  };
}

const CROP = { x: 200, y: 700, width: 520, height: 60 };
const unclear: CollectorFinding = {
  code: 'MARK_AMBIGUOUS',
  data: { field: 'q5', crop: CROP, marks: [{ option: 'b', row: 'answer', darkness: 0.31 }] },
};
const unreadable: CollectorFinding = { code: 'CODE_UNREADABLE', data: { crops: [CROP] } };
const blank: CollectorFinding = { code: 'PAGE_BLANK', data: { inkShare: 0.0002 } };

/** Of ten pages four are clean. */
function saidPages(institution: number, count: number): (SaidPage & { salt: number })[] {
  return Array.from({ length: count }, (_, at) => {
    const holder = { kind: 'participant' as const, number: Math.floor(at / 2) + 1 };
    const code: PageCode = { procedure: 1, institution, holder, form: 1, version: 1, page: (at % 2) + 1 };
    const lot = at % 10;
    if (lot === 1 || lot === 6) return { code: null, findings: [unreadable], salt: at };
    if (lot === 3) return { code: null, findings: [blank], salt: at };
    if (at % 2 === 0 && lot !== 0)
      return {
        ...{ code, findings: [unclear], salt: at },
        fields: [
          {
            ...{ kind: 'choice' as const, key: 'q5', crop: CROP, marks: [] },
            decision: { kind: 'doubtful' as const, options: ['b'], isCorrected: false },
          },
        ],
      };
    return { code, salt: at };
  });
}

interface Seen {
  /** From asking for the page until what it is about is there (ms). */
  readyMs: number;
  /** Time beyond 50 ms of tasks that long, until then (ms), and the longest of them. */
  blockedMs: number;
  longestTaskMs: number;
  documentKb: number;
  heapMb: number;
  nodes: number;
  images: number;
  /** The longest task while it was scrolled from its beginning to its end (ms). */
  scrollTaskMs: number;
}

/** Long tasks are written down by the page itself. */
const WATCH = `
  window.longTasks = [];
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longTasks.push(duration); })
    .observe({ type: 'longtask', buffered: true });
`;
const longTasks = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks.splice(0));
const longest = (tasks: readonly number[]): number => Math.round(Math.max(0, ...tasks));

async function see(context: BrowserContext, path: string, ready: (page: Page) => Promise<unknown>): Promise<Seen> {
  const page = await context.newPage();
  let images = 0;
  page.on('request', (request) => (images += request.resourceType() === 'image' ? 1 : 0));
  const beganAtMs = performance.now();
  const answer = await page.goto(path);
  await ready(page);
  await page.getByText('на связи', { exact: true }).waitFor();
  const readyMs = Math.round(performance.now() - beganAtMs);
  await pause(500);
  const tasks = await longTasks(page);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const metric = (wanted: string): number => metrics.find(({ name }) => name === wanted)?.value ?? 0;
  for (let step = 1; step <= SCROLLS; step += 1) {
    await page.evaluate((share) => scrollTo(0, document.documentElement.scrollHeight * share), step / SCROLLS);
    await pause(30);
  }
  const scrollTaskMs = longest(await longTasks(page));
  const seen: Seen = {
    ...{ readyMs, longestTaskMs: longest(tasks), scrollTaskMs, images },
    blockedMs: Math.round(tasks.reduce((sum, task) => sum + task - 50, 0)),
    documentKb: Math.round(((await answer?.body())?.length ?? 0) / 1_024),
    ...{ heapMb: Math.round(metric('JSHeapUsedSize') / 2 ** 20), nodes: metric('Nodes') },
  };
  await page.close();
  return seen;
}

interface Centre {
  specialist: Person;
  batches: Map<string, string>;
}

async function found(hub: RunningHub, sizes: ReadonlyMap<string, number>): Promise<Centre> {
  const person = (username: string): Promise<Person> => personOf(hub.door, { username, password: PASSWORD });
  const at = { door: hub.door, person };
  const colleges = [...sizes.keys()];
  const { appoint } = await setUpFederation(at, { colleges, points: [CENTRE] });
  const federal = await appoint('federalCoordinator', 'fed');
  const regional = await appoint('regionalCoordinator', REGION);
  await hub.door.scanningCentres.choose(regional, REGION, { unit: CENTRE, sort: 'other', rev: 0 });
  const specialist = await appoint('scanningSpecialist', CENTRE, 'specialist');
  await openStudy(at, federal, { deadline: '2099-10-15' });
  await publishSample(at, { federal, regional }, { colleges, students: 25 });
  const batches = new Map<string, string>();
  for (const [college, pages] of sizes) {
    const place = { procedure: STUDY, centre: CENTRE, college };
    const seats = Math.ceil(pages / 2 / ROOM_SEATS);
    const rooms = Array.from({ length: seats }, (_, index) => ({
      name: `Каб. ${index + 1}`,
      participants: ROOM_SEATS,
    }));
    await hub.door.scanning.print(regional, place, { rooms, spares: 0 });
    await hub.door.scanning.acceptPackage(regional, place, { sheets: pages });
    batches.set(college, (await hub.door.scanning.openBatch(specialist, place)).batch);
  }
  return { specialist, batches };
}

async function read(hub: RunningHub, { specialist }: Centre, files: number): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  for (;;) {
    const { batches } = (await hub.door.scanning.board(specialist, STUDY, CENTRE)).state;
    if (batches.reduce((sum, { figures }) => sum + figures.filesRead, 0) === files) return;
    if (Date.now() > endMs) throw new Error('the pages were not read in time');
    await pause(100);
  }
}

async function signedIn(browser: Browser, hub: RunningHub): Promise<BrowserContext> {
  const context = await browser.newContext({ baseURL: hub.url, viewport: { width: 1_440, height: 900 } });
  const { cookies } = await hub.door.signIn.begin({ username: 'specialist', password: PASSWORD }, new Headers());
  await context.addCookies(
    cookies.map((line) => {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url: hub.url };
    }),
  );
  await context.addInitScript(WATCH);
  return context;
}

export async function run({ flags }: { flags: Record<string, string> }): Promise<Record<string, unknown>> {
  const count = Number(flags['pages'] ?? 2_000);
  const pictures = flags['pictures'];
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-bench-collector-'));
  const hub = await startHub({
    config: readConfig({ DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error', SECOND_FACTOR: 'offered' }),
    pages: builtPages,
    build: await builtVersion(),
    logger: pino({ level: 'error' }),
    additions: { collector: await createPicturedReader() },
  });
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  try {
    const sizes = new Map([
      [LARGE, count],
      [SMALL, SMALL_PAGES],
    ]);
    const centre = await found(hub, sizes);
    const context = await signedIn(browser, hub);
    const [large, small] = [LARGE, SMALL].map((college) => centre.batches.get(college) ?? '');
    const sheet = (batch = ''): string => `${BASE}/batches/${batch}`;

    // Somebody looks on while they come.
    const onlooker = await context.newPage();
    await onlooker.goto(sheet(large));
    await onlooker.getByText('на связи', { exact: true }).waitFor();
    await longTasks(onlooker);
    const said = saidPages(1, count);
    const beganAtMs = performance.now();
    let files = 0;
    for (let at = 0; at < count; at += PAGES_PER_FILE, files += 1)
      await sendScan(hub.door, centre.specialist, {
        ...{ batch: large ?? '', name: `скан ${files + 1}.pdf` },
        bytes: fileOf(said.slice(at, at + PAGES_PER_FILE)),
      });
    await read(hub, centre, files);
    const bookedMs = performance.now() - beganAtMs;
    await pause(1_000);
    const whileComing = await longTasks(onlooker);
    await onlooker.close();
    await sendScan(hub.door, centre.specialist, {
      ...{ batch: small ?? '', name: 'малый.pdf' },
      bytes: fileOf(saidPages(2, SMALL_PAGES)),
    });
    await read(hub, centre, files + 1);

    const tiles = (page: Page) => page.locator('section[aria-labelledby="pages"] li').first().waitFor();
    const rows = (page: Page) => page.getByRole('row').nth(1).waitFor();
    const queue = (page: Page) => page.locator('a[data-error]').first().waitFor();
    await see(context, sheet(small), tiles); // what is asked for once is in the browser's cache
    const seen = {
      sheetOfForty: await see(context, sheet(small), tiles),
      sheet: await see(context, sheet(large), tiles),
      board: await see(context, BASE, rows),
      desk: await see(context, `${BASE}/errors`, queue),
    };
    if (pictures !== undefined)
      for (const [name, path] of Object.entries({ sheet: sheet(large), board: BASE, desk: `${BASE}/errors` })) {
        for (const width of [1_440, 390]) {
          const page = await context.newPage();
          await page.setViewportSize({ width, height: 900 });
          await page.goto(path);
          await page.getByText('на связи', { exact: true }).waitFor();
          await pause(1_500);
          await page.screenshot({ path: join(pictures, `${name}-${width}.png`) });
          await page.close();
        }
      }
    const { batches } = (await hub.door.scanning.board(centre.specialist, STUDY, CENTRE)).state;
    return {
      pages: count,
      errorsOpen: batches.reduce((sum, { figures }) => sum + figures.errorsOpen, 0),
      bookedPagesPerS: Math.round((count / bookedMs) * 1_000),
      longestTaskWhileTheyComeMs: longest(whileComing),
      blockedWhileTheyComeMs: Math.round(whileComing.reduce((sum, task) => sum + task - 50, 0)),
      sheetAgainstForty: Number((seen.sheet.readyMs / seen.sheetOfForty.readyMs).toFixed(1)),
      ...seen,
    };
  } finally {
    await browser.close();
    await hub.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
