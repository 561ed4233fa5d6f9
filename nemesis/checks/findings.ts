/** What the checks count, and the first examples of each, so that a failed run says what to look at. */
export const COUNTED = [
  'lost',
  'doubled',
  'reordered',
  'leaked',
  'diverged',
  'driftedCounters',
  'brokenClaims',
  'stale',
  'unbounded',
] as const;
export type Counted = (typeof COUNTED)[number];

/** Examples kept of each kind. */
const EXAMPLES_MAX = 5;

export class Findings {
  readonly counts: Record<Counted, number> = {
    lost: 0,
    doubled: 0,
    reordered: 0,
    leaked: 0,
    diverged: 0,
    driftedCounters: 0,
    brokenClaims: 0,
    stale: 0,
    unbounded: 0,
  };
  readonly examples: { kind: Counted; what: string }[] = [];

  add(kind: Counted, what: string, times = 1): void {
    this.counts[kind] += times;
    if (this.examples.filter((example) => example.kind === kind).length < EXAMPLES_MAX)
      this.examples.push({ kind, what });
  }

  /** Takes over what was found elsewhere, e.g. in another process. */
  addAll({ counts, examples }: Pick<Findings, 'counts' | 'examples'>): void {
    for (const kind of COUNTED) this.counts[kind] += counts[kind];
    for (const { kind, what } of examples)
      if (this.examples.filter((example) => example.kind === kind).length < EXAMPLES_MAX)
        this.examples.push({ kind, what });
  }

  isClean(): boolean {
    return COUNTED.every((kind) => this.counts[kind] === 0);
  }
}
