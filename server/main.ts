/** `npm start`: one node of the hub, configured by the environment. */
import { ConfigError, readConfig } from './config.ts';
import { startHub } from './hub.ts';
import { builtPages, devPages } from './pages.ts';

try {
  const config = readConfig(process.env);
  const hub = await startHub({ config, pages: process.argv.includes('--dev') ? devPages : builtPages });
  let isStopping = false;
  const stop = (): void => {
    if (isStopping) return;
    isStopping = true;
    hub.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
} catch (error) {
  // What is wrong with the configuration is told to a person, not as a stack.
  console.error(error instanceof ConfigError ? `Svod can't start: ${error.message}` : error);
  process.exit(1);
}
