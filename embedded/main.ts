/** `npm run embedded -- --data DIR [--port P]`: the store alone, until SIGTERM or SIGINT. */
import { parseArgs } from 'node:util';
import { startServer } from './server.ts';

try {
  const { values } = parseArgs({ options: { data: { type: 'string' }, port: { type: 'string' } } });
  if (values.data === undefined) throw new Error('Say where the data lie: npm run embedded -- --data DIR [--port P]');
  const server = await startServer({ dataDir: values.data, port: Number(values.port ?? 0) });
  const stop = () => void server.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`mongodb://127.0.0.1:${server.port}/svod?replicaSet=embedded\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
