/** Chance of the demonstration: the same seed and topic give the same. */
import { createHash } from 'node:crypto';
import { Chance } from '#chance/chance.ts';

/** `topic` keeps streams apart: what one institution draws does not depend on how many others drew before it. */
export function createChance(seed: number, topic: string): Chance {
  return new Chance(createHash('sha256').update(`${seed} ${topic}`).digest().readUInt32LE(0));
}
