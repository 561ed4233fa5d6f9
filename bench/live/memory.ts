/**
 * What a socket costs a node, against a socket of Socket.IO alone; and what a node holds while 500 readers stand still and the
 * stream goes on.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { cabinetStream } from '#models/journal/stream.ts';
import { bareCost, loadAverage, rounded, startBare, startLoad } from './load.ts';
import { createRecorder } from './recorder.ts';
import { PROCEDURE } from '#nemesis/world.ts';
import { BOARD, CABINET, startSite } from './site.ts';

const STALLED = 500;
/** What is written while they stand still: more than any of them may have waiting. */
const EVENTS = 400;
const EVENT_BYTES = 12_000;
const EVERY_MS = 50;
const SETTLE_MS = 3_000;

interface Cost {
  rss: number;
  heapUsed: number;
}

export async function run({ flags }: { json: boolean; flags: Record<string, string> }) {
  const sockets = Number(flags['sockets'] ?? 2_000);
  const collect = ['--expose-gc'];
  const site = await startSite({ sockets: sockets + STALLED, institutions: 60, flags: collect });
  const bare = await startBare(collect);
  const load = startLoad();
  const recorder = await createRecorder(site.storeUri, site.redisUrl);
  try {
    // What setting up took is given back bit by bit: a node that did not do it is measured.
    await site.restartNode();
    const perSocket = async (cost: () => Promise<Cost>, open: (group: string, count: number) => Promise<unknown>) => {
      await open('warm', 200); // what the first sockets load and compile is not theirs
      await sleep(SETTLE_MS);
      const before = await cost();
      await open('counted', sockets - 200);
      await sleep(SETTLE_MS);
      const after = await cost();
      const each = (bytes: number): number => rounded(bytes / 1_024 / (sockets - 200), 1);
      return { rssKb: each(after.rss - before.rss), heapKb: each(after.heapUsed - before.heapUsed) };
    };
    const streams = [[BOARD, CABINET]];
    const hubSocket = await perSocket(
      () => site.cost(),
      (group, count) => load.open({ group: `hub ${group}`, url: site.url, cookies: site.cookies, streams, count }),
    );
    const bareSocket = await perSocket(
      () => bareCost(bare),
      (group, count) => load.open({ group: `bare ${group}`, url: bare.url, cookies: [''], streams, count }),
    );

    const stream = cabinetStream(PROCEDURE, 'q2');
    const cookies = site.cookies.toReversed();
    await load.open({ group: 'stalled', url: site.url, cookies, streams: [[stream]], count: STALLED });
    await sleep(SETTLE_MS);
    await load.hold('stalled', STALLED);
    const before = await site.cost();
    let peak = before;
    let isOver = false;
    const watching = (async () => {
      // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- changed below
      while (!isOver) {
        await sleep(500);
        const now = await site.cost();
        if (now.rss > peak.rss) peak = now;
      }
    })();
    await recorder.record({ stream, count: EVENTS, entities: 60, atOnce: 1, everyMs: EVERY_MS, padBytes: EVENT_BYTES });
    await sleep(SETTLE_MS);
    isOver = true;
    await watching;
    const after = await site.cost();
    const mb = (bytes: number): number => rounded(bytes / 2 ** 20, 1);
    return {
      rssRatio: rounded(hubSocket.rssKb / bareSocket.rssKb, 2),
      heapRatio: rounded(hubSocket.heapKb / bareSocket.heapKb, 2),
      hubSocket,
      bareSocket,
      stalled: {
        readers: STALLED,
        sentToEachMb: mb(EVENTS * EVENT_BYTES),
        beforeMb: mb(before.rss),
        peakMb: mb(peak.rss),
        afterMb: mb(after.rss),
      },
      sockets,
      loadAverage: loadAverage(),
    };
  } finally {
    await recorder.close();
    load.end();
    bare.end();
    await site.stop();
  }
}
