/** How fast the region lives. */
import type { Chance } from '#chance/chance.ts';
import type { DeedKind } from './deed.ts';

export const PACES = ['slow', 'human', 'fast'] as const;
export type PaceName = (typeof PACES)[number];

export interface Pace {
  /** Between two deeds of the whole region (ms). */
  gapMs(chance: Chance): number;
  /** How long one institution, or the centre about it, takes to come to a deed (ms). */
  patienceMs(kind: DeedKind, chance: Chance): number;
  /** The region never stands still for longer than this while anything can be done (ms). */
  stillMs: number;
}

/** Seconds from and to, at a human pace. Institutions arrive over a quarter of an hour, reactions take a minute or so. */
const PATIENCE: Record<DeedKind, readonly [number, number]> = {
  register: [5, 1_000],
  decline: [20, 60],
  give: [15, 90],
  activate: [10, 90],
  template: [5, 45],
  send: [20, 150],
  attest: [40, 240],
  correct: [40, 240],
  revise: [600, 2_400],
};

const paced = (factor: number): Pace => ({
  gapMs: (chance) => factor * chance.whole(1_000, 3_000),
  patienceMs: (kind, chance) => {
    const [from, to] = PATIENCE[kind];
    return factor * chance.whole(from * 1_000, to * 1_000);
  },
  stillMs: factor * 3_500,
});

export const PACE: Record<PaceName, Pace> = {
  slow: paced(3),
  human: paced(1),
  fast: {
    gapMs: (chance) => chance.whole(0, 40),
    // Files that stand are sent anew only now and then, however fast the rest goes.
    patienceMs: (kind) => (kind === 'revise' ? 60_000 : 0),
    stillMs: 100,
  },
};
