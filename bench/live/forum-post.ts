/**
 * A question of the forum on its way to everybody who reads it: asked by the hub's own use case on another node, told over Redis, and given by
 * the measured node to its sockets; against Socket.IO alone that gives the very same event to as many sockets. Until the last one has it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { PROCEDURE, REGION } from '#nemesis/world.ts';
import { forumStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import type { Frame } from '#realtime/contract.ts';
import { readConfig } from '#server/config.ts';
import { startHub } from '#server/hub.ts';
import { quantile, roundTo } from '../figures.ts';
import { loadAverage, startBare, startLoad } from './load.ts';
import { createRecorder } from './recorder.ts';
import { BENCH_SECRET, startSite } from './site.ts';

const POSTS = 40;
const STREAM = forumStream(PROCEDURE);

/** The region's coordinator, who may ask. */
const ASKER: Person = {
  ...{ id: 'asker', name: 'Тестов Тест', username: 'asker' },
  assignments: [{ role: 'regionalCoordinator', unit: REGION, path: `/${REGION}/` }],
};

interface Times {
  /** From the moment it is asked until the last socket has it (ms). */
  lastP50: number;
  lastP99: number;
}

const told = (times: readonly number[]): Times => ({
  lastP50: Math.round(quantile(times, 0.5)),
  lastP99: Math.round(quantile(times, 0.99)),
});

export async function measurePosts(sockets: number): Promise<Record<string, unknown>> {
  const site = await startSite({ sockets, institutions: 10 });
  const bare = await startBare();
  const load = startLoad();
  const recorder = await createRecorder(site.storeUri, site.redisUrl);
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-bench-asker-'));
  const asking = await startHub({
    config: readConfig({
      ...{ MONGODB_URI: site.storeUri, REDIS_URL: site.redisUrl, SVOD_SECRET: BENCH_SECRET, DATA_DIR: dataDir },
      ...{ PORT: '0', LOG_LEVEL: 'silent' },
    }),
    pages: () => Promise.resolve((_request, response) => void response.status(404).end()),
    logger: pino({ level: 'silent' }),
  });
  try {
    const streams = [[STREAM]];
    await load.open({ group: 'hub', url: site.url, cookies: site.cookies, streams, count: sockets });
    await load.open({ group: 'bare', url: bare.url, cookies: [''], streams, count: sockets });
    const [hubMs, bareMs, ratios]: [number[], number[], number[]] = [[], [], []];
    // The first is nobody's time: the compiler warms up.
    for (let post = 0; post <= POSTS; post += 1) {
      const [head] = await recorder.journal.heads([STREAM]);
      const target = (head?.seq ?? 0) + 1;
      await load.reset('hub');
      const arriving = load.arrival('hub', { [STREAM]: target });
      const askedAtMs = Date.now();
      await asking.door.forum.post(ASKER, PROCEDURE, {
        ...{ kind: 'question', command: `bench-${post}-${askedAtMs}`, text: `Как упаковать бланки, вопрос № ${post}?` },
        about: null,
      });
      const arrived = await arriving;
      const [event] = await recorder.journal.read(STREAM, target - 1, 1);
      if (!event || arrived.gone > 0) throw new Error(`post ${post} did not arrive everywhere`);
      const frame: Frame = { s: STREAM, e: 'bare', f: post + 1, q: post + 1, d: [{ ...event, q: post + 1 }] };
      await load.reset('bare');
      const bareArriving = load.arrival('bare', { [STREAM]: post + 1 });
      const emittedAtMs = Date.now();
      await bare.ask({ do: 'emit', frames: [frame], everyMs: 0 });
      const bareArrived = await bareArriving;
      if (post === 0) continue;
      hubMs.push(arrived.atMs - askedAtMs);
      bareMs.push(bareArrived.atMs - emittedAtMs);
      ratios.push((arrived.atMs - askedAtMs) / Math.max(1, bareArrived.atMs - emittedAtMs));
    }
    return {
      ...{ sockets, posts: POSTS, hub: told(hubMs), bare: told(bareMs) },
      ratio: roundTo(quantile(ratios, 0.5), 2),
      loadAverage: loadAverage(),
    };
  } finally {
    await asking.stop();
    await recorder.close();
    load.end();
    bare.end();
    await site.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
