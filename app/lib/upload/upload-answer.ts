/** What an answer of the hub means for whoever sends: to try again, or to tell a person. */
import type { RefusalCode, RefusalParams } from '#models/error.ts';

export type Outcome = { isOver: false } | { isOver: true; refusal: { code: RefusalCode; params: RefusalParams } };

/** Refusals that pass by themselves: another one sends the same bytes, or it is too much at once. */
const PASSING: readonly RefusalCode[] = ['upload_moved', 'rate_limited', 'busy', 'stale_write', 'line_lost'];

/** `status` 0: no answer came. */
export function outcomeOf(status: number, body: string): Outcome {
  const refusal = refusalIn(body);
  if (refusal) return PASSING.includes(refusal.code) ? { isOver: false } : { isOver: true, refusal };
  // The protocol's own words: another offset than where the file stands (409), an upload that is held (423).
  if (status === 0 || status === 409 || status === 423 || status === 429 || status >= 500) return { isOver: false };
  return { isOver: true, refusal: { code: 'not_allowed', params: {} } };
}

function refusalIn(body: string): { code: RefusalCode; params: RefusalParams } | null {
  try {
    const { refusal } = JSON.parse(body) as { refusal?: { code: RefusalCode; params: RefusalParams } };
    return refusal ?? null;
  } catch {
    return null;
  }
}
