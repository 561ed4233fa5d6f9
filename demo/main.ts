/** `npm run demo`: the hub with a fictitious region that lives. Options: --fresh, --port N, --pace slow|human|fast, --seed N. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ConfigError, readConfig, type Config } from '#server/config.ts';
import { builtPages } from '#server/pages.ts';
import { startDemonstration, type Demonstration } from './demonstration.ts';
import { UnfitFolder } from './folder.ts';
import { PACE, PACES } from './pace.ts';
import { createProgressLine } from './progress-line.ts';
import { welcome } from './welcome.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

const optionsSchema = z.object({
  fresh: z.boolean().default(false),
  port: z.string().regex(/^\d+$/).optional(),
  pace: z.enum(PACES).default('human'),
  seed: z.coerce.number().int().min(0).optional(),
});
const USAGE = `usage: npm run demo -- [--fresh] [--port N] [--pace ${PACES.join('|')}] [--seed N]`;

/** What was asked for can't be done; `message` says why to a person. */
class UsageError extends Error {}

function readOptions(): z.infer<typeof optionsSchema> {
  try {
    const { values } = parseArgs({
      options: {
        fresh: { type: 'boolean' },
        port: { type: 'string' },
        pace: { type: 'string' },
        seed: { type: 'string' },
      },
    });
    return optionsSchema.parse(values);
  } catch {
    throw new UsageError(USAGE);
  }
}

/** Longer than the days that the opening tells (ms). */
const SESSION_MS = 20 * 24 * 60 * 60_000;

/** The hub of the demonstration stands alone: its own store, one node, everybody from this one address. */
function demonstrationConfig(port: string | undefined): Config {
  const { MONGODB_URI: _store, REDIS_URL: _redis, ORIGIN: _origin, ...environment } = process.env;
  // The pages' handler reads it too, and would take the actors for strangers.
  delete process.env['ORIGIN'];
  const config = readConfig({
    DATA_DIR: './data/demo',
    LOG_LEVEL: 'warn',
    ...environment,
    ...(port === undefined ? {} : { PORT: port }),
    SIGN_IN_PER_MINUTE: '10000',
    REGISTRATIONS_PER_HOUR: '100000',
    // A visitor looks around, without a telephone in his hand.
    SECOND_FACTOR: 'offered',
    LETTERS_FOR: 'everybody',
  });
  // The opening tells days in minutes: who signs in meanwhile stays signed in.
  return { ...config, sessionIdleMs: SESSION_MS, sessionAbsoluteMs: SESSION_MS };
}

async function buildMissingPages(): Promise<void> {
  if (existsSync(new URL('../build/handler.js', import.meta.url))) return;
  console.log('The pages are not built yet: building them, once. This takes about half a minute…');
  const vite = fileURLToPath(new URL('../node_modules/vite/bin/vite.js', import.meta.url));
  const build = spawn(process.execPath, [vite, 'build', '--logLevel', 'error'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new UsageError('The pages could not be built: what is wrong stands above.');
}

async function main(): Promise<void> {
  const options = readOptions();
  const config = demonstrationConfig(options.port);
  await buildMissingPages();
  const line = createProgressLine(process.stdout);
  const demonstration = await startDemonstration({
    config,
    pages: builtPages,
    pace: PACE[options.pace],
    isFresh: options.fresh,
    seed: options.seed ?? null,
    onDeed: line.deed,
    onTrouble: line.trouble,
  });
  stopBySignal(demonstration);
  console.log(welcome(demonstration));
  const ending = await demonstration.play(line.opening, line.opened);
  if (ending === 'deadlinePassed')
    console.log('  The deadline has passed: nothing moves any more. Begin anew: npm run demo -- --fresh');
}

function stopBySignal(demonstration: Demonstration): void {
  let isStopping = false;
  const stop = (): void => {
    // A second Ctrl+C does not wait.
    if (isStopping) process.exit(1);
    isStopping = true;
    console.log('\nStopping… What was done is kept for the next start.');
    demonstration.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function explain(error: unknown): unknown {
  if (error instanceof UsageError || error instanceof UnfitFolder) return error.message;
  if (error instanceof ConfigError) return `The demonstration can't start: ${error.message}`;
  if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')
    return 'Another program uses this port: name another one with npm run demo -- --port N';
  return error;
}

try {
  await main();
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}
