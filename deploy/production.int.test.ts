/**
 * The production entry with everything outside of it: a store and a Redis as processes of their own, and the hub started from a
 * folder that holds only what the Dockerfile copies, with only the packages that stay after the development ones are gone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copiedPaths, ROOT } from './image.ts';

const SECRET = 'a-secret-of-the-production-test-0123456789';
const REDIS_PASSWORD = 'redis-password-of-the-test';
/** Far above what anything here takes, so that only what never happens fails (ms). */
const PATIENCE_MS = 40_000;

interface Running {
  stdout(): string;
  stderr(): string;
  /** The first match in what the process has printed, waited for. Errors: when it ends or takes too long. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to the exit code, or to the name of the signal that ended it. */
  ended: Promise<number | string | null>;
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

const all: Running[] = [];
let image: string;
let data: string;

/** Starts a program; it is ended with the tests, whatever happens. */
function start(command: string, args: string[], environment: Record<string, string> = {}): Running {
  const child = spawn(command, args, {
    cwd: image,
    env: { PATH: process.env['PATH'] ?? '', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { stdout: '', stderr: '' };
  const end = { isOver: false, failure: '' };
  const ended = new Promise<number | string | null>((resolve) => {
    child.once('error', (error) => {
      end.failure = `${command} can't be started: is it installed? (${error.message})`;
      resolve(null);
    });
    child.once('close', (code, signal) => {
      end.isOver = true;
      resolve(code ?? signal);
    });
  });
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk: Buffer) => {
      texts[name] += chunk.toString();
    });
  const running: Running = {
    ended,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    async printed(pattern) {
      const timer = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const match = pattern.exec(texts.stdout);
        if (match) return match;
        if (end.failure) throw new Error(end.failure);
        if (end.isOver || timer.aborted)
          throw new Error(`${args.join(' ')} did not print ${String(pattern)}:\n${texts.stderr}`);
        await Promise.race([once(child.stdout, 'data'), ended, once(timer, 'abort')]);
      }
    },
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      return ended;
    },
  };
  all.push(running);
  return running;
}

const startNode = (args: string[], environment: Record<string, string> = {}): Running =>
  start(process.execPath, args, environment);

const startStore = (port = 0): Running => startNode(['embedded/main.ts', '--data', data, '--port', String(port)]);

async function startRedis(port: number): Promise<Running> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const redis = start('redis-server', [...options, '--requirepass', REDIS_PASSWORD]);
  await redis.printed(/Ready to accept connections/);
  return redis;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Ask {
  path: string;
  /** As the load balancer would pass it on: a request of https://svod.example.org. */
  isProxied?: boolean;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

function ask(url: string, { path, isProxied = false, form, headers = {} }: Ask): Promise<Answer> {
  const proxied = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7', host: 'svod.example.org' };
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, url), {
      method: form ? 'POST' : 'GET',
      agent: false,
      timeout: PATIENCE_MS,
      headers: {
        accept: 'text/html',
        ...(isProxied ? proxied : {}),
        ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
        ...headers,
      },
    });
    request.once('error', reject);
    request.once('timeout', () => request.destroy(new Error(`${path} did not answer`)));
    request.once('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
    });
    request.end(form && new URLSearchParams(form).toString());
  });
}

const readiness = async (url: string): Promise<object> => {
  const { status, body } = await ask(url, { path: '/readyz' });
  const { database, redis } = JSON.parse(body) as { database: string; redis: string };
  return { status, database, redis };
};
const becomes = (url: string, wanted: object): Promise<void> =>
  expect.poll(() => readiness(url), { timeout: PATIENCE_MS, interval: 100 }).toEqual(wanted);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Lays out /app as the last stage of the Dockerfile does, without tests, and with links for the packages. */
async function layImage(): Promise<void> {
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>;
  };
  for (const path of copiedPaths(await readFile(join(ROOT, 'Dockerfile'), 'utf8'))) {
    if (path !== 'node_modules') {
      await cp(join(ROOT, path), join(image, path), { recursive: true, filter: (from) => !from.endsWith('.test.ts') });
      continue;
    }
    const kept = Object.entries(lock.packages)
      .filter(([name, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(name) && !dev)
      .map(([name]) => name);
    await Promise.all(
      kept.map(async (name) => {
        await mkdir(dirname(join(image, name)), { recursive: true });
        await symlink(join(ROOT, name), join(image, name));
      }),
    );
  }
}

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'svod-production-'));
  image = join(folder, 'app');
  data = join(folder, 'data');
  await mkdir(image);
  await layImage();
});

afterAll(async () => {
  await Promise.all(all.map((running) => running.end('SIGKILL')));
  await rm(dirname(image), { recursive: true, force: true });
});

describe('the production entry with everything outside', () => {
  let store: Running;
  let storePort: number;
  let redis: Running;
  let redisPort: number;
  let hub: Running;
  let url: string;
  let environment: Record<string, string>;
  let cookie: string;

  const startHub = async (): Promise<[Running, string]> => {
    const started = startNode(['server/main.ts'], environment);
    const [, address = ''] = await started.printed(/"url":"([^"]+)".*"msg":"listening"/);
    return [started, address];
  };

  beforeAll(async () => {
    store = startStore();
    const [uri] = await store.printed(/mongodb:\/\/\S+/);
    storePort = Number(new URL(uri).port);
    redisPort = await freePort();
    redis = await startRedis(redisPort);
    environment = {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: '0',
      MONGODB_URI: uri,
      REDIS_URL: `redis://:${REDIS_PASSWORD}@127.0.0.1:${redisPort}`,
      SVOD_SECRET: SECRET,
      ORIGIN: 'https://svod.example.org',
      TRUSTED_PROXIES: '1',
      SECOND_FACTOR: 'offered',
    };
    [hub, url] = await startHub();
  });

  it('is alive, and ready with its database and Redis', async () => {
    expect(await ask(url, { path: '/healthz' })).toMatchObject({ status: 200, body: '{"status":"alive"}' });
    await becomes(url, { status: 200, database: 'up', redis: 'up' });
    expect(hub.stdout()).toMatch(/"database":"mongodb","redis":"on"/);
  });

  it('tells its metrics', async () => {
    const { status, headers, body } = await ask(url, { path: '/metrics' });
    expect(status).toBe(200);
    expect(headers['content-type']).toContain('text/plain');
    for (const name of ['svod_http_request_seconds_count', 'svod_live_sockets', 'process_resident_memory_bytes'])
      expect(body).toMatch(new RegExp(`^${name}\\b`, 'm'));
  });

  it('demands https ever after', async () => {
    const { headers } = await ask(url, { path: '/healthz', isProxied: true });
    expect(headers['strict-transport-security']).toMatch(/^max-age=\d{7,}/);
  });

  it('lets the first administrator set up and sign in behind the balancer, with cookies for https alone', async () => {
    const [, code = ''] = await hub.printed(/"code":"([^"]+)"/);
    const origin = { origin: 'https://svod.example.org' };
    const account = { username: 'administrator', password: 'a long pass phrase' };
    const top = { topKind: 'region', topId: 'testland', topName: 'Testland', zone: 'Europe/Moscow' };
    const setUp = await ask(url, {
      path: '/setup',
      isProxied: true,
      headers: origin,
      form: { code, name: 'The first', ...account, ...top },
    });
    expect(setUp).toMatchObject({ status: 303, headers: { location: expect.stringMatching(/^\/sign-in/) as string } });

    const signedIn = await ask(url, { path: '/sign-in', isProxied: true, headers: origin, form: account });
    expect(signedIn.status).toBe(303);
    const cookies = signedIn.headers['set-cookie'] ?? [];
    expect(cookies.length).toBeGreaterThan(0);
    for (const line of cookies) {
      expect(line).toMatch(/; Secure\b/i);
      expect(line).toMatch(/; HttpOnly\b/i);
      expect(line).toMatch(/; SameSite=Lax\b/i);
    }
    cookie = cookies.map((line) => line.split(';')[0]).join('; ');
  });

  it('refuses a form that another site sends', async () => {
    const { status } = await ask(url, {
      path: '/sign-in',
      isProxied: true,
      headers: { origin: 'https://evil.example' },
      form: { username: 'administrator', password: 'a long pass phrase' },
    });
    expect(status).toBe(403);
  });

  it('lets a person who signed in at one node go on at another, which ends on SIGTERM with a connection open', async () => {
    const [second, address] = await startHub();
    const settings = { path: '/settings', isProxied: true };
    expect((await ask(address, settings)).status).not.toBe(200);
    expect((await ask(address, { ...settings, headers: { cookie } })).status).toBe(200);

    const idle = connect(Number(new URL(address).port), '127.0.0.1');
    await once(idle, 'connect');
    idle.on('error', () => undefined);
    const beganAtMs = Date.now();
    expect(await second.end('SIGTERM')).toBe(0);
    expect(Date.now() - beganAtMs).toBeLessThan(15_000);
    idle.destroy();
  });

  it('works on while Redis is away, says so, and finds it again', async () => {
    await redis.end('SIGKILL');
    await becomes(url, { status: 200, database: 'up', redis: 'down' });
    expect((await ask(url, { path: '/settings', isProxied: true, headers: { cookie } })).status).toBe(200);
    redis = await startRedis(redisPort);
    await becomes(url, { status: 200, database: 'up', redis: 'up' });
  });

  it('is not ready while the database is away, but alive, and ready again with it', async () => {
    await store.end('SIGKILL');
    await becomes(url, { status: 503, database: 'down', redis: 'up' });
    expect((await ask(url, { path: '/healthz' })).status).toBe(200);
    store = startStore(storePort);
    await store.printed(/mongodb:/);
    await becomes(url, { status: 200, database: 'up', redis: 'up' });
    expect((await ask(url, { path: '/settings', isProxied: true, headers: { cookie } })).status).toBe(200);
  });

  it('logs no secret', () => {
    for (const secret of [SECRET, REDIS_PASSWORD, 'a long pass phrase', cookie.split('=')[1] ?? SECRET])
      expect(hub.stdout() + hub.stderr()).not.toContain(secret);
  });

  it('ends on SIGTERM within 15 seconds and says that all is well', async () => {
    const beganAtMs = Date.now();
    expect(await hub.end('SIGTERM')).toBe(0);
    expect(Date.now() - beganAtMs).toBeLessThan(15_000);
  });
});

describe('a configuration that cannot be used', () => {
  const uri = 'mongodb://127.0.0.1:1/svod?replicaSet=rs0';

  it.each([
    ['a database without a secret', { MONGODB_URI: uri }, ['SVOD_SECRET is missing'], uri],
    ['a secret that is too short', { SVOD_SECRET: 'hunter2' }, ['SVOD_SECRET needs at least 32 characters'], 'hunter2'],
    ['another database', { MONGODB_URI: 'postgres://u:hunter2@db/svod' }, ['MONGODB_URI needs an address'], 'hunter2'],
    [
      'several faults',
      { PORT: 'eighty', ORIGIN: 'svod.example.org', REDIS_URL: 'r:hunter2' },
      ['PORT needs a whole number', 'ORIGIN needs one', 'REDIS_URL needs'],
      'hunter2',
    ],
  ])('is refused in words: %s', async (_what, wrong, told, secret) => {
    const refused = startNode(['server/main.ts'], { NODE_ENV: 'production', DATA_DIR: data, ...wrong });
    expect(await refused.ended).toBe(1);
    expect(refused.stderr()).toMatch(/^Svod can't start: .+\n$/);
    for (const words of told) expect(refused.stderr()).toContain(words);
    expect(refused.stderr()).not.toMatch(/^\s+at /m);
    expect(refused.stderr() + refused.stdout()).not.toContain(secret);
  });
});
