/**
 * Persisted, authorized events to many sockets, against Socket.IO alone that sends the very same frames: in one run, in
 * alternating pairs. First as frames, on a stream where each event leaves by itself; then as events in a burst on a board,
 * where the hub folds and the reference can't; then the delay when little happens.
 */
import type { Frame } from '#realtime/contract.ts';
import {
  bareCost,
  loadAverage,
  median,
  profileFlags,
  rounded,
  startBare,
  startLoad,
  type Bare,
  type Load,
} from './load.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import { BOARD, CABINET, startSite, type Site } from './site.ts';

const PAIRS = 3;
/** Frames that reach sockets in one measurement of a pair. */
const DELIVERIES = 100_000;
const BURST_EVENTS = 2_000;
const INSTITUTIONS = 60;
const PACED_EVENTS = 40;

interface Run {
  perS: number;
  cpuUsPerDelivery: number;
  loadCpuUsPerDelivery: number;
  p50Ms: number;
  p99Ms: number;
  messages: number;
  pulls: number;
  gone: number;
}

interface Bench {
  site: Site;
  bare: Bare;
  load: Load;
  recorder: Recorder;
  sockets: number;
}

export async function run({ json, flags }: { json: boolean; flags: Record<string, string> }) {
  const results: Record<string, unknown> = {};
  for (const sockets of (flags['sockets'] ?? '1000,5000').split(',').map(Number))
    results[String(sockets)] = await measure(sockets, json);
  return results;
}

async function measure(sockets: number, json: boolean): Promise<Record<string, unknown>> {
  const say = (what: string): void => void (json ? process.stderr : process.stdout).write(`${what}\n`);
  const site = await startSite({ sockets, institutions: INSTITUTIONS, flags: profileFlags() });
  const bare = await startBare();
  const load = startLoad();
  const recorder = await createRecorder(site.storeUri, site.redisUrl);
  const bench: Bench = { site, bare, load, recorder, sockets };
  try {
    const streams = [[CABINET, BOARD]];
    const opened = await load.open({ group: 'hub', url: site.url, cookies: site.cookies, streams, count: sockets });
    await load.open({ group: 'bare', url: bare.url, cookies: [''], streams, count: sockets });
    say(`${sockets} sockets opened in ${opened.tookMs} ms`);
    const events = Math.max(10, Math.round(DELIVERIES / sockets));
    await hubRun(bench, CABINET, events, 16); // the first is not counted: the compiler warms up
    await bareRun(bench, CABINET, events);
    const pairs: { hub: Run; bare: Run }[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const isHubFirst = pair % 2 === 0;
      const first = isHubFirst ? await hubRun(bench, CABINET, events, 16) : await bareRun(bench, CABINET, events);
      const second = isHubFirst ? await bareRun(bench, CABINET, events) : await hubRun(bench, CABINET, events, 16);
      pairs.push(isHubFirst ? { hub: first, bare: second } : { hub: second, bare: first });
      say(
        `frames, pair ${pair + 1}: ${rounded(pairs[pair]?.hub.perS ?? 0)}/s against ${rounded(pairs[pair]?.bare.perS ?? 0)}/s`,
      );
    }
    const burstEvents = Math.min(BURST_EVENTS, Math.round((DELIVERIES * 4) / sockets));
    const burst = { hub: await hubRun(bench, BOARD, burstEvents, 64), bare: await bareRun(bench, BOARD, burstEvents) };
    say(`burst: ${rounded(burst.hub.perS)} events/s against ${rounded(burst.bare.perS)}`);
    const pauseMs = Math.max(50, Math.round(sockets / 10));
    const paced = {
      hub: await hubRun(bench, CABINET, PACED_EVENTS, 1, pauseMs),
      bare: await bareRun(bench, CABINET, PACED_EVENTS, pauseMs),
    };
    return {
      framesRatio: rounded(median(pairs.map(({ hub, bare: other }) => hub.perS / other.perS)), 2),
      cpuRatio: rounded(median(pairs.map(({ hub, bare: other }) => hub.cpuUsPerDelivery / other.cpuUsPerDelivery)), 2),
      burstRatio: rounded(burst.hub.perS / burst.bare.perS, 1),
      frames: pairs.map(({ hub, bare: other }) => ({ hub: told(hub), bare: told(other) })),
      burst: { events: burstEvents, hub: told(burst.hub), bare: told(burst.bare) },
      paced: { everyMs: pauseMs, hub: told(paced.hub), bare: told(paced.bare) },
      loadAverage: loadAverage(),
    };
  } finally {
    await recorder.close();
    load.end();
    bare.end();
    await site.stop();
  }
}

/** Records events; the end is when the last socket has the last of them. */
async function hubRun(
  bench: Bench,
  stream: typeof BOARD | typeof CABINET,
  events: number,
  atOnce: number,
  everyMs = 0,
) {
  const { site, load, recorder, sockets } = bench;
  const [head] = await recorder.journal.heads([stream]);
  const target = (head?.seq ?? 0) + events;
  await load.reset('hub');
  const before = await site.cost();
  const beganAtMs = Date.now();
  const arriving = load.arrival('hub', { [stream]: target });
  await recorder.record({ stream, count: events, entities: INSTITUTIONS, atOnce, everyMs });
  return result(await arriving, beganAtMs, events * sockets, (await site.cost()).cpuUs - before.cpuUs);
}

let bareSeq = 0;

/** The same events as frames that lie ready. */
async function bareRun(
  { bare, load, recorder, sockets }: Bench,
  stream: typeof BOARD | typeof CABINET,
  count: number,
  everyMs = 0,
) {
  const [head] = await recorder.journal.heads([stream]);
  const events = await recorder.journal.read(stream, (head?.seq ?? 0) - count, count);
  // Numbered on, so that the load can tell the end of this run from that of the one before.
  const frames = events.map((event): Frame => {
    const q = ++bareSeq;
    return { s: stream, e: 'bare', f: q, q, d: [{ ...event, q }] };
  });
  await load.reset('bare');
  const before = await bareCost(bare);
  const beganAtMs = Date.now();
  const arriving = load.arrival('bare', { [stream]: bareSeq });
  const emitted = bare.ask({ do: 'emit', frames, everyMs });
  const report = await arriving;
  await emitted;
  return result(report, beganAtMs, count * sockets, (await bareCost(bare)).cpuUs - before.cpuUs);
}

function result(
  report: Awaited<ReturnType<Load['arrival']>>,
  beganAtMs: number,
  deliveries: number,
  cpuUs: number,
): Run {
  const { atMs, messages, pulls, gone, p50Ms, p99Ms } = report;
  if (gone > 0) throw new Error(`${gone} sockets went away`);
  return {
    perS: (deliveries * 1_000) / (atMs - beganAtMs),
    cpuUsPerDelivery: cpuUs / deliveries,
    loadCpuUsPerDelivery: report.cpuUs / deliveries,
    p50Ms,
    p99Ms,
    messages,
    pulls,
    gone,
  };
}

const told = ({ perS, cpuUsPerDelivery, loadCpuUsPerDelivery, p50Ms, p99Ms, messages, pulls }: Run) => ({
  perS: rounded(perS),
  cpuUs: rounded(cpuUsPerDelivery, 2),
  loadCpuUs: rounded(loadCpuUsPerDelivery, 2),
  p50Ms,
  p99Ms,
  messages,
  pulls,
});
