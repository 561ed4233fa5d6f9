/** Which fault happens when, and to whom: drawn from the seed before the run begins. Pure. */
import { Chance } from '#chance/chance.ts';

export const FAULTS = [
  'nodeKilled', // kill -9, started again
  'nodeStopped', // SIGSTOP, then SIGCONT
  'newBuild', // ended in order, started again as another build
  'clockWrong', // a node's clock 10 minutes ahead or behind
  'storeRestarted',
  'redisKilled',
  'redisFlushed',
  'subscriberCut', // only the connections that hear hints, again and again
  'redisCut', // every connection to Redis, and no new one
  'redisDelayed',
  'redisSilent', // connections stay open, nothing passes
  'socketsReset', // every viewer of a node
  'halfOpen', // viewers' connections stay open, nothing passes
  'readerStalled', // some viewers stop reading
  'roleRevoked',
  'sessionEnded',
] as const;
export type FaultKind = (typeof FAULTS)[number];

export interface PlannedFault {
  kind: FaultKind;
  /** From the beginning of the load (ms). */
  atMs: number;
  durationMs: number;
  /** Which of the things it can happen to: taken modulo their number. */
  target: number;
  /** The first of its kind: carried out even when those before it took longer than planned. */
  isFirst: boolean;
}

/** Nothing happens before the viewers have settled (ms). */
const FIRST_AT_MS = 2_000;
/** How long each fault lasts (ms): from, to. */
const LASTS_MS: Record<FaultKind, readonly [number, number]> = {
  nodeKilled: [500, 3_000],
  nodeStopped: [15_000, 15_000],
  newBuild: [0, 0],
  clockWrong: [8_000, 15_000],
  storeRestarted: [500, 1_500],
  redisKilled: [2_000, 5_000],
  redisFlushed: [0, 0],
  subscriberCut: [2_000, 5_000],
  redisCut: [2_000, 5_000],
  redisDelayed: [3_000, 6_000],
  redisSilent: [4_000, 8_000],
  socketsReset: [0, 0],
  halfOpen: [8_000, 18_000],
  readerStalled: [5_000, 12_000],
  roleRevoked: [0, 0],
  sessionEnded: [0, 0],
};

interface Lane {
  kinds: readonly FaultKind[];
  /** Quiet between two of its faults (ms): from, to. */
  quietMs: readonly [number, number];
}

/** Faults of one lane never overlap each other; those of different lanes do, so that viewers meet several at a time. */
const LANES: readonly Lane[] = [
  {
    kinds: ['nodeKilled', 'nodeStopped', 'newBuild', 'clockWrong', 'storeRestarted', 'redisKilled', 'redisFlushed'],
    quietMs: [1_500, 4_000],
  },
  {
    kinds: ['subscriberCut', 'redisCut', 'redisDelayed', 'redisSilent', 'halfOpen', 'readerStalled'],
    quietMs: [1_500, 4_000],
  },
  { kinds: ['socketsReset', 'roleRevoked', 'sessionEnded'], quietMs: [4_000, 9_000] },
];

/** The faults of each lane, in order. Every kind of a lane comes once, in an order of chance, before any of them comes again. */
export function planFaults(seed: number, seconds: number): PlannedFault[][] {
  return LANES.map((lane, index) => planLane(lane, new Chance(seed, `faults ${index}`), seconds * 1_000));
}

function planLane({ kinds, quietMs }: Lane, chance: Chance, endMs: number): PlannedFault[] {
  const planned: PlannedFault[] = [];
  let atMs = FIRST_AT_MS + chance.whole(0, 1_500);
  for (let round = 1; ; round += 1) {
    for (const kind of chance.shuffled(kinds)) {
      const durationMs = chance.whole(...LASTS_MS[kind]);
      if (atMs + durationMs > endMs) return planned;
      planned.push({ kind, atMs, durationMs, target: chance.whole(0, 1_000), isFirst: round === 1 });
      atMs += durationMs + chance.whole(...quietMs);
    }
  }
}
