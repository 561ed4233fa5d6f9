/**
 * A gate before the calls into jpeg-turbo. A thread that is ended in the midst of one takes the whole program with it: the addon then
 * throws where nobody can catch. Whoever ends a thread shuts its gate first: no call begins any more, and one under way is waited for.
 */

const OPEN = 0;
const INSIDE = 1;
const SHUT = 2;

/** Shared by a thread and its owner, one for each task. */
export type NativeGate = Int32Array<SharedArrayBuffer>;

export const createGate = (): NativeGate => new Int32Array(new SharedArrayBuffer(4));

/** Resolves when the thread is outside and stays there: from then on it may be ended. */
export async function shut(gate: NativeGate): Promise<void> {
  while (Atomics.compareExchange(gate, 0, OPEN, SHUT) === INSIDE) await Atomics.waitAsync(gate, 0, INSIDE).value;
}

/** The gate of the task that this thread works on; the main thread is never ended so, and needs none. */
let own: NativeGate | null = null;
export function standBehind(gate: NativeGate): void {
  own = gate;
}

/** A synchronous call into the addon. Behind a shut gate the thread stands still until it is ended. */
export function callNative<Value>(call: () => Value): Value {
  const gate = own;
  if (gate === null) return call();
  while (Atomics.compareExchange(gate, 0, OPEN, INSIDE) === SHUT) Atomics.wait(gate, 0, SHUT);
  try {
    return call();
  } finally {
    Atomics.store(gate, 0, OPEN);
    Atomics.notify(gate, 0);
  }
}
