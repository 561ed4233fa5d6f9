/** Journeys over two nodes: one database, one Redis that can be killed, and a second node beside the first. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test as base } from './fixtures.ts';
import { HubNode } from './hub-node.ts';
import { setUpRegion } from './region.ts';

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

export const test = base.extend<Pair>({
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
