/** The system under test: a store and a Redis in processes of their own, real nodes, and what stands between them. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#server/processes.testing.ts';
import { startProxy, type Proxy } from './proxy.ts';
import { startChild, type Child } from './processes.ts';

const SECRET = 'a-secret-of-the-nemesis-only-0123456789';
const NODE_PROGRAM = new URL('node.ts', import.meta.url).pathname;
const STORE_PROGRAM = new URL('../embedded/main.ts', import.meta.url).pathname;

export interface ClusterNode {
  index: number;
  build: number;
  child: Child;
  /** The node itself, past its proxy: for deeds that no fault of the line should touch. */
  directUrl: string;
  /** What viewers and writers use. */
  proxy: Proxy;
  url: string;
}

export interface Cluster {
  storeUri: string;
  redisPort: number;
  redisProxy: Proxy;
  nodes: ClusterNode[];
  /** The code of the first start. */
  setupCode: string;
  /** Unexpected errors the nodes logged, by place. */
  faultsLogged: Map<string, number>;
  restartNode(index: number, signal: NodeJS.Signals, afterMs: number): Promise<void>;
  restartStore(afterMs: number): Promise<void>;
  restartRedis(afterMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** How much of what a node logs tells one fault from another (characters). */
const LOGGED_LENGTH_MAX = 140;

export async function startCluster(dataDir: string, nodeCount: number): Promise<Cluster> {
  const storePort = await freePort();
  const redisPort = await freePort();
  const faultsLogged = new Map<string, number>();
  let setupCode = '';
  let isStopping = false;

  const startStore = async (): Promise<Child> =>
    (
      await startChild({
        command: process.execPath,
        arguments: [STORE_PROGRAM, '--data', join(dataDir, 'store'), '--port', String(storePort)],
        find: (line) => (line.startsWith('mongodb://') ? true : null),
      })
    ).child;
  const startRedis = async (): Promise<Child> =>
    (
      await startChild({
        command: 'redis-server',
        arguments: ['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
        find: (line) => (line.includes('Ready to accept connections') ? true : null),
      })
    ).child;

  let store = await startStore();
  let redis = await startRedis();
  const storeUri = `mongodb://127.0.0.1:${storePort}/svod?replicaSet=embedded`;
  const redisProxy = await startProxy(redisPort);

  function hear(line: string): void {
    if (!line.startsWith('{')) {
      // What a library says by itself, without the lines of its stack.
      if (/error/i.test(line) && !/^\s/.test(line)) count(line.replaceAll(/\u001b\[\d+m/g, '').replace(/^\S+Z /, ''));
      return;
    }
    const { level, msg, where, code, err } = JSON.parse(line) as Record<string, unknown> & {
      err?: { type?: string; message?: string };
    };
    if (typeof code === 'string' && String(msg).startsWith('first start')) setupCode = code;
    if (Number(level) < 50) return;
    count(`${String(where ?? msg)}: ${err?.message ?? ''}`);
  }
  function count(what: string): void {
    const key = what.slice(0, LOGGED_LENGTH_MAX);
    faultsLogged.set(key, (faultsLogged.get(key) ?? 0) + 1);
  }

  async function startNode(build: number): Promise<{ child: Child; found: string }> {
    return startChild({
      command: process.execPath,
      arguments: [NODE_PROGRAM],
      environment: {
        MONGODB_URI: storeUri,
        REDIS_URL: `redis://127.0.0.1:${redisProxy.port}`,
        SVOD_SECRET: SECRET,
        PORT: '0',
        LOG_LEVEL: 'info',
        SVOD_BUILD: String(build),
      },
      find: (line) => {
        if (!line.startsWith('{')) return null;
        const { msg, url } = JSON.parse(line) as { msg?: string; url?: string };
        return msg === 'listening' && url ? url : null;
      },
      onLine: (line) => hear(line),
    });
  }

  const nodes: ClusterNode[] = [];
  for (let index = 0; index < nodeCount; index += 1) {
    const { child, found } = await startNode(1);
    const proxy = await startProxy(Number(new URL(found).port));
    nodes.push({ index, build: 1, child, directUrl: found, proxy, url: `http://127.0.0.1:${proxy.port}` });
  }

  return {
    storeUri,
    redisPort,
    redisProxy,
    nodes,
    get setupCode() {
      return setupCode;
    },
    faultsLogged,
    async restartNode(index, signal, afterMs) {
      const node = nodes[index];
      if (!node) throw new Error(`no node ${index}`);
      await node.child.end(signal);
      await pause(afterMs);
      if (isStopping) return;
      if (signal === 'SIGTERM') node.build += 1;
      const { child, found } = await startNode(node.build);
      node.child = child;
      node.directUrl = found;
      node.proxy.leadTo(Number(new URL(found).port));
    },
    async restartStore(afterMs) {
      await store.end('SIGKILL');
      await pause(afterMs);
      if (!isStopping) store = await startStore();
    },
    async restartRedis(afterMs) {
      await redis.end('SIGKILL');
      await pause(afterMs);
      if (!isStopping) redis = await startRedis();
    },
    async stop() {
      isStopping = true;
      for (const { child, proxy } of nodes) {
        await child.end('SIGKILL');
        await proxy.close();
      }
      await redisProxy.close();
      await redis.end('SIGKILL');
      await store.end('SIGTERM');
    },
  };
}
