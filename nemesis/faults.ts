/** Carries out what the plan says. Each fault resolves when it is over. */
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import type { Cluster, ClusterNode } from './cluster.ts';
import type { FaultKind, PlannedFault } from './plan.ts';

/** How far off a wrong clock is (ms). */
const CLOCK_OFF_MS = 10 * 60_000;
/** How long everything between the nodes and Redis waits when it is slow (ms). */
const REDIS_DELAY_MS = 700;
/** Pause between two cuts of the connections that hear hints (ms). */
const SUBSCRIBER_CUT_EVERY_MS = 250;

/** What faults need of the run: people whose rights end, and viewers who stop reading. */
export interface Victims {
  stallReaders(ms: number, seed: number): void;
  /** Ends a right of somebody who listens; resolves when the hub has acknowledged it. */
  endRight(how: 'role' | 'session'): Promise<boolean>;
}

export async function carryOut(fault: PlannedFault, cluster: Cluster, victims: Victims): Promise<boolean> {
  const { durationMs, target } = fault;
  const node = cluster.nodes[target % cluster.nodes.length];
  if (!node) throw new Error('no nodes');
  const CARRY_OUT: Record<FaultKind, () => Promise<unknown>> = {
    nodeKilled: () => cluster.restartNode(node.index, 'SIGKILL', durationMs),
    async nodeStopped() {
      const { pid } = node.child;
      process.kill(pid, 'SIGSTOP');
      await pause(durationMs);
      process.kill(pid, 'SIGCONT');
    },
    newBuild: () => cluster.restartNode(node.index, 'SIGTERM', 0),
    async clockWrong() {
      await setClock(node, target % 2 === 0 ? CLOCK_OFF_MS : -CLOCK_OFF_MS);
      await pause(durationMs);
      await setClock(node, 0);
    },
    storeRestarted: () => cluster.restartStore(durationMs),
    redisKilled: () => cluster.restartRedis(durationMs),
    async redisFlushed() {
      const redis = await createClient({ url: `redis://127.0.0.1:${cluster.redisPort}` }).connect();
      await redis.flushAll();
      redis.destroy();
    },
    async subscriberCut() {
      const endMs = Date.now() + durationMs;
      while (Date.now() < endMs) {
        cluster.redisProxy.cut('subscribers');
        await pause(SUBSCRIBER_CUT_EVERY_MS);
      }
    },
    async redisCut() {
      cluster.redisProxy.setMode('refuse');
      await pause(durationMs);
      cluster.redisProxy.setMode('forward');
    },
    async redisDelayed() {
      cluster.redisProxy.setDelay(REDIS_DELAY_MS);
      await pause(durationMs);
      cluster.redisProxy.setDelay(0);
    },
    async redisSilent() {
      cluster.redisProxy.setMode('blackHole');
      await pause(durationMs);
      cluster.redisProxy.setMode('forward');
    },
    socketsReset: () => Promise.resolve(node.proxy.cut('all')),
    async halfOpen() {
      node.proxy.setMode('blackHole');
      await pause(durationMs);
      node.proxy.setMode('forward');
    },
    async readerStalled() {
      victims.stallReaders(durationMs, target);
      await pause(durationMs);
    },
    roleRevoked: () => victims.endRight('role'),
    sessionEnded: () => victims.endRight('session'),
  };
  return (await CARRY_OUT[fault.kind]()) !== false;
}

async function setClock({ directUrl }: ClusterNode, offsetMs: number): Promise<void> {
  await fetch(`${directUrl}/clock`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ offsetMs }),
    signal: AbortSignal.timeout(5_000),
  });
}
