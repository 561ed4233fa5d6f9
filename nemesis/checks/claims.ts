/** Claims held against what may be: one holder at a time, and fencing tokens that rise. Pure. */
import type { Findings } from './findings.ts';

/** A save that only the holder may do, as its asker knows it. */
export interface SaveAttempt {
  id: string;
  subject: string;
  token: number;
  /** `unknown`: no answer came; it may have happened or not. */
  outcome: 'done' | 'refused' | 'unknown';
}

/** The saves of a subject as they lie in the database, in the order in which they were committed. */
export type KeptSave = Pick<SaveAttempt, 'id' | 'subject' | 'token'>;

/**
 * Whoever holds a smaller token comes back late: his save must not stand behind one of a later holder, whatever the clocks say.
 * What was acknowledged is there, what was refused is not.
 */
export function checkGuardedSaves(
  findings: Findings,
  attempts: readonly SaveAttempt[],
  kept: readonly KeptSave[],
): void {
  const latest = new Map<string, number>();
  for (const { id, subject, token } of kept) {
    const before = latest.get(subject) ?? 0;
    if (token < before) findings.add('brokenClaims', `${subject}: saved under token ${token} after ${before}: ${id}`);
    latest.set(subject, Math.max(before, token));
  }
  const present = new Set(kept.map(({ id }) => id));
  for (const { id, outcome } of attempts) {
    if (outcome === 'done' && !present.has(id))
      findings.add('lost', `the save ${id} was acknowledged and is not there`);
    if (outcome === 'refused' && present.has(id))
      findings.add('brokenClaims', `the save ${id} was refused and is there`);
  }
}

/** An attempt to hold a thing; times by the one clock of whoever asks, which no fault touches. */
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
export function checkClaims(
  findings: Findings,
  attempts: readonly ClaimAttempt[],
  /** Times in which a node's clock was wrong: it may end another's lease too early. Tokens must rise all the same. */
  wrongClocks: readonly (readonly [number, number])[] = [],
): void {
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
        const isExcused = wrongClocks.some(([from, to]) => from <= other.answeredAtMs && one.askedAtMs <= to);
        if (one.by !== other.by && other.answeredAtMs < heldUntilMs && !isExcused)
          findings.add('brokenClaims', `${thing}: ${one.by} and ${other.by} hold it in the same moment`);
      }
    });
  }
}
