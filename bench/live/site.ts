/** A hub to measure: the store, Redis and one node in processes of their own, a small region, and coordinators who may watch it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { startChild, type Child } from '#nemesis/processes.ts';
import { setUpRegion, type Region } from '#nemesis/region.ts';
import { PROCEDURE, REGION } from '#nemesis/world.ts';
import { freePort } from '#server/processes.testing.ts';
import { SOCKETS_PER_PERSON_MAX } from '#realtime/contract.ts';

const NODE_PROGRAM = new URL('../../nemesis/node.ts', import.meta.url).pathname;
const STORE_PROGRAM = new URL('../../embedded/main.ts', import.meta.url).pathname;

export const BENCH_SECRET = 'a-secret-of-the-benches-only-0123456789';
export const BOARD = `board:${PROCEDURE}:${REGION}-m1`;
export const CABINET = `cabinet:${PROCEDURE}:q1`;
/** Accounts that are made at the same time. */
const ACCOUNTS_AT_ONCE = 4;
/** Institutions of one pasted list, about. */
const LINES_PER_LIST = 2_000;

export interface Site {
  storeUri: string;
  redisUrl: string;
  url: string;
  client: MongoClient;
  /** Of people who may see the whole region, as many as the sockets need. */
  cookies: string[];
  /** Kills the node and starts it again over the same store. */
  restartNode(): Promise<void>;
  /** Another node over the same store; returns its address. */
  addNode(): Promise<string>;
  cost(): Promise<{ cpuUs: number; rss: number; heapUsed: number }>;
  stop(): Promise<void>;
}

export interface SiteOptions {
  sockets: number;
  /** Of each municipality. */
  institutions: number;
  municipalities?: number;
  flags?: string[];
}

export async function startSite({ sockets, institutions, municipalities = 1, flags = [] }: SiteOptions): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-bench-live-'));
  const children: Child[] = [];
  let client: MongoClient | null = null;
  async function stop(): Promise<void> {
    await client?.close();
    // What is profiled writes down what it saw when it ends in order.
    for (const child of children.reverse()) await child.end(flags.includes('--cpu-prof') ? 'SIGTERM' : 'SIGKILL');
    await rm(dataDir, { recursive: true, force: true });
  }
  try {
    const store = await startChild({
      command: process.execPath,
      arguments: [...flags, STORE_PROGRAM, '--data', join(dataDir, 'store'), '--port', '0'],
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
    const start = async () => {
      const started = await startChild({
        command: process.execPath,
        arguments: [...flags, NODE_PROGRAM],
        environment: {
          MONGODB_URI: store.found,
          REDIS_URL: redisUrl,
          SVOD_SECRET: BENCH_SECRET,
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
      children.push(started.child);
      return started;
    };
    let node = await start();
    children.push(node.child);
    client = await new MongoClient(store.found).connect();
    const region = await setUpRegion({
      url: () => node.found,
      first: node.found,
      setupCode,
      lists: institutionLists(municipalities, institutions),
    });
    const cookies = await makeWatchers(region, sockets);
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
      addNode: async () => (await start()).found,
      async cost() {
        const answer = await fetch(`${node.found}/state`);
        const { cpu, rss, heapUsed } = (await answer.json()) as {
          cpu: { user: number; system: number };
          rss: number;
          heapUsed: number;
        };
        return { cpuUs: cpu.user + cpu.system, rss, heapUsed };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** People of the region's authority, as many as the sockets need: a region has one coordinator. Returns their cookies. */
async function makeWatchers(region: Region, sockets: number): Promise<string[]> {
  const people = Array.from(
    { length: Math.ceil(sockets / (SOCKETS_PER_PERSON_MAX / 2)) },
    (_, index) => `watcher.${index}`,
  );
  const cookies: string[] = [];
  const waiting = people.values();
  const makeSome = async (): Promise<void> => {
    for (const username of waiting) cookies.push(await region.coordinator('authoritySpecialist', REGION, username));
  };
  await Promise.all(Array.from({ length: ACCOUNTS_AT_ONCE }, makeSome));
  return cookies;
}

/** Lists of a thousand or two, a municipality's never apart. */
function institutionLists(municipalities: number, each: number): string[] {
  const perList = Math.max(1, Math.floor(LINES_PER_LIST / each));
  const lists: string[] = [];
  for (let first = 1; first <= municipalities; first += perList) {
    const lines: string[] = [];
    for (let municipality = first; municipality < Math.min(first + perList, municipalities + 1); municipality += 1)
      for (let institution = 1; institution <= each; institution += 1) {
        const number = (municipality - 1) * each + institution;
        lines.push(`Округ № ${municipality};q${number};Школа ${number}`);
      }
    lists.push(lines.join('\n'));
  }
  return lists;
}
