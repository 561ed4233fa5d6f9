/**
 * `npm test`: everything that must hold, in the order in which it fails soonest: types beside lint, build, rules and integration,
 * journeys. Every step runs, so that one run tells all; the end names what failed and counts, and the exit code is that of the worst.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureNeeds } from './needs.ts';
import { readOutcomes, type Outcome } from './outcomes.ts';

interface Step {
  name: string;
  command: string[];
  /** Where the step leaves its outcomes; a step without counts as one test. */
  results?: string;
}

/** One after another; what stands together runs at once, each on one core. */
const STEPS: Step[][] = [
  // Both read what this writes.
  [{ name: 'prepare', command: ['npm', 'run', '--silent', 'prepare'] }],
  [
    { name: 'types', command: ['npm', 'run', '--silent', 'types'] },
    { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  ],
  [{ name: 'build', command: ['npm', 'run', '--silent', 'build'] }],
  [
    {
      name: 'rules and integration',
      command: ['vitest', 'run', '--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'],
      results: 'test-results/unit.json',
    },
  ],
  [{ name: 'journeys', command: ['playwright', 'test'], results: 'test-results/e2e.json' }],
];

let passed = 0;
let failed = 0;
const broken: string[] = [];
/** Named once more at the end: far above stands what a long run said of them. */
const failures: Outcome[] = [];

/** Runs a step to its end and counts what came of it. */
async function run({ name, command, results }: Step): Promise<void> {
  const [program = '', ...arguments_] = command;
  const beganAtMs = Date.now();
  console.log(`\n— ${name}`);
  const status = await new Promise<number | null>((resolve) => {
    const running = spawn(program, arguments_, { stdio: 'inherit' });
    running.once('error', () => resolve(null));
    running.once('exit', resolve);
  });
  console.log(`— ${name}: ${status === 0 ? 'ok' : 'FAILED'}, ${Math.round((Date.now() - beganAtMs) / 1000)} s`);
  const outcomes = results && existsSync(results) ? readOutcomes(readFileSync(results, 'utf8')) : [];
  const good = outcomes.filter(({ isPassed }) => isPassed).length;
  passed += good;
  failed += outcomes.length - good;
  failures.push(...outcomes.filter(({ isPassed }) => !isPassed));
  if (results === undefined && status === 0) passed += 1;
  // A step that ends badly without a failed test of its own is one, and so is one that ran no test.
  if (status !== 0 && good === outcomes.length) failed += 1;
  else if (results !== undefined && outcomes.length === 0) failed += 1;
  if (status !== 0 || (results !== undefined && outcomes.length === 0)) broken.push(name);
}

ensureNeeds();
rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results');

for (const together of STEPS) await Promise.all(together.map(run));
for (const { title, why } of failures) console.log(`\nFAILED ${title}\n${why ?? ''}`);
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
