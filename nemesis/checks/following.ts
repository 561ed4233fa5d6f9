/** What one viewer applied of one stream, held against the journal (Maelstrom's broadcast and kafka checkers are the model). Pure. */
import type { Findings } from './findings.ts';

/** A stream as the journal has it: one life, events 1, 2, 3 … */
export interface StreamTruth {
  epoch: string;
  /** `keys[q - 1]` names what event `q` says anew: its type and entity. */
  keys: readonly string[];
  /** Whether several events of one key may travel as the last of them. */
  isFolded: boolean;
}

/** What a viewer did, in the order he did it. */
export type Step =
  /** He took a snapshot: everything up to `seq` is in it. */
  | { kind: 'snapshot'; epoch: string; seq: number }
  /** He applied events; everything up to `last` is dealt with now. */
  | { kind: 'applied'; epoch: string; last: number; events: readonly number[] };

/** Counts what was lost, doubled or reordered at one viewer of one stream. */
export function checkFollowing(findings: Findings, who: string, truth: StreamTruth, steps: readonly Step[]): void {
  let epoch: string | null = null;
  let last = 0;
  let seen = new Set<number>();
  for (const step of steps) {
    if (step.kind === 'snapshot') {
      ({ epoch } = step);
      last = step.seq;
      seen = new Set();
      continue;
    }
    if (step.epoch !== epoch) {
      findings.add('reordered', `${who}: events of epoch ${step.epoch} on a state of ${String(epoch)}`);
      continue;
    }
    let before = last;
    for (const q of step.events) {
      if (seen.has(q) || q <= last) findings.add('doubled', `${who}: event ${q} again, at ${last}`);
      else if (q < before) findings.add('reordered', `${who}: event ${q} after ${before}`);
      before = Math.max(before, q);
      seen.add(q);
    }
    if (step.epoch === truth.epoch) countMissing(findings, who, truth, last, step, seen);
    last = Math.max(last, step.last);
    for (const q of seen) if (q <= last) seen.delete(q);
  }
}

/** Between two places of a reader every event is due, or of a folded stream the last one of each key. */
function countMissing(
  findings: Findings,
  who: string,
  truth: StreamTruth,
  after: number,
  step: Extract<Step, { kind: 'applied' }>,
  seen: ReadonlySet<number>,
): void {
  const due = new Map<string, number>();
  for (let q = after + 1; q <= step.last; q += 1) {
    const key = truth.keys[q - 1];
    if (key === undefined) findings.add('diverged', `${who}: applied event ${q}, which the journal does not hold`);
    else due.set(truth.isFolded ? key : `${q}`, q);
  }
  for (const q of due.values())
    if (!seen.has(q)) findings.add('lost', `${who}: event ${q} is missing between ${after} and ${step.last}`);
}
