/**
 * The first hour of a season within a minute: every institution of a large region registers, through two nodes that do nothing else,
 * while its coordinators open their pages on a third. How long it takes until every page is true after the last change, and how
 * many messages a page gets meanwhile. The reference is the contract: at most 4 messages a second, true within 2 s.
 */
import type { Db } from 'mongodb';
import { insist } from '#nemesis/asking.ts';
import { PROCEDURE, REGION } from '#nemesis/world.ts';
import { boardStream, rollupStream } from '#models/journal/stream.ts';
import { loadAverage, profileFlags, rounded, startLoad } from './load.ts';
import { startSite } from './site.ts';

const INSTITUTIONS_EACH = 200;
const WRITERS = 2;
const AT_ONCE = 100;
/** Share of the pages that look at the whole region. */
const OVERVIEW_SHARE = 0.1;
const FINISH_MS_MAX = 600_000;
const REST_MS_MAX = 120_000;

export async function run({ json, flags }: { json: boolean; flags: Record<string, string> }) {
  const say = (what: string): void => void (json ? process.stderr : process.stdout).write(`${what}\n`);
  const institutions = Number(flags['institutions'] ?? 40_000);
  const viewers = Number(flags['viewers'] ?? 2_000);
  const seconds = Number(flags['seconds'] ?? 60);
  const municipalities = Math.ceil(institutions / INSTITUTIONS_EACH);
  const site = await startSite({
    sockets: viewers,
    institutions: INSTITUTIONS_EACH,
    municipalities,
    flags: profileFlags(),
  });
  const load = startLoad();
  try {
    say(`${municipalities * INSTITUTIONS_EACH} institutions in ${municipalities} municipalities`);
    const writers = await Promise.all(Array.from({ length: WRITERS }, () => site.addNode()));
    const boards = Array.from({ length: municipalities }, (_, index) =>
      boardStream(PROCEDURE, `${REGION}-m${index + 1}`),
    );
    const overview = rollupStream(PROCEDURE, REGION);
    const pages = Array.from({ length: viewers }, (_, index) => [
      index < viewers * OVERVIEW_SHARE ? overview : (boards[index % boards.length] ?? overview),
    ]);
    const db = site.client.db();
    const before = await site.cost();
    const opening = load.open({
      ...{ group: 'pages', url: site.url, cookies: site.cookies, streams: shuffled(pages), count: viewers },
      ...{ overMs: seconds * 1_000, isPage: true },
    });
    const beganAtMs = Date.now();
    await Promise.all(
      writers.map((url, writer) => {
        const mine = institutionsOf(municipalities).filter((_, index) => index % WRITERS === writer);
        const input = { procedure: PROCEDURE, institutions: mine, perS: mine.length / seconds, atOnce: AT_ONCE };
        return insist(() => url, 'registerAll', input, '', { waitMs: FINISH_MS_MAX });
      }),
    );
    const endedAtMs = Date.now();
    say(`registered in ${rounded((endedAtMs - beganAtMs) / 1_000, 1)} s`);
    const opened = await opening;
    const heads = await headsOf(db);
    const onBoards = await load.arrival('pages', { ...heads, [overview]: 0 }, REST_MS_MAX);
    const restedAtMs = await rollupsAtRest(db, overview, boards.length);
    const report = await load.arrival('pages', await headsOf(db), REST_MS_MAX);
    const after = await site.cost();
    const tookS = (endedAtMs - beganAtMs) / 1_000;
    return {
      institutions: municipalities * INSTITUTIONS_EACH,
      viewers,
      registeredInS: rounded(tookS, 1),
      deedsPerS: rounded((municipalities * INSTITUTIONS_EACH) / tookS),
      pagesOpenedInS: rounded(opened.tookMs / 1_000, 1),
      boardsTrueAfterMs: Math.max(0, onBoards.atMs - endedAtMs),
      overviewTrueAfterMs: Math.max(0, Math.max(report.atMs, restedAtMs) - endedAtMs),
      pagesTrue: report.arrived,
      messagesPerSMax: report.messagesPerSMax,
      messagesPerSMean: rounded(report.messages / viewers / tookS, 2),
      framesPerMessage: rounded(report.frames / Math.max(1, report.messages), 2),
      pulls: report.pulls,
      gone: report.gone,
      registeredByOverview: await registeredBy(db, overview),
      viewersNodeCpuS: rounded((after.cpuUs - before.cpuUs) / 1e6, 1),
      loadCpuS: rounded(report.cpuUs / 1e6, 1),
      loadAverage: loadAverage(),
    };
  } finally {
    load.end();
    await site.stop();
  }
}

/** All institutions, one of each municipality in turn. */
function institutionsOf(municipalities: number): string[] {
  return Array.from({ length: municipalities * INSTITUTIONS_EACH }, (_, index) => {
    const municipality = index % municipalities;
    return `q${municipality * INSTITUTIONS_EACH + Math.floor(index / municipalities) + 1}`;
  });
}

/** In an order that mixes the kinds and is the same in every run. */
function shuffled<T>(list: readonly T[]): T[] {
  return list.map((_, index) => list[(index * 7_919) % list.length] as T);
}

async function headsOf(db: Db): Promise<Record<string, number>> {
  const heads = await db
    .collection<{ _id: string; seq: number }>('heads')
    .find({ _id: { $regex: /^(board|rollup):/ } })
    .toArray();
  return Object.fromEntries(heads.map(({ _id, seq }) => [_id, seq]));
}

/** The moment at which every row of the overview says what its board says. */
async function rollupsAtRest(db: Db, overview: string, rows: number): Promise<number> {
  const untilMs = Date.now() + REST_MS_MAX;
  while (Date.now() < untilMs) {
    const heads = await headsOf(db);
    const kept = await db.collection<{ _id: string; seq: number }>('rollupRows').find({ stream: overview }).toArray();
    if (kept.length === rows && kept.every(({ _id, seq }) => heads[_id] === seq)) return Date.now();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('the overview does not come to rest');
}

async function registeredBy(db: Db, overview: string): Promise<number> {
  const rows = await db
    .collection<{ counts: { registered: number } }>('rollupRows')
    .find({ stream: overview })
    .toArray();
  return rows.reduce((sum, { counts }) => sum + counts.registered, 0);
}
