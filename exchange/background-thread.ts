import { setPriority } from 'node:os';

const NICENESS = 10;

/**
 * Called in a worker thread: lets the thread that asked go first when processors are short, so that reading a large file never
 * delays a socket. On Linux the priority is the calling thread's own; elsewhere it is the whole program's and is left alone.
 */
export function yieldToTheCaller(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, NICENESS);
  } catch {
    // A container may forbid it: then the threads compete as equals.
  }
}
