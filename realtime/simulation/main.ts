/** `npm run simulate -- [--seed N] [--seeds K] [--ops N] [--json]`: the protocol under every fault, K seeds from N on. A failing seed is printed and replays. */
import { parseArgs } from 'node:util';
import { simulate } from './simulation.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string', default: '500' },
    ops: { type: 'string', default: '10000' },
    json: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const seeds = Number(values.seeds);
const operations = Number(values.ops);
if (![first, seeds, operations].every((value) => Number.isSafeInteger(value) && value > 0)) {
  console.error('--seed, --seeds and --ops take whole numbers from 1');
  process.exit(2);
}

const beganAtMs = performance.now();
const sum = { seeds, operations, events: 0, steps: 0, applied: 0, snapshots: 0, failed: 0 };
const faults: Record<string, number> = {};
for (let seed = first; seed < first + seeds; seed += 1) {
  const outcome = simulate(seed, operations);
  sum.events += outcome.events;
  sum.steps += outcome.steps;
  sum.applied += outcome.applied;
  sum.snapshots += outcome.snapshots;
  for (const [fault, count] of Object.entries(outcome.faults)) faults[fault] = (faults[fault] ?? 0) + count;
  if (outcome.wrong.length === 0) continue;
  sum.failed += 1;
  console.error(
    `seed ${seed}: ${outcome.wrong[0] ?? ''} (npm run simulate -- --seed ${seed} --seeds 1 --ops ${operations})`,
  );
}
const seconds = Math.round((performance.now() - beganAtMs) / 100) / 10;
const report = { ...sum, faults, seconds };
console.log(values.json ? JSON.stringify(report) : report);
process.exitCode = sum.failed > 0 ? 1 : 0;
