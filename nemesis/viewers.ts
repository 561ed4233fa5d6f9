/** The process in which the viewers of a run live, so that their cost is their own. Told what to do over IPC. */
import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { Chance } from '#chance/chance.ts';
import { Findings } from './checks/findings.ts';
import { checkFollowing, type StreamTruth } from './checks/following.ts';
import { checkRevocation } from './checks/revocation.ts';
import { checkStaleness, type HeadSample } from './checks/staleness.ts';
import { Viewer, type ViewerPlan } from './viewer.ts';

/** What the run knows when everything is over. */
export interface Truth {
  streams: Record<string, StreamTruth>;
  samples: Record<string, HeadSample[]>;
  excused: [number, number][];
  boundMs: number;
  /** By viewer: the last sequence of each stream that he may have seen. */
  horizons: Record<string, Record<string, number>>;
}

export type ToViewers =
  | { do: 'add'; plans: ViewerPlan[]; seed: number }
  | { do: 'stall'; share: number; ms: number; seed: number }
  /** Are all of them where the streams are? */
  | { do: 'compare'; heads: Record<string, number> }
  | { do: 'check'; file: string }
  | { do: 'end' };

export type FromViewers =
  | { did: 'compared'; behind: string[]; connected: number }
  | {
      did: 'checked';
      counts: Findings['counts'];
      examples: Findings['examples'];
      summary: ViewersSummary;
    };

export interface ViewersSummary {
  viewers: number;
  frames: number;
  applied: number;
  snapshots: number;
  connections: number;
  longestStaleMs: number;
  cpuMs: number;
  refusals: Record<string, number>;
  failures: Record<string, number>;
  revoked: number;
  /** Builds of nodes that were met. */
  builds: number;
}

const viewers: Viewer[] = [];

function add(plans: readonly ViewerPlan[], seed: number): void {
  for (const plan of plans) {
    const viewer = new Viewer(plan, seed);
    viewers.push(viewer);
    void viewer.start();
  }
}

function stall(share: number, ms: number, seed: number): void {
  const chance = new Chance(seed, 'stall');
  for (const viewer of viewers) if (chance.happens(share)) viewer.stall(ms);
}

function compare(heads: Record<string, number>): FromViewers {
  const behind = viewers
    .filter(({ isOver }) => !isOver)
    .flatMap((viewer) =>
      viewer.plan.streams
        .filter((stream) => !viewer.revoked.has(stream) && heads[stream] !== undefined)
        .filter((stream) => (viewer.place(stream)?.seq ?? -1) < (heads[stream] ?? 0))
        .map(
          (stream) =>
            `${viewer.plan.name} (${viewer.status}) at ${viewer.place(stream)?.seq ?? '-'} of ${heads[stream] ?? '-'} in ${stream}`,
        ),
    );
  return { did: 'compared', behind, connected: viewers.filter(({ isLive }) => isLive).length };
}

async function check(file: string): Promise<FromViewers> {
  const truth = JSON.parse(await readFile(file, 'utf8')) as Truth;
  const findings = new Findings();
  const states = new Map<string, { who: string; state: unknown }>();
  let longestStaleMs = 0;
  for (const viewer of viewers) {
    const { name } = viewer.plan;
    for (const what of viewer.leaks) findings.add('leaked', what);
    for (const [stream, steps] of viewer.steps) {
      const streamTruth = truth.streams[stream];
      if (!streamTruth) continue;
      const who = `${name} of ${stream}`;
      checkFollowing(findings, who, streamTruth, steps);
      const horizon = truth.horizons[name]?.[stream];
      if (horizon !== undefined) {
        checkRevocation(findings, name, stream, horizon, steps);
        continue;
      }
      const watch = { who, progress: viewer.progress.get(stream) ?? [], hearing: viewer.hearing };
      const samples = truth.samples[stream] ?? [];
      longestStaleMs = Math.max(longestStaleMs, checkStaleness(findings, watch, samples, truth.boundMs, truth.excused));
      if (viewer.isOver || viewer.revoked.has(stream)) {
        findings.add(
          'lost',
          `${who}: ended for a viewer whose right did not: ${viewer.revoked.get(stream) ?? viewer.status}`,
        );
        continue;
      }
      await checkState(findings, viewer, stream, who, states);
    }
  }
  return { did: 'checked', counts: findings.counts, examples: findings.examples, summary: summarise(longestStaleMs) };
}

/** What was replayed must be what the hub says anew, and what every other viewer of the stream has. */
async function checkState(
  findings: Findings,
  viewer: Viewer,
  stream: string,
  who: string,
  states: Map<string, { who: string; state: unknown }>,
): Promise<void> {
  const replayed = comparable(viewer.states.get(stream));
  const fresh = await viewer.freshSnapshot(stream);
  if (!fresh?.ok) {
    findings.add('diverged', `${who}: no fresh snapshot (${fresh?.code ?? 'no answer'})`);
    return;
  }
  if (!isDeepStrictEqual(replayed, comparable(fresh.state)))
    findings.add(
      'diverged',
      `${who}: replay differs from the snapshot${difference(replayed, comparable(fresh.state))}`,
    );
  const first = states.get(stream);
  if (!first) states.set(stream, { who, state: replayed });
  else if (!isDeepStrictEqual(first.state, replayed)) findings.add('diverged', `${who} and ${first.who} differ`);
}

/** Rows in the order of their institutions: a row that came as a fact stands at the end. */
function comparable(state: unknown): unknown {
  const { rows } = (state ?? {}) as { rows?: { institution: string }[] };
  if (!rows) return state;
  return { ...(state as object), rows: rows.toSorted((one, other) => (one.institution < other.institution ? -1 : 1)) };
}

/** The first place where two states differ. */
function difference(one: unknown, other: unknown, path = ''): string {
  if (isDeepStrictEqual(one, other)) return '';
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other)
    return `, at ${path}: ${JSON.stringify(one)} and ${JSON.stringify(other)}`;
  for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const found = difference((one as never)[key], (other as never)[key], `${path}.${key}`);
    if (found) return found;
  }
  return '';
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

function total(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const map of maps) for (const [key, count] of map) totals[key] = (totals[key] ?? 0) + count;
  return totals;
}

function summarise(longestStaleMs: number): ViewersSummary {
  const steps = viewers.flatMap((viewer) => [...viewer.steps.values()].flat());
  const { user, system } = process.cpuUsage();
  return {
    viewers: viewers.length,
    frames: sum(viewers.map(({ frames }) => frames)),
    applied: sum(steps.map((step) => (step.kind === 'applied' ? step.events.length : 0))),
    snapshots: steps.filter(({ kind }) => kind === 'snapshot').length,
    connections: sum(viewers.map(({ connections }) => connections)),
    longestStaleMs,
    cpuMs: Math.round((user + system) / 1_000),
    refusals: total(viewers.map(({ refusals }) => refusals)),
    failures: total(viewers.map(({ failures }) => failures)),
    revoked: viewers.filter(({ isOver }) => isOver).length,
    builds: new Set(viewers.flatMap(({ builds }) => [...builds])).size,
  };
}

async function obey(message: ToViewers): Promise<FromViewers | null> {
  switch (message.do) {
    case 'add':
      add(message.plans, message.seed);
      return null;
    case 'stall':
      stall(message.share, message.ms, message.seed);
      return null;
    case 'compare':
      return compare(message.heads);
    case 'check':
      return check(message.file);
    case 'end':
      process.exit(0);
  }
}

process.on('message', (message: ToViewers) => {
  obey(message).then(
    (answer) => answer && process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(1));
