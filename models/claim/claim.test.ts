import { describe, expect, it } from 'vitest';
import { HubError } from '../error.ts';
import { LEASE_MS_MAX, passClaim, releaseClaim, renewClaim, takeClaim, type Claim } from './claim.ts';

const ann = { id: 'a', name: 'Тестова А.' };
const bob = { id: 'b', name: 'Тестов Б.' };
const LEASE_MS = 1_000;
const taken: Claim = takeClaim(null, 'question/1', ann, 5_000, LEASE_MS);
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return error.code;
  }
  return 'none';
};

describe('a claim', () => {
  it('is taken once: the next one is told who has it and until when', () => {
    expect(taken).toMatchObject({ rev: 1, token: 1, holder: ann, untilMs: 6_000 });
    expect(() => takeClaim(taken, 'question/1', bob, 5_999, LEASE_MS)).toThrow(
      expect.objectContaining({ code: 'claim_held', params: { by: 'Тестова А.', untilMs: 6_000 } }) as Error,
    );
  });

  it('[P-2] is free again at the moment its lease ends, and the token rises', () => {
    expect(takeClaim(taken, 'question/1', bob, 6_000, LEASE_MS)).toMatchObject({ rev: 2, token: 2, holder: bob });
  });

  it('taken again by its holder keeps its token and gets a new lease', () => {
    expect(takeClaim(taken, 'question/1', ann, 5_500, LEASE_MS)).toMatchObject({ token: 1, untilMs: 6_500 });
  });

  it('is renewed by its token, also late when nobody took it', () => {
    expect(renewClaim(taken, 1, 9_000, LEASE_MS)).toMatchObject({ rev: 2, token: 1, holder: ann, untilMs: 10_000 });
  });

  it('is lost to whoever took it after the lease, and stays lost', () => {
    const later = takeClaim(taken, 'question/1', bob, 6_000, LEASE_MS);
    expect(codeOf(() => renewClaim(later, 1, 6_001, LEASE_MS))).toBe('claim_lost');
    expect(codeOf(() => releaseClaim(later, 1, 6_001))).toBe('claim_lost');
    expect(codeOf(() => renewClaim(null, 1, 6_001, LEASE_MS))).toBe('claim_lost');
  });

  it('keeps its token when it is released: the next one gets a higher one', () => {
    const released = releaseClaim(taken, 1, 5_100);
    expect(released).toMatchObject({ token: 1, holder: null });
    expect(codeOf(() => renewClaim(released, 1, 5_200, LEASE_MS))).toBe('claim_lost');
    expect(takeClaim(released, 'question/1', ann, 5_200, LEASE_MS).token).toBe(2);
  });

  it('[P-2] passes through the hands of a deed that is whole at once, unless another holds it', () => {
    expect(codeOf(() => passClaim(taken, 'question/1', bob, 5_500))).toBe('claim_held');
    const passed = passClaim(taken, 'question/1', bob, 6_000);
    expect(passed).toMatchObject({ rev: 2, token: 2, holder: null });
    expect(codeOf(() => renewClaim(passed, 1, 6_001, LEASE_MS))).toBe('claim_lost');
    // His own in another window ends with it.
    expect(codeOf(() => renewClaim(passClaim(taken, 'question/1', ann, 5_500), 1, 5_501, LEASE_MS))).toBe('claim_lost');
  });

  it('has a lease of at least a millisecond and at most a quarter of an hour', () => {
    for (const leaseMs of [0, -1, 1.5, LEASE_MS_MAX + 1])
      expect(() => takeClaim(null, 's', ann, 0, leaseMs)).toThrow(RangeError);
    expect(takeClaim(null, 's', ann, 0, LEASE_MS_MAX).untilMs).toBe(LEASE_MS_MAX);
  });
});
