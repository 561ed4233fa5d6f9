/** Seeded chance: the same seed, the same pages. */
import { mulberry32 } from '#chance/chance.ts';

export type Chance = () => number;

/** Seeds that follow one another, as those of pages do, are drawn apart. */
export const chanceOf = (seed: number): Chance => mulberry32(Math.imul(seed, 2_654_435_761) + 1);

export const between = (chance: Chance, least: number, most: number): number => least + (most - least) * chance();
export const either = (chance: Chance): 1 | -1 => (chance() < 0.5 ? 1 : -1);
