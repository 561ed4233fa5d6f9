/**
 * A nation of units from a workbook saved by LibreOffice: read, compared, confirmed and written through the hub's own use cases, while
 * a visitor keeps asking for a page's data and the import's progress. What it takes in time and memory, how long anybody waited,
 * and what a search over all of it takes afterwards.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import type { ImportView } from '#models/org/unit-import.ts';
import type { Person } from '#models/people/person.ts';
import { readConfig } from '#server/config.ts';
import { startHub } from '#server/hub.ts';
import { quantile, roundTo } from './figures.ts';

const INSTITUTIONS = 40_000;
const TICK_MS = 5;
const ASK_EVERY_MS = 50;
const SEARCHES_EACH = 20;
/** Rare and common, names and codes, middles of words, several terms, and what nobody is called. */
const SOUGHT = ['гагарина', 'елкин', 'школа', '470 пушкина', 'средняя школа 12', '139999', '48', 'омонос', 'гимназия'];
const MAKER = fileURLToPath(new URL('../exchange/fixtures/units/make.py', import.meta.url));

export async function run({ json }: { json: boolean }): Promise<Record<string, unknown>> {
  const folder = await mkdtemp(join(tmpdir(), 'svod-bench-'));
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  // A database of one's own choice instead of the embedded store: MONGODB_URI names an empty one.
  const { MONGODB_URI } = process.env;
  const hub = await startHub({
    config: readConfig({
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      LOG_LEVEL: 'silent',
      ...(MONGODB_URI === undefined ? {} : { MONGODB_URI, SVOD_SECRET: 'a-secret-of-the-bench-only-0123456789' }),
    }),
    pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
    logger: pino({ level: 'silent' }),
  });
  try {
    const file = join(folder, 'nation.xlsx');
    say('LibreOffice saves the workbook');
    await saveWorkbook(file);
    const content = new Uint8Array(await readFile(file));
    const { door } = hub;
    await door.people.setUp({
      administrator: { name: 'Тестов Тест Тестович', username: 'centre', password: 'long enough phrase' },
      top: { id: 'fed', name: 'Федеральный организатор', zone: 'Europe/Moscow', kind: 'federation' },
    });
    const person = await signedIn(hub);
    const watch = watchResponses(() => door.units.roots(person));

    const view = async (id: string): Promise<ImportView> => (await door.units.import(person, id)).state;
    const until = async (id: string, status: ImportView['status']): Promise<{ state: ImportView; seen: number }> => {
      const revisions = new Set<number>();
      for (;;) {
        const state = await view(id);
        revisions.add(state.rev);
        if (state.status === status) return { state, seen: revisions.size };
        if (state.status === 'unreadable') throw new Error(JSON.stringify(state.findings));
        await sleep(ASK_EVERY_MS);
      }
    };
    const startedMs = performance.now();
    const cpuBefore = process.cpuUsage();
    const { import: id } = await door.imports.send(person, 'fed', {
      name: 'nation.xlsx',
      bytes: content.length,
      content,
    });
    const compared = await until(id, 'compared');
    const comparedMs = performance.now();
    if (compared.state.status !== 'compared') throw new Error(compared.state.status);
    const { edition, counts } = compared.state.comparison;
    say(`compared: ${JSON.stringify(counts)}`);
    await door.imports.confirm(person, id, { edition, closesGone: false });
    const written = await until(id, 'written');
    const writtenMs = performance.now();
    const cpu = process.cpuUsage(cpuBefore);
    const waits = await watch.stop();
    say('searching');
    const searches = await timeSearches((sought) => door.units.search(person, sought));
    const again = performance.now();
    const exported = await door.units.export(person, 'xlsx', null);
    return {
      institutions: INSTITUTIONS,
      rows: counts.new,
      workbookMb: roundTo(content.length / 2 ** 20, 1),
      store: MONGODB_URI === undefined ? 'embedded' : 'mongodb',
      readAndComparedS: roundTo((comparedMs - startedMs) / 1000, 1),
      writtenS: roundTo((writtenMs - comparedMs) / 1000, 1),
      wholeS: roundTo((writtenMs - startedMs) / 1000, 1),
      // Of all threads: what of the time was work, where other programs share the machine.
      cpuS: roundTo((cpu.user + cpu.system) / 1e6, 1),
      // How many different states of the progress a page that looks every 50 ms got to see.
      progressSeen: compared.seen + written.seen,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
      ...waits,
      searchMs: searches,
      exportedS: roundTo((performance.now() - again) / 1000, 1),
      exportedMb: roundTo(exported.length / 2 ** 20, 1),
    };
  } finally {
    await hub.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function saveWorkbook(file: string): Promise<void> {
  const python = ['/usr/bin/python3', 'python3'].find((path) => path === 'python3' || existsSync(path)) ?? 'python3';
  try {
    await promisify(execFile)(python, [MAKER, file, String(INSTITUTIONS)]);
  } catch (error) {
    throw new Error('this bench needs LibreOffice (soffice) and python3: see exchange/fixtures/README.md', {
      cause: error,
    });
  }
}

async function signedIn({ door }: Awaited<ReturnType<typeof startHub>>): Promise<Person> {
  const { cookies } = await door.signIn.begin({ username: 'centre', password: 'long enough phrase' }, new Headers());
  const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  // Whoever has still something to do after signing in is a person too.
  const visit = await door.signIn.use(new Headers({ cookie }));
  const person = visit && (await door.people.load(visit.personId));
  if (!person) throw new Error('the administrator can’t sign in');
  return person;
}

/** Asks again and again, and watches how late a timer comes: what a page and a socket would have waited. */
function watchResponses(ask: () => Promise<unknown>) {
  const waits: number[] = [];
  let isOver = false;
  let longestStallMs = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longestStallMs = Math.max(longestStallMs, now - last - TICK_MS);
    last = now;
  }, TICK_MS);
  const asking = (async () => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- stop() changes it meanwhile
    while (!isOver) {
      const began = performance.now();
      await ask();
      waits.push(performance.now() - began);
      await sleep(ASK_EVERY_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      clearInterval(timer);
      return {
        pageMs: {
          median: roundTo(quantile(waits, 0.5), 1),
          p95: roundTo(quantile(waits, 0.95), 1),
          longest: roundTo(quantile(waits, 1), 1),
        },
        longestStallMs: roundTo(longestStallMs, 1),
      };
    },
  };
}

async function timeSearches(search: (sought: string) => Promise<{ units: unknown[] }>) {
  const times: Record<string, { found: number; median: number; longest: number }> = {};
  for (const sought of SOUGHT) {
    const waits: number[] = [];
    let found = 0;
    for (let turn = 0; turn < SEARCHES_EACH; turn += 1) {
      const began = performance.now();
      found = (await search(sought)).units.length;
      waits.push(performance.now() - began);
    }
    times[sought] = { found, median: roundTo(quantile(waits, 0.5), 1), longest: roundTo(quantile(waits, 1), 1) };
  }
  return times;
}
