/**
 * One decision about errors that a batch has in common (S1-12): begun as one deed, carried out a few errors at a time by whichever node holds
 * it, so that what was begun is ended though a node dies. Each error is settled whole or not at all, and what could not be is told with its reason.
 * Pure, browser-safe.
 */
import { z } from 'zod';
import { COLLECTOR_FINDING_CODES, type CollectorFindingCode } from '#collector/finding.ts';
import { HubError, type RefusalCode, type RefusalParams } from '../error.ts';
import type { PlainSettlement } from './decision.ts';
import { plainSettlementSchema } from './scan-error.ts';

/** Errors that one decision may be about: a feed of a thousand pages. */
export const JOINT_ERRORS_MAX = 1_000;
/** Errors of one transaction: their pages, works and facts are well below what one may hold. */
export const JOINT_PER_TRANSACTION = 50;
/** How long a node may be silent over it before another goes on (ms). */
export const JOINT_LEASE_MS = 20_000;
/** How often it is gone on with at the same errors: what fails so often does not end by itself. */
export const JOINT_TRIES_MAX = 3;

export const jointInputSchema = z.strictObject({
  batch: z.string().min(1).max(80),
  code: z.enum(COLLECTOR_FINDING_CODES),
  /** When the youngest error was raised that whoever decides has seen: what came later is not decided. */
  untilMs: z.number().int().min(0),
  settlement: plainSettlementSchema,
});
export const jointBackSchema = z.strictObject({ joint: z.string().min(1).max(80) });

/** An error that was left as it is. */
export interface PassedError {
  error: string;
  code: RefusalCode;
  params: RefusalParams;
}

interface JointBase {
  id: string;
  rev: number;
  procedure: string;
  centre: string;
  batch: string;
  code: CollectorFindingCode;
  by: { id: string; name: string };
  begunAtMs: number;
  deed: { kind: 'settle'; settlement: PlainSettlement } | { kind: 'takeBack'; of: string };
  done: string[];
  passed: PassedError[];
}
export type JointSettlement = JointBase &
  (
    | { status: 'running'; left: string[]; node: string; leaseUntilMs: number; tries: number }
    | { status: 'over'; overAtMs: number }
  );
export type JointOf<Status extends JointSettlement['status']> = Extract<JointSettlement, { status: Status }>;

export const beginJoint = (
  about: Pick<JointBase, 'id' | 'procedure' | 'centre' | 'batch' | 'code' | 'by' | 'deed' | 'passed'>,
  errors: readonly string[],
  node: string,
  nowMs: number,
): JointOf<'running'> => ({
  ...{ ...about, rev: 1, begunAtMs: nowMs, done: [], status: 'running' },
  ...{ left: [...errors], node, leaseUntilMs: nowMs + JOINT_LEASE_MS, tries: 1 },
});

/** Another node goes on with one whose node fell silent; null while it has not. */
export const claimJoint = (joint: JointSettlement, node: string, nowMs: number): JointOf<'running'> | null =>
  joint.status !== 'running' || joint.leaseUntilMs > nowMs
    ? null
    : { ...joint, rev: joint.rev + 1, node, leaseUntilMs: nowMs + JOINT_LEASE_MS, tries: joint.tries + 1 };

/** The next errors that are decided in one transaction. */
export const nextOf = ({ left }: JointOf<'running'>): string[] => left.slice(0, JOINT_PER_TRANSACTION);

/** Some more are done or left as they are; with the last it is over. */
export function jointMoved(
  joint: JointOf<'running'>,
  done: readonly string[],
  passed: readonly PassedError[],
  nowMs: number,
): JointSettlement {
  const { left, node, leaseUntilMs: _lease, tries: _tries, status: _status, ...base } = joint;
  const gone = new Set([...done, ...passed.map(({ error }) => error)]);
  const rest = left.filter((error) => !gone.has(error));
  const moved = {
    ...base,
    ...{ rev: joint.rev + 1, done: [...joint.done, ...done], passed: [...joint.passed, ...passed] },
  };
  return rest.length === 0
    ? { ...moved, status: 'over', overAtMs: nowMs }
    : { ...moved, status: 'running', left: rest, node, leaseUntilMs: nowMs + JOINT_LEASE_MS, tries: 1 };
}

/** What could not be done again and again is left as it is, and told. */
export const jointGivenUp = (joint: JointOf<'running'>, nowMs: number): JointSettlement =>
  jointMoved(
    joint,
    [],
    joint.left.map((error) => ({ error, code: 'busy', params: {} })),
    nowMs,
  );

/** The errors whose decision this person may take back. Errors: `settlement_over`, as of a single one. */
export function demandTakeable(joint: JointSettlement | null, person: string): JointOf<'over'> {
  // What was asked of an institution is not taken back, but decided anew.
  if (
    joint?.status !== 'over' ||
    joint.by.id !== person ||
    joint.deed.kind !== 'settle' ||
    joint.deed.settlement.way === 'requestRescan'
  )
    throw new HubError('settlement_over');
  return joint;
}

/** What whoever decided is told: how many were settled, and why the others were not. */
export interface JointOutcome {
  joint: string;
  settled: number;
  passed: PassedError[];
  /** False: it goes on, by another node. */
  isOver: boolean;
}
export const outcomeOf = ({ id, done, passed, status }: JointSettlement): JointOutcome => ({
  ...{ joint: id, settled: done.length, passed, isOver: status === 'over' },
});
