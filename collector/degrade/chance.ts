/** Seeded chance: the same seed, the same pages. */
export type Chance = () => number;

export function chanceOf(seed: number): Chance {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const between = (chance: Chance, least: number, most: number): number => least + (most - least) * chance();
export const either = (chance: Chance): 1 | -1 => (chance() < 0.5 ? 1 : -1);
