/** What becomes of a decision about many errors, step by step. */
import { describe, expect, it } from 'vitest';
import {
  beginJoint,
  claimJoint,
  demandTakeable,
  jointGivenUp,
  jointInputSchema,
  jointMoved,
  JOINT_LEASE_MS,
  JOINT_PER_TRANSACTION,
  nextOf,
  outcomeOf,
  type JointSettlement,
} from './joint-settlement.ts';
import { REASON_CHARS_MAX } from './scan-error.ts';

const ERRORS = Array.from({ length: JOINT_PER_TRANSACTION + 1 }, (_, n) => `e${n}`);
const by = { id: 'ivanov', name: 'Иванов' };
const about = { id: 'j', procedure: 'p', centre: 'c', batch: 'b', code: 'EDGE_CUT' as const, by, passed: [] };
const begun = beginJoint(
  { ...about, deed: { kind: 'settle', settlement: { way: 'acceptWithReason', reason: 'поля целы' } } },
  ERRORS,
  'node',
  1_000,
);
const running = (joint: JointSettlement) => {
  if (joint.status !== 'running') throw new Error('over');
  return joint;
};

describe('one decision about many errors', () => {
  it('[S1-12] is carried out a transaction at a time, and is over when none is left', () => {
    expect(nextOf(begun)).toHaveLength(JOINT_PER_TRANSACTION);
    const held = { error: 'e1', code: 'claim_held' as const, params: { by: 'Петрова' } };
    const first = running(
      jointMoved(
        begun,
        nextOf(begun).filter((id) => id !== 'e1'),
        [held],
        2_000,
      ),
    );
    expect(nextOf(first)).toEqual([`e${JOINT_PER_TRANSACTION}`]);
    const over = jointMoved(first, nextOf(first), [], 3_000);
    expect(outcomeOf(over)).toEqual({ joint: 'j', settled: ERRORS.length - 1, passed: [held], isOver: true });
    expect(demandTakeable(over, 'ivanov')).toBe(over);
    for (const [joint, person] of [
      [over, 'petrova'],
      [first, 'ivanov'],
      [null, 'ivanov'],
    ] as const)
      expect(() => demandTakeable(joint, person)).toThrow(
        expect.objectContaining({ code: 'settlement_over' }) as Error,
      );
  });

  it('[S1-12] [P-2] is gone on with by another node when its own is silent, and given up after tries without a step', () => {
    expect(claimJoint(begun, 'other', 1_000 + JOINT_LEASE_MS - 1)).toBeNull();
    const other = claimJoint(begun, 'other', 1_000 + JOINT_LEASE_MS);
    expect(other).toMatchObject({ node: 'other', rev: 2, tries: 2 });
    const given = jointGivenUp(other ?? begun, 9_000);
    expect(given.status).toBe('over');
    expect(given.passed.map(({ code }) => code)).toEqual(ERRORS.map(() => 'busy'));
  });

  it('[S1-12] is told only what says the same of every page', () => {
    const input = { batch: 'b', code: 'EDGE_CUT', untilMs: 0 };
    const isTaken = (settlement: object): boolean => jointInputSchema.safeParse({ ...input, settlement }).success;
    expect(isTaken({ way: 'drop' })).toBe(true);
    expect(isTaken({ way: 'acceptWithReason', reason: 'x'.repeat(REASON_CHARS_MAX) })).toBe(true);
    expect(isTaken({ way: 'acceptWithReason', reason: 'x'.repeat(REASON_CHARS_MAX + 1) })).toBe(false);
    expect(isTaken({ way: 'typeCode', code: 'x' })).toBe(false);
    expect(jointInputSchema.safeParse({ ...input, untilMs: -1, settlement: { way: 'drop' } }).success).toBe(false);
  });
});
