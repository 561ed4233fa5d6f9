/** Contenders: several want the same things at once, on every node, and write down what each was told. */
import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from '#chance/chance.ts';
import { ask } from './asking.ts';
import type { ClaimAttempt, SaveAttempt } from './checks/claims.ts';

export interface ContendersOptions {
  seed: number;
  contenders: number;
  urls: () => string[];
}

/** Things to be had at once. */
const SUBJECTS = 2;
/** A clock ahead keeps what it took: after this others are contended for (ms). */
const SUBJECT_LASTS_MS = 10_000;
const LEASE_MS = 1_500;
/** Longer than a lease: whoever pauses so long comes back late (ms). */
const LATE_MS = 2_500;

export function startContenders({ seed, contenders, urls }: ContendersOptions) {
  const attempts: ClaimAttempt[] = [];
  const saves: SaveAttempt[] = [];
  const beganAtMs = Date.now();
  let isStopped = false;

  async function contend(number: number): Promise<void> {
    const chance = new Chance(seed, `contender ${number}`);
    for (let turn = 1; !isStopped; turn += 1) {
      const round = Math.floor((Date.now() - beganAtMs) / SUBJECT_LASTS_MS);
      const subject = `contended ${round} ${chance.whole(1, SUBJECTS)}`;
      // Another holder each turn: what a lost answer gave must not be taken for this turn's.
      await holdOnce(subject, `contender ${number} ${turn}`, chance);
      await pause(chance.whole(20, 200));
    }
  }

  async function holdOnce(subject: string, by: string, chance: Chance): Promise<void> {
    const claim = { subject, by, leaseMs: LEASE_MS };
    const askedAtMs = Date.now();
    const taken = await ask(chance.oneOf(urls()), 'takeClaim', claim);
    const attempt: ClaimAttempt = {
      thing: subject,
      by,
      askedAtMs,
      answeredAtMs: Date.now(),
      granted: taken.kind === 'done' ? { token: Number(taken.value), leaseMs: LEASE_MS } : null,
      releasedAtMs: null,
    };
    attempts.push(attempt);
    if (!attempt.granted) return;
    const { token } = attempt.granted;
    for (let save = chance.whole(1, 3); save > 0; save -= 1) {
      if (chance.happens(0.15)) await pause(LATE_MS);
      else await pause(chance.whole(10, 150));
      const id = `${by} ${subject} ${save}`;
      const saved = await ask(chance.oneOf(urls()), 'saveUnderClaim', { ...claim, token, id });
      saves.push({ id, subject, token, outcome: saved.kind });
    }
    if (chance.happens(0.7)) {
      attempt.releasedAtMs = Date.now();
      await ask(chance.oneOf(urls()), 'releaseClaim', { ...claim, token });
    }
  }

  const working = Array.from({ length: contenders }, (_, number) => contend(number));
  return {
    attempts,
    saves,
    async stop() {
      isStopped = true;
      await Promise.all(working);
    },
  };
}
