/** After a right has ended nothing new may arrive. Pure. */
import type { Findings } from './findings.ts';
import type { Step } from './following.ts';

/** Everything beyond `horizon` was recorded after the right had ended and the time to hear of it had passed. */
export function checkRevocation(
  findings: Findings,
  who: string,
  stream: string,
  horizon: number,
  steps: readonly Step[],
): void {
  for (const step of steps) {
    const seen = step.kind === 'snapshot' ? [step.seq] : step.events;
    for (const q of seen)
      if (q > horizon)
        findings.add('leaked', `${who}: ${step.kind} ${q} of ${stream}, whose right ended at ${horizon}`);
  }
}
