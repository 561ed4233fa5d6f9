import { describe, expect, it } from 'vitest';
import { ATTEMPT_POLICIES, tryOnce, waitAfter, type Attempts } from './attempts.ts';

const { pair } = ATTEMPT_POLICIES;
const BEGIN_MS = 1_000_000;

const tried = (times: number, atMs = BEGIN_MS): Attempts | null => {
  let attempts: Attempts | null = null;
  // Each one comes when it is allowed.
  for (let n = 0; n < times; n += 1) {
    atMs += waitAfter(pair, n);
    attempts = tryOnce(pair, 'a', attempts, atMs);
  }
  return attempts;
};

describe('tries at a secret', () => {
  it('are free up to the fifth; the sixth waits, and to the millisecond', () => {
    const five = tried(5);
    expect(five).toMatchObject({ tries: 5 });
    const lastAtMs = five?.lastAtMs ?? 0;
    expect(() => tryOnce(pair, 'a', five, lastAtMs + pair.firstWaitMs - 1)).toThrow('rate_limited {"seconds":1}');
    expect(tryOnce(pair, 'a', five, lastAtMs + pair.firstWaitMs)).toMatchObject({ tries: 6, rev: 6 });
  });

  it('wait twice as long after each, never longer than the longest wait: no account is locked for good', () => {
    expect([5, 6, 7, 8].map((tries) => waitAfter(pair, tries))).toEqual([5_000, 10_000, 20_000, 40_000]);
    expect(waitAfter(pair, 1_000)).toBe(pair.waitMaxMs);
  });

  it('that came too early are not counted: who hammers does not lengthen the wait of others', () => {
    const five = tried(5);
    expect(() => tryOnce(pair, 'a', five, (five?.lastAtMs ?? 0) + 1)).toThrow('rate_limited');
    expect(five?.tries).toBe(5);
  });

  it('are forgotten after a day without any', () => {
    const many = tried(9);
    expect(tryOnce(pair, 'a', many, (many?.lastAtMs ?? 0) + pair.forgottenAfterMs)).toMatchObject({
      tries: 1,
      rev: 10,
    });
  });
});
