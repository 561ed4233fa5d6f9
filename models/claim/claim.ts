/**
 * Claims: one of many takes a subject for a while (a scan error, a question, a job of the hub). The lease ends by itself; the fencing
 * token rises with every taker of a subject and never falls, so that whoever comes back late can't write over a later one.
 * Pure, browser-safe.
 */
import { HubError } from '../error.ts';

/** A person or a node. */
export interface Holder {
  id: string;
  /** As others are told who is on it. */
  name: string;
}

export interface Claim {
  /** What is claimed, e.g. `scanError/<id>`. */
  id: string;
  rev: number;
  /** Rises by one with every taker, for ever: a claim is never deleted. */
  token: number;
  holder: Holder | null;
  sinceMs: number;
  /** From this moment on anybody may take it. */
  untilMs: number;
  /** How often a save was guarded by it: such a save and the next taker meet here, and one of them waits. */
  guarded: number;
}

/** What others see of a claim. */
export type ClaimView = Pick<Claim, 'id' | 'token' | 'holder' | 'sinceMs' | 'untilMs'>;

export type ClaimFact = { type: 'claimChanged'; body: { claim: ClaimView } };

/** The longest lease (ms): whoever needs more renews it, or has gone away. */
export const LEASE_MS_MAX = 15 * 60_000;

export const claimView = ({ id, token, holder, sinceMs, untilMs }: Claim): ClaimView => ({
  id,
  token,
  holder,
  sinceMs,
  untilMs,
});

const isHeld = (claim: Claim, nowMs: number): boolean => claim.holder !== null && nowMs < claim.untilMs;

/** Takes what is free, or whose lease ran out. Whoever holds it already keeps his token and gets a new lease. Errors: HubError `claim_held`. */
export function takeClaim(claim: Claim | null, subject: string, holder: Holder, nowMs: number, leaseMs: number): Claim {
  const untilMs = nowMs + checkedLease(leaseMs);
  if (!claim) return { id: subject, rev: 1, token: 1, holder, sinceMs: nowMs, untilMs, guarded: 0 };
  if (isHeld(claim, nowMs)) {
    if (claim.holder?.id !== holder.id)
      throw new HubError('claim_held', { by: claim.holder?.name ?? '', untilMs: claim.untilMs });
    return { ...claim, rev: claim.rev + 1, untilMs };
  }
  return { ...claim, rev: claim.rev + 1, token: claim.token + 1, holder, sinceMs: nowMs, untilMs };
}

/**
 * Taken and given back in one step, for a deed that is whole within its transaction: two who come at once meet at the revision, and a token
 * from before is worth nothing. Errors: HubError `claim_held`.
 */
export const passClaim = (claim: Claim | null, subject: string, holder: Holder, nowMs: number): Claim => ({
  ...takeClaim(claim, subject, holder, nowMs, 1),
  ...{ holder: null, untilMs: nowMs },
});

/** A longer lease for the holder; also after it ran out, when nobody took it meanwhile. Errors: HubError `claim_lost`. */
export function renewClaim(claim: Claim | null, token: number, nowMs: number, leaseMs: number): Claim {
  return { ...held(claim, token), untilMs: nowMs + checkedLease(leaseMs) };
}

/** Errors: HubError `claim_lost`: it was released, or somebody else has it. */
export function releaseClaim(claim: Claim | null, token: number, nowMs: number): Claim {
  return { ...held(claim, token), holder: null, untilMs: nowMs };
}

/** The next revision of a claim that this token still holds. */
function held(claim: Claim | null, token: number): Claim {
  if (claim?.token !== token || claim.holder === null) throw new HubError('claim_lost');
  return { ...claim, rev: claim.rev + 1 };
}

function checkedLease(leaseMs: number): number {
  if (!Number.isInteger(leaseMs) || leaseMs <= 0 || leaseMs > LEASE_MS_MAX)
    throw new RangeError(`a lease of ${leaseMs} ms: from 1 to ${LEASE_MS_MAX}`);
  return leaseMs;
}
