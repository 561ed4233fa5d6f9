/** What becomes of a socket that takes less than it is sent. Pure: bytes and time come from outside. */
import { BUFFERED_BYTES_MAX, BUFFERED_BYTES_SLOW, SLOW_MAX_MS } from '../contract.ts';

/** How often every socket's buffer is looked at (ms). */
export const PRESSURE_LOOK_MS = 250;
/** A slow socket has drained when no more than this waits for it (bytes): a heartbeat's worth, not a backlog. */
export const DRAINED_BYTES = 4_096;

export type Verdict = 'keepsUp' | 'slow' | 'drained' | 'cut';

/** `slowSinceMs` is when it began to be slow, null while it kept up. */
export function judge(slowSinceMs: number | null, waitingBytes: number, nowMs: number): Verdict {
  if (waitingBytes > BUFFERED_BYTES_MAX) return 'cut';
  if (slowSinceMs === null) return waitingBytes > BUFFERED_BYTES_SLOW ? 'slow' : 'keepsUp';
  if (waitingBytes <= DRAINED_BYTES) return 'drained';
  return nowMs - slowSinceMs > SLOW_MAX_MS ? 'cut' : 'slow';
}
