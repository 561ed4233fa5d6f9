/**
 * Tries at a secret, and how long the next one has to wait. The wait grows and ends: a hard lock would be a gift to whoever wants to
 * keep another out. Pure.
 */
import { HubError } from '../error.ts';

export interface AttemptPolicy {
  /** Tries before anybody waits. */
  freeTries: number;
  /** The first wait; each further try doubles it (ms). */
  firstWaitMs: number;
  waitMaxMs: number;
  /** Tries are forgotten when none came for so long (ms). */
  forgottenAfterMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const ATTEMPT_POLICIES = {
  /** One name from one address: a person who mistypes, or a guesser without a network of machines. */
  pair: { freeTries: 5, firstWaitMs: 5_000, waitMaxMs: 15 * MINUTE_MS, forgottenAfterMs: DAY_MS },
  /** One name from everywhere, but for the devices that have signed in under it before. */
  name: { freeTries: 20, firstWaitMs: 5_000, waitMaxMs: 15 * MINUTE_MS, forgottenAfterMs: DAY_MS },
  /** Codes of the second factor; who comes here knows the password. */
  code: { freeTries: 5, firstWaitMs: 10_000, waitMaxMs: 15 * MINUTE_MS, forgottenAfterMs: DAY_MS },
  /** Letters with a way back, to one name: nobody's mailbox is flooded. */
  letter: { freeTries: 3, firstWaitMs: 10 * MINUTE_MS, waitMaxMs: 6 * 60 * MINUTE_MS, forgottenAfterMs: DAY_MS },
} as const satisfies Record<string, AttemptPolicy>;
export type AttemptKind = keyof typeof ATTEMPT_POLICIES;

export interface Attempts {
  id: string;
  rev: number;
  tries: number;
  lastAtMs: number;
  /** From then on the record may be thrown away. */
  forgottenAtMs: number;
}

/** How long after its last try the next one has to wait (ms). */
export function waitAfter({ freeTries, firstWaitMs, waitMaxMs }: AttemptPolicy, tries: number): number {
  return tries < freeTries ? 0 : Math.min(firstWaitMs * 2 ** (tries - freeTries), waitMaxMs);
}

/** Counts one more try, before its outcome is known: tries in the same moment count too. Errors: HubError `rate_limited`; it is not counted. */
export function tryOnce(policy: AttemptPolicy, id: string, before: Attempts | null, nowMs: number): Attempts {
  const known = before && before.forgottenAtMs > nowMs ? before : null;
  const untilMs = known ? known.lastAtMs + waitAfter(policy, known.tries) : 0;
  if (untilMs > nowMs) throw new HubError('rate_limited', { seconds: Math.ceil((untilMs - nowMs) / 1000) });
  return {
    id,
    rev: (before?.rev ?? 0) + 1,
    tries: (known?.tries ?? 0) + 1,
    lastAtMs: nowMs,
    forgottenAtMs: nowMs + policy.forgottenAfterMs,
  };
}
