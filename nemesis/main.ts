/**
 * `npm run nemesis -- --seed N --seconds S [--clients C] [--nodes K] [--json]`: the hub under load and faults, then every check.
 * The exit code is 1 when anything was lost, doubled, reordered, leaked or wrong otherwise.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isClean, run } from './run.ts';

const USAGE = 'npm run nemesis -- --seed N --seconds S [--clients C] [--nodes K] [--json]';

const optionsSchema = z.object({
  seed: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31),
  seconds: z.coerce.number().int().min(5).max(7_200),
  clients: z.coerce.number().int().min(1).max(2_000),
  nodes: z.coerce.number().int().min(1).max(5),
});

function readOptions(): z.infer<typeof optionsSchema> & { json: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
        seconds: { type: 'string', default: '120' },
        clients: { type: 'string', default: '40' },
        nodes: { type: 'string', default: '2' },
        json: { type: 'boolean', default: false },
      },
    });
    return { ...optionsSchema.parse(values), json: values.json };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    process.exit(2);
  }
}

const { json, ...options } = readOptions();
const log = (line: string): void => void (json ? process.stderr : process.stdout).write(`${line}\n`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const { examples, logged, viewers, ...verdict } = await run({ ...options, log });
for (const { kind, what } of examples) log(`${kind}: ${what}`);
log(`logged by the nodes: ${JSON.stringify(logged)}`);
log(`viewers: ${JSON.stringify(viewers)}`);
console.log(json ? JSON.stringify({ ...verdict, viewers }) : JSON.stringify({ ...verdict, viewers }, null, 2));
process.exit(isClean({ ...verdict, viewers, examples, logged }) ? 0 : 1);
