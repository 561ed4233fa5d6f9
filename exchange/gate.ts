import { HubError } from '#models/error.ts';

/** Lets a fixed number through at a time, keeps a bounded line of the rest in order, and turns away who comes after. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  readonly #waitingMax: number;
  #free: number;

  constructor(width: number, waitingMax: number) {
    this.#free = width;
    this.#waitingMax = waitingMax;
  }

  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else {
      if (this.#waiting.length >= this.#waitingMax) throw new HubError('busy');
      // Who leaves hands its place over, so the count stays as it is.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
