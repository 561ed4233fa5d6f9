/**
 * `npm test`: everything that must hold, in the order in which it fails soonest: types, lint, build, rules and integration,
 * journeys. Every step runs, so that one run tells all; the last line counts, and the exit code is that of the worst.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { ensureNeeds } from './needs.ts';
import { readOutcomes } from './outcomes.ts';

interface Step {
  name: string;
  command: string[];
  /** Where the step leaves its outcomes; a step without counts as one test. */
  results?: string;
}

const STEPS: Step[] = [
  { name: 'types', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'build', command: ['npm', 'run', '--silent', 'build'] },
  {
    name: 'rules and integration',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', '--outputFile.json=test-results/unit.json'],
    results: 'test-results/unit.json',
  },
  { name: 'journeys', command: ['playwright', 'test'], results: 'test-results/e2e.json' },
];

ensureNeeds();
rmSync('test-results', { recursive: true, force: true });
mkdirSync('test-results');

let passed = 0;
let failed = 0;
const broken: string[] = [];
for (const { name, command, results } of STEPS) {
  const [program = '', ...arguments_] = command;
  const beganAtMs = Date.now();
  console.log(`\n— ${name}`);
  const { status } = spawnSync(program, arguments_, { stdio: 'inherit' });
  console.log(`— ${name}: ${status === 0 ? 'ok' : 'FAILED'}, ${Math.round((Date.now() - beganAtMs) / 1000)} s`);
  const outcomes = results && existsSync(results) ? readOutcomes(readFileSync(results, 'utf8')) : [];
  const good = outcomes.filter(({ isPassed }) => isPassed).length;
  passed += good;
  failed += outcomes.length - good;
  if (results === undefined && status === 0) passed += 1;
  // A step that ends badly without a failed test of its own is one, and so is one that ran no test.
  if (status !== 0 && good === outcomes.length) failed += 1;
  else if (results !== undefined && outcomes.length === 0) failed += 1;
  if (status !== 0 || (results !== undefined && outcomes.length === 0)) broken.push(name);
}
if (broken.length > 0) console.log(`\nFailed: ${broken.join(', ')}`);
console.log(`\n${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
