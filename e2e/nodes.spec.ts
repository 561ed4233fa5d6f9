/** Two nodes over one database: a deed on one is seen on the other, with Redis between them, without it, and after a node died. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { countLoads, expect, test as base } from './fixtures.ts';
import { HubNode } from './hub-node.ts';
import { BoardPage } from './pages/board.ts';
import { CabinetPage } from './pages/cabinet.ts';
import {
  appoint,
  BASE,
  fixture,
  fixtureFile,
  institution,
  letIn,
  MUNICIPAL,
  register,
  recall,
  SCHOOL,
  sendFile,
  setUpRegion,
} from './region.ts';

/** Ends a process of ours and waits until it is gone. */
async function end(running: ChildProcess, signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
  if (running.exitCode !== null || running.signalCode !== null) return;
  const gone = new Promise((resolve) => running.once('exit', resolve));
  running.kill(signal);
  await gone;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts a process and resolves with the first line it prints that is wanted. */
async function startUntil(command: string, given: string[], wanted: RegExp): Promise<[ChildProcess, string]> {
  const running = spawn(command, given, { stdio: ['ignore', 'pipe', 'inherit'] });
  const line = await new Promise<string>((resolve, reject) => {
    running.once('exit', () => reject(new Error(`${command} ended before it was ready`)));
    createInterface({ input: running.stdout }).on('line', (text) => {
      if (wanted.test(text)) resolve(text);
    });
  });
  return [running, line];
}

/** A Redis that can be killed and come back at the same address. */
class Redis {
  readonly port: number;
  #process: ChildProcess | null = null;

  constructor(port: number) {
    this.port = port;
  }

  async start(): Promise<void> {
    const given = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    [this.#process] = await startUntil('redis-server', given, /Ready to accept connections/);
  }

  async kill(): Promise<void> {
    if (this.#process) await end(this.#process, 'SIGKILL');
    this.#process = null;
  }
}

interface Pair {
  redis: Redis;
  /** What both nodes are started with. */
  environment: Record<string, string>;
  /** The second node; `hub` is the first. */
  second: HubNode;
}

const test = base.extend<Pair>({
  redis: async ({}, use) => {
    const redis = new Redis(await freePort());
    await redis.start();
    await use(redis);
    await redis.kill();
  },

  environment: async ({ redis }, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'svod-e2e-store-'));
    const entry = fileURLToPath(new URL('../embedded/main.ts', import.meta.url));
    const [store, uri] = await startUntil(process.execPath, [entry, '--data', folder, '--port', '0'], /^mongodb:/);
    await use({
      MONGODB_URI: uri,
      REDIS_URL: `redis://127.0.0.1:${redis.port}`,
      SVOD_SECRET: 'a secret of the two nodes that is long enough',
    });
    await end(store);
    await rm(folder, { recursive: true, force: true });
  },

  hub: async ({ host, environment }, use) => {
    await host.open(environment);
    await setUpRegion(host);
    await use(host);
    const faults = host.faults();
    await host.close();
    expect(faults, 'the first node logged no fault').toEqual([]);
  },

  second: async ({ hub, environment }, use) => {
    // After the region is there: the second node joins a hub that is at work.
    expect(hub.url).not.toBe('');
    const second = HubNode.start();
    await second.open(environment);
    await use(second);
    await second.end();
  },
});

test('a deed on one node is on the other’s board with Redis alive, killed and restarted, each once', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await page.goto(`${second.url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  const loads = countLoads(page);

  await test.step('Redis alive', async () => {
    await letIn(hub, institution(1));
    await expect(board.cell(institution(1), 'Зарегистрирована')).toContainText('готово');
  });
  await test.step('Redis killed: slower, but everything comes', async () => {
    await redis.kill();
    await letIn(hub, institution(4));
    await sendFile(hub, institution(1), await fixtureFile('good.xls'));
    await expect(board.cell(institution(4), 'Зарегистрирована')).toContainText('готово');
    await expect(board.cell(institution(1), 'Отчёт')).toContainText('готово');
    // The line to the second node itself never broke.
    await expect(board.live).toBeVisible();
  });
  await test.step('Redis back', async () => {
    await redis.start();
    await register(hub, institution(6));
    await expect(board.cell(institution(6), 'Зарегистрирована')).toContainText('ждёт вас');
    await expect(board.sum('Зарегистрирована')).toContainText('3/7');
  });
  expect(loads()).toBe(0);
});

test('an organizer on one node and a coordinator on the other meet live', async ({ hub, second, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const organizer = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(organizer);
  await cabinet.open(SCHOOL);
  const coordinator = await openBrowser('regional');
  await coordinator.goto(`${second.url}${BASE}/board`);
  const board = new BoardPage(coordinator);
  await expect(board.live).toBeVisible();
  await cabinet.sendConfirmed(fixture('good.xls'));
  await expect(cabinet.report).toBeVisible();
  await expect(board.cell(SCHOOL, 'Отчёт')).toContainText('готово');
});

test('a node that dies leaves its pages stale at once, and they heal without loss when it is back', async ({
  hub,
  second,
  environment,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  const { url } = second;
  await page.goto(`${url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  const loads = countLoads(page);
  await second.kill();
  await expect(board.lost).toBeVisible();

  await letIn(hub, institution(2));
  await register(hub, institution(5));
  await expect(board.sum('Зарегистрирована')).toContainText('0/7');

  const again = HubNode.start();
  await again.open({ ...environment, PORT: new URL(url).port });
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(2), 'Зарегистрирована')).toContainText('готово');
  await expect(board.cell(institution(5), 'Зарегистрирована')).toContainText('ждёт вас');
  await expect(board.sum('Зарегистрирована')).toContainText('2/7');
  expect(loads()).toBe(0);
  await again.end();
});

test('[A-2] a role that ended on one node darkens the open page on the other, also while Redis is gone', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  await register(hub, institution(1));
  const page = await openBrowser(MUNICIPAL[0].username);
  const board = new BoardPage(page);
  await page.goto(`${second.url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(1), 'Зарегистрирована')).toContainText('ждёт вас');
  await redis.kill();
  await recall(hub, MUNICIPAL[0], 'municipalCoordinator');
  await expect(page.getByText('отключено', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
  // What may not be seen any longer is not shown any longer.
  await expect(board.names).toHaveCount(0);
});

test('[A-2] an appointment whose last day passed darkens the open page on the other node, also while Redis is gone', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  await appoint(hub, {
    ...{ name: 'Временная Анна', username: 'temporary', role: 'municipalCoordinator', unit: '48-m1' },
    to: '2013-11-20',
  });
  for (const node of [hub, second]) await node.setClock('2013-11-20T23:50:00+04:00');
  const page = await openBrowser('temporary');
  await page.goto(`${second.url}${BASE}/board`);
  await expect(new BoardPage(page).live).toBeVisible();
  await redis.kill();
  for (const node of [hub, second]) await node.setClock('2013-11-21T00:00:00+04:00');
  await expect(page.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
});
