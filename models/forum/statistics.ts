/** What the questions of a forum say of its answerers: how soon they answer, and what waits how long. Pure, browser-safe. */

/** The ages by which what waits is counted: up to so long (ms); what is older is the last one. */
export const AGES_MS = [60 * 60_000, 4 * 60 * 60_000, 24 * 60 * 60_000, 3 * 24 * 60 * 60_000] as const;

/** A question, as far as its figures are concerned. */
export interface Counted {
  askedAtMs: number;
  /** Absent while nobody has answered, and for what was answered before it was kept. */
  firstAnsweredAtMs?: number;
  answers: number;
  /** Null for one that does not wait. */
  waitingSinceMs: number | null;
  territory: string;
  /** Whether it repeats another: then nobody owed it an answer of its own. */
  isDuplicate: boolean;
}

export interface Figures {
  asked: number;
  open: number;
  /** Of those whose first answer is known (ms); null where there is none. */
  medianMs: number | null;
  p90Ms: number | null;
  answered: number;
}

export interface ForumStatistics {
  all: Figures;
  /** Open questions by the ages above, the last for those that are older than all of them. */
  openByAge: number[];
  oldestWaitingMs: number | null;
  duplicates: number;
  territories: (Figures & { territory: string })[];
}

/** The nearest rank: of ten values the 90th percentile is the ninth. */
export function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

function figuresOf(questions: readonly Counted[]): Figures {
  const waits = questions
    .flatMap(({ askedAtMs, firstAnsweredAtMs }) =>
      firstAnsweredAtMs === undefined ? [] : [firstAnsweredAtMs - askedAtMs],
    )
    .sort((a, b) => a - b);
  return {
    asked: questions.length,
    open: questions.filter(({ waitingSinceMs }) => waitingSinceMs !== null).length,
    medianMs: quantile(waits, 0.5),
    p90Ms: quantile(waits, 0.9),
    answered: questions.filter(({ answers }) => answers > 0).length,
  };
}

export function statisticsOf(questions: readonly Counted[], nowMs: number): ForumStatistics {
  const waiting = questions.flatMap(({ waitingSinceMs }) => (waitingSinceMs === null ? [] : [nowMs - waitingSinceMs]));
  const openByAge = [...AGES_MS, Infinity].map((ageMs, at) => {
    const fromMs = AGES_MS[at - 1] ?? -Infinity;
    return waiting.filter((age) => age >= fromMs && age < ageMs).length;
  });
  const byTerritory = Map.groupBy(questions, ({ territory }) => territory);
  return {
    all: figuresOf(questions),
    openByAge,
    oldestWaitingMs: waiting.length === 0 ? null : waiting.reduce((most, age) => Math.max(most, age)),
    duplicates: questions.filter(({ isDuplicate }) => isDuplicate).length,
    territories: [...byTerritory].map(([territory, of]) => ({ territory, ...figuresOf(of) })),
  };
}
