/** One run: a cluster under load and faults, then healing, then every check. Everything of chance comes from the seed. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { MongoClient, type Db } from 'mongodb';
import { Chance } from '#chance/chance.ts';
import { HEARTBEAT_MS, SILENCE_MAX_MS } from '#realtime/contract.ts';
import { ask } from './asking.ts';
import { checkClaims, checkGuardedSaves } from './checks/claims.ts';
import { DeedAudit } from './checks/deeds.ts';
import { COUNTED, Findings, type Counted } from './checks/findings.ts';
import type { HeadSample } from './checks/staleness.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { startContenders } from './contenders.ts';
import { carryOut } from './faults.ts';
import { planFaults, type FaultKind, type PlannedFault } from './plan.ts';
import { populate, type Population } from './population.ts';
import { startProgram, type Program } from './program.ts';
import { layPile, type ScanPile } from './scan-pile.ts';
import { startSenders, type Senders } from './scan-senders.ts';
import { startSettlers } from './scan-settlers.ts';
import { checkScans, pileUnderWay } from './scan-truth.ts';
import { areRollupsAtRest, checkCounters, checkEntities, readGuardedSaves, readHeads, readJournal } from './truth.ts';
import type { FromViewers, ToViewers, Truth, ViewersSummary } from './viewers.ts';
import { ROLLUP } from './world.ts';
import { startWriters } from './writer.ts';

export interface RunOptions {
  seed: number;
  seconds: number;
  clients: number;
  nodes: number;
  log: (line: string) => void;
}

export type Verdict = Record<Counted, number> & {
  faults: Partial<Record<FaultKind, number>>;
  /** Events in the journal at the end. */
  events: number;
  seed: number;
  deeds: { acknowledged: number; unanswered: number };
  claims: { asked: number; granted: number; savesKept: number; savesRefused: number };
  /** Of the scanning centre: files and pages at the end, and what was done to them on their way. */
  scans: { files: number; pages: number; errors: number; settled: number } & Senders['tally'];
  viewers: ViewersSummary;
  /** From the end of the last fault until every viewer had everything (ms). */
  healedMs: number;
  /** Largest memory a node held (MB). */
  nodeRssMb: number;
  examples: Findings['examples'];
  /** Unexpected errors the nodes logged, by place: what faults cause, and perhaps more. */
  logged: Record<string, number>;
};

/** Whoever hears his node is never further behind: a heartbeat that told the head, the pull after it, and a busy machine (ms). */
const STALE_MS_MAX = 2 * HEARTBEAT_MS + 2_000;
/** When everything works again: a silence must be noticed, the line come back, and the missing be pulled (ms). */
const HEAL_MS_MAX = SILENCE_MAX_MS + STALE_MS_MAX + 15_000;
/** After this a right that ended must be known everywhere (ms). */
const REVOKED_MS_MAX = 2_000;
/** What a node may hold (MB), the threads that read pages within: far above what this load needs, far below what a leak would reach. */
const NODE_RSS_MB_MAX = 1_000;
/** The store is started again in this time (ms). */
const STORE_AWAY_MS_MAX = 15_000;
/** The share of a run over which the files of the pile are sent. */
const SENT_SHARE = 0.9;
/** When everything works again, the rest of the pile is stored and read: what a dead node held is waited for, and then done (ms). */
const PILE_REST_MS_MAX = 90_000;
const WRITERS = 6;
const CONTENDERS = 4;

export async function run(options: RunOptions): Promise<Verdict> {
  const { seed, seconds, clients, nodes, log } = options;
  const dataDir = await mkdtemp(join(tmpdir(), 'svod-nemesis-'));
  const viewers: Program<ToViewers, FromViewers> = startProgram(new URL('viewers.ts', import.meta.url));
  let cluster: Cluster | null = null;
  let client: MongoClient | null = null;
  try {
    cluster = await startCluster(dataDir, nodes);
    client = await new MongoClient(cluster.storeUri, { serverSelectionTimeoutMS: 10_000 }).connect();
    const audit = new DeedAudit();
    const population = await populate({
      urls: cluster.nodes.map(({ url }) => url),
      setupCode: cluster.setupCode,
      clients,
      chance: new Chance(seed, 'population'),
      audit,
    });
    const pile = await layPile({ urls: cluster.nodes.map(({ url }) => url), seed, seconds, folder: dataDir });
    for (const { foreign } of population.viewers) foreign.push(...pile.streams);
    log(`seed ${seed}: ${nodes} nodes, ${clients} viewers, ${pile.files.length} files of scans, ${seconds} s`);
    return await load({ ...options, dataDir, cluster, db: client.db(), population, pile, audit, viewers });
  } finally {
    viewers.end();
    await client?.close();
    await cluster?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface Loaded extends RunOptions {
  dataDir: string;
  cluster: Cluster;
  db: Db;
  population: Population;
  pile: ScanPile;
  audit: DeedAudit;
  viewers: Program<ToViewers, FromViewers>;
}

async function load(options: Loaded): Promise<Verdict> {
  const { seed, seconds, dataDir, cluster, db, population, pile, audit, viewers, log } = options;
  const findings = new Findings();
  const faults: Partial<Record<FaultKind, number>> = {};
  const excused: [number, number][] = [];
  const wrongClocks: [number, number][] = [];
  const watching = watch(cluster, db);
  const { samples, peak } = watching;
  const doomed = createDoom(options);

  viewers.tell({ do: 'add', plans: [...population.viewers, ...pile.viewers], seed });
  await doomed.prepare();
  const writers = startWriters({
    seed,
    cases: population.cases,
    writers: WRITERS,
    pauseMs: [50, 250],
    urls: () => cluster.nodes.map(({ url }) => url),
    cookie: population.centre,
    audit,
    activationsMax: 10,
  });
  const contenders = startContenders({
    seed,
    contenders: CONTENDERS,
    urls: () => cluster.nodes.map(({ url }) => url),
  });
  const scans = { seed, pile, urls: () => cluster.nodes.map(({ url }) => url) };
  const senders = startSenders({ ...scans, overMs: seconds * 1_000 * SENT_SHARE });
  const settlers = startSettlers(scans);

  const beganAtMs = Date.now();
  const since = (): string =>
    `${new Date().toISOString().slice(11, 23)} ${((Date.now() - beganAtMs) / 1_000).toFixed(1)} s`;
  const victims = {
    stallReaders: (ms: number, by: number) => viewers.tell({ do: 'stall', share: 0.2, ms, seed: by }),
    endRight: (how: 'role' | 'session') => doomed.endRight(how),
  };
  async function carry(fault: PlannedFault): Promise<void> {
    log(`${since()}  ${fault.kind}${fault.durationMs > 0 ? ` for ${fault.durationMs} ms` : ''}`);
    const from = Date.now();
    try {
      if (await carryOut(fault, cluster, victims)) faults[fault.kind] = (faults[fault.kind] ?? 0) + 1;
    } catch (error) {
      log(`${since()}  ${fault.kind} could not be done: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (fault.kind === 'clockWrong') wrongClocks.push([from, Date.now()]);
    if (fault.kind === 'storeRestarted') excused.push([from, Date.now() + HEARTBEAT_MS]);
  }
  /** One after another; on a slow machine later than planned. */
  async function carryLane(lane: readonly PlannedFault[]): Promise<void> {
    for (const fault of lane) {
      await pause(Math.max(0, fault.atMs - (Date.now() - beganAtMs)));
      const isLate = Date.now() - beganAtMs > seconds * 1_000;
      if (!isLate || fault.isFirst) await carry(fault);
    }
  }
  await Promise.all([pause(seconds * 1_000), ...planFaults(seed, seconds).map(carryLane)]);
  await writers.stop();
  await contenders.stop();
  log(`${since()}  the load has ended; ${audit.acknowledged} deeds, ${audit.unanswered} without an answer`);

  for (const { proxy } of cluster.nodes) proxy.setMode('forward');
  await senders.finish();
  await restPile(db, senders, findings);
  await settlers.stop();
  const healedMs = await heal(options, findings);
  await watching.stop();
  const { streams, events, revisions } = await readJournal(db, findings, audit);
  audit.check(findings);
  await checkEntities(db, findings, revisions);
  await checkCounters(db, findings);
  checkClaims(findings, contenders.attempts, wrongClocks);
  const saves = await readGuardedSaves(db);
  checkGuardedSaves(findings, contenders.saves, saves);
  const scanned = await checkScans(db, findings, pile, senders, settlers.attempts);
  const file = join(dataDir, 'truth.json');
  const horizons = doomed.horizons();
  const whole: Truth = { streams, samples, excused, boundMs: STALE_MS_MAX, horizons };
  await writeFile(file, JSON.stringify(whole));
  const checked = await viewers.ask({ do: 'check', file });
  if (checked.did !== 'checked') throw new Error('the viewers gave no verdict');
  findings.addAll(checked);
  if (peak.rssMb > NODE_RSS_MB_MAX) findings.add('unbounded', `a node held ${peak.rssMb} MB`);

  const byCount = (counts: ReadonlyMap<string, number>) =>
    Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
  log(`refused deeds: ${JSON.stringify(byCount(writers.refusals))}`);
  log(`refused to specialists: ${JSON.stringify(byCount(settlers.refusals))}`);
  log(`deeds without an answer: ${JSON.stringify(byCount(writers.unknowns))}`);
  return {
    ...findings.counts,
    faults,
    events,
    seed,
    deeds: { acknowledged: audit.acknowledged, unanswered: audit.unanswered },
    claims: {
      asked: contenders.attempts.length,
      granted: contenders.attempts.filter(({ granted }) => granted).length,
      savesKept: saves.length,
      savesRefused: contenders.saves.filter(({ outcome }) => outcome === 'refused').length,
    },
    scans: { ...scanned, ...senders.tally },
    viewers: checked.summary,
    healedMs,
    nodeRssMb: peak.rssMb,
    examples: findings.examples,
    logged: byCount(cluster.faultsLogged),
  };
}

/** Looks once a second where the streams are and what the nodes hold. */
function watch(cluster: Cluster, db: Db) {
  const samples: Record<string, HeadSample[]> = {};
  const peak = { rssMb: 0 };
  let isOver = false;
  const watching = (async () => {
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- stop() changes it meanwhile
    while (!isOver) {
      // The moment after the look: what it shows was there by then.
      const heads = await readHeads(db).catch(() => null);
      const atMs = Date.now();
      for (const [stream, seq] of Object.entries(heads ?? {})) {
        const known = (samples[stream] ??= []);
        if (known.at(-1)?.seq !== seq) known.push({ atMs, seq });
      }
      for (const { child } of cluster.nodes) peak.rssMb = Math.max(peak.rssMb, await rssMb(child.pid));
      await pause(1_000);
    }
  })();
  return {
    samples,
    peak,
    async stop() {
      isOver = true;
      await watching;
    },
  };
}

async function rssMb(pid: number): Promise<number> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0; // between two lives, or a system that tells nothing of its processes
  }
}

/** People whose rights end in the midst: each with a tab at every node. */
function createDoom({ cluster, db, population, viewers, seed, log }: Loaded) {
  const horizons: Record<string, Record<string, number>> = {};
  let number = 0;
  let next: Awaited<ReturnType<Population['doom']>> | null = null;
  let preparing: Promise<void> = Promise.resolve();

  async function prepareNext(): Promise<void> {
    try {
      next = await population.doom(number++);
      viewers.tell({ do: 'add', plans: next.viewers, seed });
    } catch (error) {
      log(`nobody could be prepared to lose a right: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  return {
    prepare: () => (preparing = prepareNext()),
    horizons: () => horizons,
    async endRight(how: 'role' | 'session'): Promise<boolean> {
      await preparing;
      const victim = next;
      next = null;
      if (!victim) {
        preparing = prepareNext();
        return false;
      }
      const { person, unit, cookie } = victim;
      const end = (url: string) =>
        how === 'role'
          ? ask(url, 'recall', { person, unit }, population.centre)
          : ask(url, 'signOutEverywhere', {}, cookie);
      let isEnded = false;
      for (let tried = 0; tried < 20 && !isEnded; tried += 1) {
        const outcome = await end(cluster.nodes[tried % cluster.nodes.length]?.directUrl ?? '');
        // A repetition of what was done already finds nothing left to end.
        isEnded = outcome.kind === 'done' || (outcome.kind === 'refused' && tried > 0);
        if (outcome.kind === 'refused' && tried === 0) {
          log(`a right could not be ended: ${outcome.code}`);
          break;
        }
        if (!isEnded) await pause(300);
      }
      preparing = prepareNext();
      if (!isEnded) return false;
      await pause(REVOKED_MS_MAX);
      const heads = await headsWhenUp(db);
      for (const { name, streams } of victim.viewers)
        horizons[name] = Object.fromEntries(streams.map((stream) => [stream, heads[stream] ?? 0]));
      return true;
    },
  };
}

/** The heads, as soon as the store answers: another fault may have it down just now. */
async function headsWhenUp(db: Db): Promise<Record<string, number>> {
  const untilMs = Date.now() + STORE_AWAY_MS_MAX;
  for (;;)
    try {
      return await readHeads(db);
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await pause(200);
    }
}

/** Waits until every file that was sent is stored, read and looked over; what still is not when the time is over never will be. */
async function restPile(db: Db, senders: Senders, findings: Findings): Promise<void> {
  const untilMs = Date.now() + PILE_REST_MS_MAX;
  for (;;) {
    const left = await pileUnderWay(db, senders);
    if (left.length === 0) return;
    if (Date.now() > untilMs) {
      for (const what of left) findings.add('stale', `for good: ${what}`);
      return;
    }
    await pause(500);
  }
}

/** Waits until every viewer has everything; who still has not when the time is over is stale for good. */
async function heal({ cluster, db, viewers, log }: Loaded, findings: Findings): Promise<number> {
  for (const { proxy } of cluster.nodes) proxy.setMode('forward');
  const beganAtMs = Date.now();
  for (;;) {
    await pause(500);
    const compared = await viewers.ask({ do: 'compare', heads: await readHeads(db) });
    if (compared.did !== 'compared') throw new Error('the viewers gave no answer');
    const spentMs = Date.now() - beganAtMs;
    // Files that are still being read move the streams: everything must be at rest once.
    const areFiguresThere = await areRollupsAtRest(db);
    if (compared.behind.length === 0 && areFiguresThere) {
      log(`healed ${spentMs} ms after the load: ${compared.connected} viewers live`);
      return spentMs;
    }
    if (spentMs > HEAL_MS_MAX) {
      for (const who of compared.behind) findings.add('stale', `for good: ${who}`);
      if (!areFiguresThere) findings.add('stale', `for good: the figures of ${ROLLUP}`);
      return spentMs;
    }
  }
}

/** The line that tells everything: what is counted first. */
export const isClean = (verdict: Verdict): boolean => COUNTED.every((kind) => verdict[kind] === 0);
