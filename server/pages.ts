/** Where the pages come from. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type express from 'express';
import { ConfigError } from './config.ts';
import type { Pages } from './hub.ts';

/** Any body at the most: the largest file there is, a list of units. Routes that take files count for themselves (bytes). */
const BODY_BYTES_MAX = 16 * 1024 * 1024;

/** The built pages. Errors: ConfigError when they were not built. */
export const builtPages: Pages = async () => {
  const handler = new URL('../build/handler.js', import.meta.url);
  if (!existsSync(handler)) throw new ConfigError('the pages are not built, run "npm run build" first');
  // The adapter reads these when it is loaded.
  Object.assign(process.env, {
    PROTOCOL_HEADER: 'x-svod-protocol',
    ADDRESS_HEADER: 'x-svod-address',
    BODY_SIZE_LIMIT: String(BODY_BYTES_MAX),
  });
  const built = (await import(fileURLToPath(handler))) as { handler: express.RequestHandler };
  return built.handler;
};

/** Pages as they are being written, with hot reloading over the hub's own port. */
export const devPages: Pages = async (http) => {
  const { createServer } = await import('vite');
  const vite = await createServer({ server: { middlewareMode: true, hmr: { server: http } }, appType: 'custom' });
  return vite.middlewares as express.RequestHandler;
};

/** Which build the built pages are: the moment they were built. */
export async function builtVersion(): Promise<string> {
  const file = new URL('../build/client/_app/version.json', import.meta.url);
  if (!existsSync(file)) return '';
  const { version } = JSON.parse(await readFile(file, 'utf8')) as { version: string };
  return version;
}
