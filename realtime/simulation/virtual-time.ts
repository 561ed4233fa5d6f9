/** A clock that jumps from one deed to the next, and a random that a seed repeats: a run is the same on every machine. */

export class VirtualTime {
  nowMs = 0;
  /** Deeds done so far: what a run cost. */
  done = 0;
  readonly #heap: { atMs: number; order: number; work: () => void }[] = [];
  #order = 0;

  after(ms: number, work: () => void): void {
    const heap = this.#heap;
    const entry = { atMs: this.nowMs + ms, order: (this.#order += 1), work };
    let place = heap.length;
    heap.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent];
      if (!above || !isBefore(entry, above)) break;
      heap[place] = above;
      place = parent;
    }
    heap[place] = entry;
  }

  /** Does everything that is due until a moment. */
  runUntil(endMs: number): void {
    for (let next = this.#heap[0]; next && next.atMs <= endMs; next = this.#heap[0]) {
      this.#removeFirst();
      this.nowMs = next.atMs;
      this.done += 1;
      next.work();
    }
    this.nowMs = endMs;
  }

  #removeFirst(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let place = 0;
    for (;;) {
      const left = heap[2 * place + 1];
      const right = heap[2 * place + 2];
      if (!left) break;
      const [child, at] = right && isBefore(right, left) ? [right, 2 * place + 2] : [left, 2 * place + 1];
      if (!isBefore(child, last)) break;
      heap[place] = child;
      place = at;
    }
    heap[place] = last;
  }
}

const isBefore = (a: { atMs: number; order: number }, b: { atMs: number; order: number }): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
