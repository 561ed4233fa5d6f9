/**
 * `npm run embedded -- --data DIR [--port P]`: the store alone, until SIGTERM or SIGINT.
 * `npm run embedded -- --dump DIR FILE`, `npm run embedded -- --restore DIR FILE`: its content as BSON.
 */
import { parseArgs } from 'node:util';
import { dump, restore } from './dump.ts';
import { startServer } from './server.ts';

const usage = `Usage:
  npm run embedded -- --data DIR [--port P]    run the store
  npm run embedded -- --dump DIR FILE          write all it holds into a file
  npm run embedded -- --restore DIR FILE       fill an empty folder from such a file`;

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      dump: { type: 'string' },
      restore: { type: 'string' },
      'test-commands': { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const [file] = positionals;
  const source = values.dump ?? values.restore;
  if (source !== undefined && file !== undefined) {
    const { collections, documents } = await (values.dump === undefined ? restore(source, file) : dump(source, file));
    process.stdout.write(`${collections} collections, ${documents} documents\n`);
    return;
  }
  if (values.data === undefined) throw new Error(usage);
  const port = Number(values.port ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--port needs a number from 0 to 65535.\n${usage}`);
  const server = await startServer({ dataDir: values.data, port, testCommands: values['test-commands'] === true });
  const stop = () => void server.stop().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`mongodb://127.0.0.1:${server.port}/svod?replicaSet=embedded\n`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
