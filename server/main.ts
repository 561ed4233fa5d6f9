/** `npm start`: one node of the hub, configured by the environment. */
import { ConfigError, readConfig } from './config.ts';
import type { RunningHub } from './hub.ts';

let hub: RunningHub | null = null;
let isStopping = false;

/** Ends what runs; a signal during the start is remembered and obeyed when the start is through. */
function stop(): void {
  if (isStopping) return;
  isStopping = true;
  if (hub) end(hub);
}

function end(running: RunningHub): void {
  running.stop().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}

process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  // The configuration first: a wrong one is refused before anything is loaded.
  const config = readConfig(process.env);
  const [{ startHub }, { builtPages, builtVersion, devPages }] = await Promise.all([
    import('./hub.ts'),
    import('./pages.ts'),
  ]);
  hub = await startHub(
    process.argv.includes('--dev')
      ? { config, pages: devPages }
      : { config, pages: builtPages, build: await builtVersion() },
  );
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- a signal may have come during the start
  if (isStopping) end(hub);
} catch (error) {
  // What is wrong is told to a person, not as a stack.
  console.error(error instanceof ConfigError ? `Svod can't start: ${error.message}` : error);
  process.exit(1);
}
