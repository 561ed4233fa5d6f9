/** Claims held against what may be: one holder at a time, and fencing tokens that rise. Pure. */
import type { Findings } from './findings.ts';

/** An answered attempt to hold a thing; times by the one clock of whoever asks, which no fault touches. */
export interface ClaimAttempt {
  thing: string;
  by: string;
  askedAtMs: number;
  answeredAtMs: number;
  /** Null: refused, or no answer that could be believed. */
  granted: { token: number; leaseMs: number } | null;
  /** When the holder gave it back, if he did: from the asking on he held it no longer. */
  releasedAtMs: number | null;
}

/**
 * An attempt takes effect at some moment between asking and answering. A holder certainly holds from the answer until his
 * lease, counted from the asking, ends: two such times of one thing must not overlap. Of two grants, one answered before the
 * other was asked for, the later has the greater token.
 */
export function checkClaims(findings: Findings, attempts: readonly ClaimAttempt[]): void {
  const byThing = new Map<string, (ClaimAttempt & { granted: { token: number; leaseMs: number } })[]>();
  for (const attempt of attempts) {
    const { granted } = attempt;
    if (!granted) continue;
    const grants = byThing.get(attempt.thing) ?? [];
    byThing.set(attempt.thing, [...grants, { ...attempt, granted }]);
  }
  for (const [thing, grants] of byThing) {
    grants.sort((one, other) => one.answeredAtMs - other.answeredAtMs);
    grants.forEach((one, index) => {
      for (const other of grants.slice(index + 1)) {
        const isRenewal = one.by === other.by && one.granted.token === other.granted.token;
        if (isRenewal) continue;
        if (one.granted.token === other.granted.token)
          findings.add('brokenClaims', `${thing}: token ${one.granted.token} for ${one.by} and for ${other.by}`);
        else if (one.answeredAtMs < other.askedAtMs && one.granted.token > other.granted.token)
          findings.add('brokenClaims', `${thing}: token ${other.granted.token} after ${one.granted.token}`);
        const heldUntilMs = Math.min(one.askedAtMs + one.granted.leaseMs, one.releasedAtMs ?? Infinity);
        if (one.by !== other.by && other.answeredAtMs < heldUntilMs)
          findings.add('brokenClaims', `${thing}: ${one.by} and ${other.by} hold it in the same moment`);
      }
    });
  }
}
