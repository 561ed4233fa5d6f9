/** A hub to measure: the store, Redis and one node in processes of their own, a small region, and coordinators who may watch it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { insist } from '#nemesis/asking.ts';
import { startChild, type Child } from '#nemesis/processes.ts';
import { freePort } from '#server/processes.testing.ts';
import { SOCKETS_PER_PERSON_MAX } from '#realtime/contract.ts';

const NODE_PROGRAM = new URL('../../nemesis/node.ts', import.meta.url).pathname;
const STORE_PROGRAM = new URL('../../embedded/main.ts', import.meta.url).pathname;
const PASSWORD = 'long enough phrase';
const REGION = '48';

export const PROCEDURE = `attendance-${REGION}-2012`;
export const BOARD = `board:${PROCEDURE}:${REGION}-m1`;
export const CABINET = `cabinet:${PROCEDURE}:q1`;
/** Accounts that are made at the same time. */
const ACCOUNTS_AT_ONCE = 4;

export interface Site {
  storeUri: string;
  redisUrl: string;
  url: string;
  client: MongoClient;
  /** Of people who may see the whole region, as many as the sockets need. */
  cookies: string[];
  /** Kills the node and starts it again over the same store. */
  restartNode(): Promise<void>;
  cost(): Promise<{ cpuUs: number; rss: number; heapUsed: number }>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  sockets: number;
  institutions: number;
  flags?: string[];
}

export async function startSite({ sockets, institutions, flags = [] }: SiteOptions): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-bench-live-'));
  const children: Child[] = [];
  let client: MongoClient | null = null;
  async function stop(): Promise<void> {
    await client?.close();
    for (const child of children.reverse()) await child.end('SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
  try {
    const store = await startChild({
      command: process.execPath,
      arguments: [STORE_PROGRAM, '--data', join(dataDir, 'store'), '--port', '0'],
      find: (line) => (line.startsWith('mongodb://') ? line.trim() : null),
    });
    children.push(store.child);
    const redisPort = await freePort();
    const redis = await startChild({
      command: 'redis-server',
      arguments: ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
      find: (line) => (line.includes('Ready to accept connections') ? true : null),
    });
    children.push(redis.child);
    const redisUrl = `redis://127.0.0.1:${redisPort}`;
    let setupCode = '';
    const start = () =>
      startChild({
        command: process.execPath,
        arguments: [...flags, NODE_PROGRAM],
        environment: {
          MONGODB_URI: store.found,
          REDIS_URL: redisUrl,
          SVOD_SECRET: 'a-secret-of-the-benches-only-0123456789',
          PORT: '0',
          LOG_LEVEL: 'info',
        },
        find(line) {
          if (!line.startsWith('{')) return null;
          const { msg, url, code } = JSON.parse(line) as { msg?: string; url?: string; code?: string };
          if (code && msg?.startsWith('first start')) setupCode = code;
          return msg === 'listening' && url ? url : null;
        },
      });
    let node = await start();
    client = await new MongoClient(store.found).connect();
    const cookies = await populate(() => node.found, setupCode, institutions, sockets);
    return {
      storeUri: store.found,
      redisUrl,
      get url() {
        return node.found;
      },
      client,
      cookies,
      async restartNode() {
        await node.child.end('SIGKILL');
        node = await start();
      },
      async cost() {
        const answer = await fetch(`${node.found}/state`);
        const { cpu, rss, heapUsed } = (await answer.json()) as {
          cpu: { user: number; system: number };
          rss: number;
          heapUsed: number;
        };
        return { cpuUs: cpu.user + cpu.system, rss, heapUsed };
      },
      async stop() {
        // A node that is profiled writes down what it saw when it ends in order.
        await node.child.end(flags.includes('--cpu-prof') ? 'SIGTERM' : 'SIGKILL');
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function populate(url: () => string, code: string, institutions: number, sockets: number): Promise<string[]> {
  await insist(url, 'setUp', {
    code,
    administrator: { name: 'Тестов Тест Тестович', username: 'centre', password: PASSWORD },
    region: { id: REGION, name: 'Липецкая область', zone: 'Europe/Moscow' },
  });
  const signIn = async (username: string): Promise<string> =>
    String(await insist(url, 'signIn', { username, password: PASSWORD }));
  const centre = await signIn('centre');
  const lines = Array.from({ length: institutions }, (_, index) => `Округ № 1;q${index + 1};Школа ${index + 1}`);
  await insist(url, 'addInstitutions', { region: REGION, lines: lines.join('\n') }, centre);
  await insist(
    url,
    'createProcedure',
    {
      region: REGION,
      title: 'Областной мониторинг посещаемости',
      academicYear: 2012,
      deadline: '2099-11-29',
      centre: {
        name: 'ЦМОКО',
        phone: '+7 000 000-00-01',
        email: 'centre@example.org',
        siteUrl: 'https://centre.example.org',
      },
    },
    centre,
  );
  const people = Array.from(
    { length: Math.ceil(sockets / (SOCKETS_PER_PERSON_MAX / 2)) },
    (_, index) => `watcher.${index}`,
  );
  const cookies: string[] = [];
  const waiting = people.values();
  const makeSome = async (): Promise<void> => {
    for (const username of waiting) {
      const person = { name: 'Тестов Тест Тестович', username, password: PASSWORD };
      await insist(url, 'addCoordinator', { ...person, role: 'regionalCoordinator', unit: REGION }, centre);
      cookies.push(await signIn(username));
    }
  };
  await Promise.all(Array.from({ length: ACCOUNTS_AT_ONCE }, makeSome));
  return cookies;
}
