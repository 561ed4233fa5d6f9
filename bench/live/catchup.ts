/**
 * A reader that missed 10,000 events, against reading the same events raw with the driver: in alternating pairs. Once through the
 * protocol event by event, authorized at every step; once as a page does it, which takes a new snapshot when it is far behind.
 */
import type { JournalEvent } from '#models/journal/journal.ts';
import { openLiveSocket, parseEvent, type LiveSocket } from '#nemesis/live-socket.ts';
import {
  CONTRACT_VERSION,
  type Frame,
  type Heartbeat,
  type Pulled,
  type Snapped,
  type Subscribed,
} from '#realtime/contract.ts';
import { Follower, type Command } from '#realtime/follower.ts';
import { receive, startReader } from '#realtime/reader.ts';
import { loadAverage, median, rounded } from './load.ts';
import { createRecorder } from './recorder.ts';
import { BOARD, startSite, type Site } from './site.ts';

const PAIRS = 5;
const INSTITUTIONS = 60;

export async function run({ flags }: { json: boolean; flags: Record<string, string> }) {
  const missed = Number(flags['events'] ?? 10_000);
  const site = await startSite({ sockets: 1, institutions: INSTITUTIONS });
  const recorder = await createRecorder(site.storeUri, site.redisUrl);
  try {
    await recorder.record({ stream: BOARD, count: missed, entities: INSTITUTIONS, atOnce: 64 });
    const [head] = await recorder.journal.heads([BOARD]);
    const epoch = head?.epoch ?? '';
    const ways = {
      raw: () => readRaw(site, missed),
      pulled: () => pullAll(site, epoch, missed),
      page: () => openPage(site, epoch),
    };
    for (const way of Object.values(ways)) await way(); // not counted: the compiler and the store's cache warm up
    const pairs: Record<keyof typeof ways, number>[] = [];
    for (let pair = 0; pair < PAIRS; pair += 1) {
      const took = { raw: 0, pulled: 0, page: 0 };
      const names = Object.keys(ways) as (keyof typeof ways)[];
      for (const name of pair % 2 === 0 ? names : names.reverse()) {
        const beganAtMs = performance.now();
        await ways[name]();
        took[name] = rounded(performance.now() - beganAtMs, 1);
      }
      pairs.push(took);
    }
    return {
      ratio: rounded(median(pairs.map(({ pulled, raw }) => pulled / raw)), 2),
      pageRatio: rounded(median(pairs.map(({ page, raw }) => page / raw)), 2),
      events: missed,
      pairs,
      loadAverage: loadAverage(),
    };
  } finally {
    await recorder.close();
    await site.stop();
  }
}

async function readRaw({ client }: Site, count: number): Promise<void> {
  const found = await client
    .db()
    .collection<{ _id: { s: string; q: number } }>('events')
    .find({ _id: { $gt: { s: BOARD, q: 0 }, $lte: { s: BOARD, q: count } } })
    .sort({ _id: 1 })
    .toArray();
  if (found.length !== count) throw new Error(`read ${found.length} of ${count}`);
}

const open = (site: Site, onEvent: (message: Buffer) => void): Promise<LiveSocket> =>
  openLiveSocket({ url: site.url, cookie: site.cookies[0] ?? '', onEvent, onClose: () => undefined });

async function pullAll(site: Site, epoch: string, count: number): Promise<void> {
  const socket = await open(site, () => undefined);
  let reader = startReader({ epoch, seq: 0 });
  const applied: JournalEvent[] = [];
  while (reader.last < count) {
    const pulled = (await socket.command('pull', { ticket: null, stream: BOARD, epoch, after: reader.last })) as Pulled;
    if (!pulled.ok) throw new Error(pulled.code);
    const reading = receive(reader, pulled.frame);
    ({ reader } = reading);
    applied.push(...reading.apply);
  }
  socket.drop();
  if (reader.last !== count || applied.length === 0) throw new Error(`pulled up to ${reader.last}`);
}

/** A page that was away since the first event, from opening the line until it says that it is live. */
async function openPage(site: Site, epoch: string): Promise<void> {
  const taken = { snapshots: 0 };
  let live: () => void = () => undefined;
  const isLive = new Promise<void>((resolve) => (live = resolve));
  const follower = new Follower({
    send: (command) => void send(command),
    apply: () => undefined,
    replace: () => (taken.snapshots += 1),
    revoked: (stream, code) => {
      throw new Error(`${stream}: ${code}`);
    },
    changed: () => {
      if (follower.status === 'live') live();
    },
  });
  const socket = await open(site, (message) => {
    const { name, payload } = parseEvent(message);
    if (name === 'frames') follower.frames(payload as Frame[]);
    else if (name === 'heartbeat') follower.heartbeat((payload as Heartbeat).heads);
  });
  async function send(command: Command): Promise<void> {
    const { do: name, ...payload } = command;
    const version = name === 'subscribe' ? { version: CONTRACT_VERSION } : {};
    const answer = await socket.command(name, { ...version, ticket: null, ...payload });
    if (command.do === 'subscribe') follower.subscribed(answer as Subscribed);
    else if (command.do === 'snapshot') follower.snapped(command.stream, answer as Snapped);
    else if (command.do === 'pull') follower.pulled(command.stream, answer as Pulled);
  }
  follower.follow([{ stream: BOARD, position: { epoch, seq: 0 } }]);
  follower.connected();
  await isLive;
  socket.drop();
  if (taken.snapshots === 0) throw new Error('no snapshot was taken');
}
