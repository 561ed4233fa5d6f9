/**
 * `npm run requirements [-- --json]`: which requirements of the domain are quoted by tests that passed in the last run.
 * A test quotes an id in its title or in a title above it: `it('[S2-21] a file sent after the deadline is refused')`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { readOutcomes, type Outcome } from './outcomes.ts';

/** How many requirements each source has: ids run from 01 without a gap and are never renumbered. */
const TOTALS: Record<string, number> = { S0: 41, S1: 55, S2: 24, S3: 96, S4: 38, X: 5, G: 15 };

export interface SourceCoverage {
  total: number;
  shown: number;
  missing: string[];
}

/** Ids of a source, e.g. `S2-01` … `S2-24`. */
function idsOf(source: string, total: number): string[] {
  return Array.from({ length: total }, (_, index) => `${source}-${String(index + 1).padStart(2, '0')}`);
}

export function coverage(outcomes: readonly Outcome[]): Record<string, SourceCoverage> {
  const quoted = new Set(
    outcomes
      .filter(({ isPassed }) => isPassed)
      .flatMap(({ title }) => [...title.matchAll(/\b(?:S[0-4]|X|G)-\d{2}\b/g)].map(([id]) => id)),
  );
  return Object.fromEntries(
    Object.entries(TOTALS).map(([source, total]) => {
      const missing = idsOf(source, total).filter((id) => !quoted.has(id));
      return [source, { total, shown: total - missing.length, missing }];
    }),
  );
}

function print(): void {
  const files = ['test-results/unit.json', 'test-results/e2e.json'];
  const absent = files.filter((file) => !existsSync(file));
  if (absent.length > 0) {
    console.error(`No results of a test run: ${absent.join(', ')} missing. Run "npm test" first.`);
    process.exit(1);
  }
  const covered = coverage(files.flatMap((file) => readOutcomes(readFileSync(file, 'utf8'))));
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify(covered));
    return;
  }
  for (const [source, { total, shown, missing }] of Object.entries(covered)) {
    const rest = missing.length === 0 ? 'all shown' : `missing: ${missing.join(' ')}`;
    console.log(`${source.padEnd(3)} ${String(shown).padStart(3)} of ${String(total).padStart(3)}   ${rest}`);
  }
}

if (import.meta.main) print();
