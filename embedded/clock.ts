/** The logical clock whose time travels in replies, so that drivers can order what they saw. */
import { doc, kinds, Opaque, type Doc } from './bson.ts';
import { timestamp } from './updater.ts';

export class Clock {
  #second = 0;
  #increment = 0;

  /** A time after all that were told before. */
  tick(now: Date): Opaque {
    const second = Math.max(this.#second, Math.floor(now.getTime() / 1000));
    this.#increment = second === this.#second ? this.#increment + 1 : 1;
    this.#second = second;
    return timestamp(new Date(second * 1000), this.#increment);
  }
}

const hash = new Opaque(kinds.binData, Buffer.concat([Buffer.from([20, 0, 0, 0, 0]), Buffer.alloc(20)]));

export function clusterTime(clusterTime: Opaque): Doc {
  return doc({ clusterTime, signature: doc({ hash, keyId: 0n }) });
}
