/** The load and the reference of the live benches, ready to be asked. */
import { loadavg } from 'node:os';
import type { FromBare, ToBare } from './bare-node.ts';
import type { FromLoad, OpenSockets, Report, ToLoad } from './counting-viewers.ts';
import { startProgram, type Program } from '#nemesis/program.ts';

export interface Load {
  open(options: Omit<OpenSockets, 'do'>): Promise<{ count: number; tookMs: number }>;
  /** Begins to count anew. */
  reset(group: string): Promise<void>;
  /** Resolves when every socket has got as far in each of its streams, or after `waitMs`: the report says how many have. */
  arrival(group: string, heads: Record<string, number>, waitMs?: number): Promise<Report>;
  hold(group: string, count: number): Promise<void>;
  end(): void;
}

const WAIT_MS = 180_000;

export function startLoad(): Load {
  const program: Program<ToLoad, FromLoad> = startProgram(new URL('counting-viewers.ts', import.meta.url));
  return {
    async open(options) {
      const answer = await program.ask({ do: 'open', ...options });
      if (answer.did !== 'opened') throw new Error(answer.did);
      return answer;
    },
    async reset(group) {
      await program.ask({ do: 'reset', group });
    },
    async arrival(group, heads, waitMs = WAIT_MS) {
      const answer = await program.ask({ do: 'await', group, heads, waitMs });
      if (answer.did !== 'awaited') throw new Error(answer.did);
      return answer;
    },
    async hold(group, count) {
      await program.ask({ do: 'pause', group, count });
    },
    end: () => program.end(),
  };
}

export type Bare = Program<ToBare, FromBare> & { url: string };

export async function startBare(flags: string[] = []): Promise<Bare> {
  const program: Program<ToBare, FromBare> = startProgram(new URL('bare-node.ts', import.meta.url), flags);
  const first = await program.hear();
  if (first.did !== 'listening') throw new Error(first.did);
  return { ...program, url: first.url };
}

export async function bareCost(bare: Bare): Promise<{ cpuUs: number; rss: number; heapUsed: number }> {
  const answer = await bare.ask({ do: 'cost' });
  if (answer.did !== 'cost') throw new Error(answer.did);
  return answer;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

export const rounded = (value: number, digits = 0): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** How busy the machine was otherwise: what absolute times are worth. */
export const loadAverage = (): number => rounded(loadavg()[0] ?? 0, 1);

/** `SVOD_BENCH_PROFILE=DIR` leaves a CPU profile of the node there. */
export function profileFlags(): string[] {
  const folder = process.env['SVOD_BENCH_PROFILE'];
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}
