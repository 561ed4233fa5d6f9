/** Real processes for tests: the embedded store, Redis, and nodes of the hub, each ended by its own id. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';

export interface Running {
  process: ChildProcess;
  /** Ends it and waits until it is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const WAIT_MS = 60_000;

/** Resolves with what `find` makes of a line of output, or fails with everything that was said. */
export async function startProcess<T>(
  command: string,
  arguments_: string[],
  environment: Record<string, string>,
  find: (line: string) => T | null,
): Promise<Running & { found: T }> {
  const child = spawn(command, arguments_, {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const found = await new Promise<T>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`${command} said nothing to wait for:\n${said.join('\n')}`)),
      WAIT_MS,
    );
    createInterface({ input: child.stdout }).on('line', (line) => {
      said.push(line);
      const result = find(line);
      if (result === null) return;
      clearTimeout(timer);
      resolve(result);
    });
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${command} ended:\n${said.join('\n')}`)));
  });
  return {
    process: child,
    found,
    async end(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** The store alone, for several nodes; `found` is its URI. */
export const startStore = (dataDir: string): Promise<Running & { found: string }> =>
  startProcess(process.execPath, ['embedded/main.ts', '--data', dataDir, '--port', '0'], {}, (line) =>
    line.startsWith('mongodb://') ? line.trim() : null,
  );

export const startRedis = (port: number): Promise<Running> =>
  startProcess(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {},
    (line) => (line.includes('Ready to accept connections') ? true : null),
  );

export interface Node extends Running {
  url: string;
  /** The code of the first start, when it was a first start. */
  setupCode: string | null;
}

/** A node of the hub by its production entry; the pages must be built. */
export async function startNode(environment: Record<string, string>): Promise<Node> {
  let setupCode: string | null = null;
  const node = await startProcess(
    process.execPath,
    ['server/main.ts'],
    { PORT: '0', LOG_LEVEL: 'info', ...environment },
    (line) => {
      if (!line.startsWith('{')) return null;
      const { msg, url, code } = JSON.parse(line) as { msg?: string; url?: string; code?: string };
      if (code && msg?.startsWith('first start')) setupCode = code;
      return msg === 'listening' && url ? url : null;
    },
  );
  return { ...node, url: node.found, setupCode };
}

/** Waits for a condition; fails with what it was waiting for. */
export async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const endMs = Date.now() + WAIT_MS;
  while (!(await isTrue())) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
