/** Chance that a seed repeats: the one generator of tests, simulations, spoilt pages and the demonstration. Nothing that must not be guessed comes from it. */

/** From 0 up to, never including, 1: mulberry32, which is small, quick, and good enough to shuffle faults. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class Chance {
  /** From 0 up to, never including, 1. */
  readonly next: () => number;

  /** `topic` keeps streams apart: what one writer draws does not depend on how much the others drew. */
  constructor(seed: number, topic = '') {
    let state = seed >>> 0;
    for (const character of topic) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    this.next = mulberry32(state);
  }

  /** A whole number from 0 up to, never including, the limit. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least);
  }

  /** A whole number, both ends included. */
  whole(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  happens(share: number): boolean {
    return this.next() < share;
  }

  oneOf<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }

  shuffled<T>(list: readonly T[]): T[] {
    return list
      .map((item) => ({ item, place: this.next() }))
      .sort((one, other) => one.place - other.place)
      .map(({ item }) => item);
  }
}
