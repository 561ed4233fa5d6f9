/** Figures held against a recount of what they are figures of, read from the database past everything that keeps them. Pure. */
import type { Findings } from './findings.ts';

/** What a participation says that is counted. */
export interface CountedParticipation {
  access: { status: string };
  progress: {
    phase: string;
    templateAtMs: number | null;
    sentAtMs: number | null;
    attestedAtMs: number | null;
    reportAtMs: number | null;
  };
}

export type Figures = Readonly<Record<string, number>>;

/** Counts a municipality anew: `institutions` stand in its list, `participations` have registered. */
export function recount(institutions: number, participations: readonly CountedParticipation[]): Figures {
  const having = (what: (one: CountedParticipation) => boolean): number => participations.filter(what).length;
  return {
    all: institutions,
    registered: participations.length,
    awaitingAccess: having(({ access }) => access.status === 'awaited'),
    template: having(({ progress }) => progress.templateAtMs !== null),
    sent: having(({ progress }) => progress.sentAtMs !== null),
    attested: having(({ progress }) => progress.attestedAtMs !== null),
    processed: having(({ progress }) => progress.phase === 'processed'),
    report: having(({ progress }) => progress.reportAtMs !== null),
    problems: having(({ progress }) => progress.phase === 'failed'),
  };
}

export function checkFigures(findings: Findings, what: string, kept: Figures, counted: Figures): void {
  for (const name of Object.keys(counted))
    if ((kept[name] ?? 0) !== counted[name])
      findings.add('driftedCounters', `${what}: ${name} is kept as ${kept[name] ?? 0}, counted ${counted[name] ?? 0}`);
}

export function sumFigures(all: readonly Figures[]): Figures {
  const sums: Record<string, number> = {};
  for (const figures of all)
    for (const [name, figure] of Object.entries(figures)) sums[name] = (sums[name] ?? 0) + figure;
  return sums;
}
