/** The demonstration as people start it: a process of its own, told by what it prints and by what the board shows. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { visitorAccounts, type Account } from './accounts.ts';
import { createCentre, type Centre } from './centre.ts';
import type { Row } from './deed.ts';
import { SCANNING_CENTRE } from './region.ts';
import { createSession, signedIn } from './session.ts';

const SEED = 48;
const LIMIT_MS = 120_000;
const LOOK_MS = 250;
const surveysSchema = z.object({ surveys: z.array(z.object({ id: z.string() })) });
const collectorSchema = z.object({
  board: z.object({
    state: z.object({
      colleges: z.array(
        z.object({
          college: z.string(),
          figures: z.object({ pagesExpected: z.number(), pagesRead: z.number(), errorsOpen: z.number() }),
        }),
      ),
    }),
  }),
});
const boardSchema = z.object({
  parts: z.array(z.object({ state: z.object({ rows: z.array(z.object({ status: z.string() })) }) })),
});

let folder = '';
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'svod-demo-'));
  await rm(folder, { recursive: true });
});
afterAll(async () => {
  for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

interface Started {
  centre: Centre;
  /** Institutions that finished the survey. */
  filled: () => Promise<number>;
  /** The colleges of the study, as the visitor who scans sees them. */
  scanned: () => Promise<z.infer<typeof collectorSchema>['board']['state']['colleges']>;
  printed: () => string;
  stop: () => Promise<number | null>;
}

async function start(): Promise<Started> {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('./main.ts', import.meta.url)), '--port', '0', '--pace', 'fast', '--seed', String(SEED)],
    { env: { ...process.env, DATA_DIR: folder, HOST: '127.0.0.1', LOG_LEVEL: 'error' } },
  );
  running.push(child);
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const address = await until('the address is printed', () => {
    if (child.exitCode !== null) throw new Error(`the demonstration ended at once: ${text}`);
    return /http:\/\/[\d.]+:\d+(?=\/monitoring)/.exec(text)?.[0];
  });
  const procedure = /attendance-48-\d{4}/.exec(text)?.[0] ?? '';
  const study = /study-fed-\d{4}/.exec(text)?.[0] ?? '';
  const scanner = createSession(address, new AbortController().signal);
  const session = createSession(address, new AbortController().signal);
  return {
    centre: createCentre(session, visitorAccounts(SEED).region, procedure),
    async filled() {
      const { surveys } = surveysSchema.parse(
        await signedIn(session, visitorAccounts(SEED).region, () => session.page('/survey')),
      );
      const { parts } = boardSchema.parse(await session.page(`/survey/${surveys[0]?.id ?? ''}`));
      return parts.flatMap(({ state }) => state.rows).filter(({ status }) => status === 'filled').length;
    },
    async scanned() {
      const path = `/collector/${study}/${SCANNING_CENTRE.id}`;
      const page = await signedIn(scanner, visitorAccounts(SEED).scanner, () => scanner.page(path));
      return collectorSchema.parse(page).board.state.colleges;
    },
    printed: () => text,
    async stop() {
      child.kill('SIGINT');
      if (child.exitCode === null) await once(child, 'exit');
      return child.exitCode;
    },
  };
}

async function until<T>(what: string, look: () => T | undefined | false | Promise<T | undefined | false>): Promise<T> {
  const endMs = Date.now() + LIMIT_MS;
  while (Date.now() < endMs) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await after(LOOK_MS);
  }
  throw new Error(`in ${LIMIT_MS / 1_000} s it did not come to this: ${what}`);
}

const reports = (rows: readonly Row[]): number => rows.filter(({ progress }) => progress.reportAtMs !== null).length;

it(
  'a demonstration moves by itself, with reports, errors and waiting ticks, and a second start loses nothing',
  async () => {
    if (!existsSync(new URL('../build/handler.js', import.meta.url)))
      throw new Error('The pages are not built: run "npm run build" before this test.');

    const first = await start();
    for (const { username, password } of Object.values<Account>({ ...visitorAccounts(SEED) }))
      expect(first.printed()).toContain(`${username.padEnd(10)} ${password}`);
    const seen = new Set<string>();
    await until('ten reports, a file with errors and one that waits for its tick', async () => {
      const rows = await first.centre.rows();
      for (const { progress } of rows) seen.add(progress.phase);
      return reports(rows) >= 10 && seen.has('failed') && seen.has('uploaded');
    });
    await until('institutions have filled the survey', async () => (await first.filled()) >= 5);
    await until('the first college is scanned, with errors to settle, and the second begins', async () => {
      const [whole, begun] = await first.scanned();
      return (
        whole !== undefined &&
        begun !== undefined &&
        whole.figures.errorsOpen > 0 &&
        whole.figures.pagesRead > whole.figures.pagesExpected / 2 &&
        begun.figures.pagesRead > 0
      );
    });
    const before = await first.centre.rows();
    expect(before).toHaveLength(120);
    expect(before.find(({ institution }) => institution === 'i48-1')).toMatchObject({
      access: 'activated',
      progress: { templateAtMs: null },
    });
    expect(await first.stop(), first.printed()).toBe(0);

    const second = await start();
    const kept = await second.centre.rows();
    expect(reports(kept)).toBeGreaterThanOrEqual(reports(before));
    for (const { institution, registeredAtMs, progress } of before) {
      const row = kept.find((other) => other.institution === institution);
      if (registeredAtMs !== null) expect(row?.registeredAtMs).toBe(registeredAtMs);
      expect(row?.progress.attempts).toBeGreaterThanOrEqual(progress.attempts);
    }
    await until('the region goes on', async () => reports(await second.centre.rows()) > reports(kept));
    expect(await second.stop(), second.printed()).toBe(0);
  },
  3 * LIMIT_MS,
);
