/**
 * docker-compose.yml, .env.example, the Dockerfile and the Caddyfile, read without Docker: that they are well formed and agree with
 * each other and with the hub. Whether containers start is for a machine that has an engine.
 *
 * The form of the compose file is checked against deploy/compose.schema.json, a hand-written and narrower part of the Compose
 * Specification, and against the whole specification where the package `dclint`, which carries it, is installed.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Ajv, type AnySchema } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { copiedPaths, reachFrom, readStages, ROOT } from './image.ts';

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const packageSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});
const ours = packageSchema.parse(JSON.parse(read('package.json')));

/** Reads a compose file as Compose does: merges resolved, variables filled in. */
function readCompose(text: string, variables: Record<string, string>): unknown {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return interpolate(value, variables);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fill(inner)]));
    return value;
  };
  return fill(parse(text, { merge: true }));
}

/** Errors: the message of `${NAME:?message}` when NAME is unset or empty. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replace(
    /\$(\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (_all, whole: string, name: string | undefined, operator: string | undefined, operand = '') => {
      if (whole === '$') return '$';
      const value = variables[name ?? ''] ?? '';
      if (value !== '') return value;
      if (operator === '?') throw new Error(String(operand));
      return operator === '-' ? String(operand) : '';
    },
  );
}

const serviceSchema = z.looseObject({
  image: z.string(),
  build: z.string().optional(),
  user: z.string().optional(),
  restart: z.string(),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  environment: z.record(z.string(), z.string()),
  healthcheck: z.looseObject({ test: z.array(z.string()) }),
  networks: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  tmpfs: z.array(z.string()),
  stop_grace_period: z.string(),
  deploy: z.looseObject({ resources: z.looseObject({ limits: z.record(z.string(), z.unknown()) }) }),
});
const composeSchema = z.looseObject({
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), z.object({ internal: z.boolean().default(false) })),
  volumes: z.record(z.string(), z.unknown()),
});

const SECRETS = ['SVOD_SECRET', 'MONGO_ROOT_PASSWORD', 'MONGO_PASSWORD', 'MONGO_REPLICA_KEY', 'REDIS_PASSWORD'];
const filledIn: Record<string, string> = {
  SVOD_DOMAIN: 'svod.example.org',
  SVOD_TLS: 'internal',
  ...Object.fromEntries(SECRETS.map((name) => [name, name.toLowerCase().replaceAll('_', '0').padEnd(40, '7')])),
};
const composeText = read('docker-compose.yml');
const raw = readCompose(composeText, filledIn);
const compose = composeSchema.parse(raw);
const services = Object.entries(compose.services);
const hubs = services.filter(([name]) => name.startsWith('hub-'));

/** Variables of .env.example: those to fill in, and those with a default, which stand as comments. */
const example = [...read('.env.example').matchAll(/^(# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map(
  ([, comment, name = '', value = '']) => ({ name, value, isRequired: comment === undefined }),
);

function findings(schema: AnySchema, value: unknown, isStrict: boolean): string[] {
  const ajv = new Ajv({ allErrors: true, strict: isStrict, strictTuples: false, strictTypes: false });
  // What the specification calls a duration is Docker's, not the standard's.
  ajv.addFormat('duration', true);
  const isValid = ajv.compile(schema);
  return isValid(value) ? [] : (isValid.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

describe('docker-compose.yml', () => {
  it('is of the form that our part of the Compose Specification describes', () => {
    expect(findings(JSON.parse(read('deploy/compose.schema.json')) as AnySchema, raw, true)).toEqual([]);
  });

  it.each(['services.mongo.restrat', 'services.mongo.healthcheck.intervall', 'networks.web.internaly', 'service'])(
    'is refused with the unknown key %s',
    (path) => {
      const broken = structuredClone(raw) as Record<string, unknown>;
      const keys = path.split('.');
      const last = keys.pop() ?? '';
      const place = keys.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, broken);
      place[last] = {};
      expect(findings(JSON.parse(read('deploy/compose.schema.json')) as AnySchema, broken, true)).toHaveLength(1);
    },
  );

  const specification = join(ROOT, 'node_modules/dclint/schemas/compose.schema.json');
  it('is of the form that the whole Compose Specification describes', () => {
    const schema = JSON.parse(readFileSync(specification, 'utf8')) as Record<string, unknown>;
    // The specification names its dialect by an address that ajv knows under another spelling.
    delete schema['$schema'];
    expect(findings(schema, raw, false)).toEqual([]);
  });

  it.each([...SECRETS, 'SVOD_DOMAIN', 'SVOD_TLS'])('refuses in words to start without %s', (name) => {
    expect(() => readCompose(composeText, { ...filledIn, [name]: '' })).toThrow(`set ${name} in .env`);
  });

  it('pins the version of every image', () => {
    for (const [name, { image }] of services) expect(image, name).toMatch(/^[a-z/]+:\d+\.\d+\.\d+(-[a-z0-9.]+)?$/);
    expect(hubs.map(([, { image }]) => image)).toEqual([`svod:${ours.version}`, `svod:${ours.version}`]);
  });

  it('gives every service a health check, a restart policy, limits and a locked-down container', () => {
    for (const [name, service] of services) {
      expect(service.healthcheck.test.length, name).toBeGreaterThan(1);
      expect(service, name).toMatchObject({
        restart: 'unless-stopped',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
      expect(Object.keys(service.deploy.resources.limits).sort(), name).toEqual(['cpus', 'memory', 'pids']);
    }
  });

  it('opens nothing but the balancer to the world', () => {
    const outside = services.filter(([, { networks }]) => networks.some((name) => !compose.networks[name]?.internal));
    expect(outside.map(([name]) => name)).toEqual(['balancer']);
    expect(services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(['balancer']);
    for (const name of ['mongo', 'redis']) expect(compose.services[name]?.networks, name).toEqual(['data']);
    expect(compose.services['balancer']?.networks).not.toContain('data');
  });

  it('names no network or volume that it does not declare, and no file that is not there', () => {
    for (const [service, { networks, volumes }] of services) {
      for (const network of networks) expect(Object.keys(compose.networks), service).toContain(network);
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('./')) expect(existsSync(join(ROOT, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes), service).toContain(source);
      }
    }
    for (const script of readdirSync(join(ROOT, 'deploy/mongo')).filter((file) => file.endsWith('.sh')))
      expect(composeText + read('docs/production.md')).toContain(`/etc/svod/${script}`);
  });

  it('runs two nodes alike behind one proxy that they believe, and gives them time to stop', () => {
    expect(hubs).toHaveLength(2);
    const [first, second] = hubs.map(([, hub]) => hub);
    expect(first).toEqual(second);
    expect(first?.environment).toMatchObject({
      TRUSTED_PROXIES: '1',
      ORIGIN: 'https://svod.example.org',
      SVOD_SECRET: filledIn['SVOD_SECRET'],
    });
    expect(first?.healthcheck.test.join(' ')).toContain('/readyz');
    // The hub waits 10 s for open requests, then ends them.
    expect(parseInt(first?.stop_grace_period ?? '', 10)).toBeGreaterThanOrEqual(20);
    const nodes = compose.services['balancer']?.environment['HUB_NODES']?.split(' ');
    expect(nodes).toEqual(hubs.map(([name]) => `${name}:3000`));
  });

  it('gives a node only variables that the hub reads', () => {
    const known = environmentKeys();
    for (const name of Object.keys(hubs[0]?.[1].environment ?? {})) expect(known).toContain(name);
  });
});

describe('.env.example', () => {
  it('explains every variable of the compose file, and no other', () => {
    // A name after $$ is the container's own.
    const used = new Set([...composeText.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    expect(example.map(({ name }) => name).sort()).toEqual([...used].sort());
  });

  it('carries no secret: what must be filled in is empty, and what may be left out shows its default', () => {
    for (const { name, value, isRequired } of example) {
      if (isRequired) expect(value, name).toBe('');
      else expect(composeText, name).toContain(`\${${name}:-${value}}`);
    }
    for (const name of SECRETS) expect(example).toContainEqual({ name, value: '', isRequired: true });
  });

  it('and docs/production.md together explain every variable that the hub reads', () => {
    const told = read('.env.example') + read('docs/production.md');
    for (const name of environmentKeys()) expect(told).toMatch(new RegExp(`\\b${name}\\b`));
  });
});

/** The variables of server/config.ts. */
function environmentKeys(): string[] {
  const [, body = ''] = /environmentSchema = z\.object\(\{\n([\s\S]*?)\n\}\);/.exec(read('server/config.ts')) ?? [];
  const keys = [...body.matchAll(/^ {2}([A-Z][A-Z0-9_]*):/gm)].map(([, name = '']) => name);
  if (keys.length < 5) throw new Error('server/config.ts does not look as this test expects');
  return keys;
}

describe('Dockerfile', () => {
  const dockerfile = read('Dockerfile');
  const stages = readStages(dockerfile);
  const last = stages.at(-1) ?? [];
  const reach = reachFrom('server/main.ts');

  it('is built from the Node version that package.json pins', () => {
    const [version] = new Set(Object.values(ours.optionalDependencies));
    for (const [from] of stages) expect(from?.rest).toMatch(new RegExp(`^node:${version ?? '-'}-[a-z-]+( AS build)?$`));
  });

  it('ends as a user who is not root and owns nothing that runs', () => {
    expect(last.filter(({ word }) => word === 'USER')).toEqual([{ word: 'USER', rest: 'node' }]);
    const copies = last.filter(({ word }) => word === 'COPY');
    expect(copies.filter(({ rest }) => rest.includes('--chown'))).toEqual([]);
    expect(last.findIndex(({ word }) => word === 'USER')).toBeGreaterThan(
      last.findLastIndex(({ word }) => word === 'COPY'),
    );
  });

  it('starts the hub itself, without a shell, and is stopped by SIGTERM', () => {
    expect(last.at(-1)).toEqual({ word: 'CMD', rest: '["node", "server/main.ts"]' });
    expect(last).toContainEqual({ word: 'STOPSIGNAL', rest: 'SIGTERM' });
    expect(last.find(({ word }) => word === 'HEALTHCHECK')?.rest).toContain('/readyz');
  });

  it('copies every file that the hub may load when it runs', () => {
    const copied = copiedPaths(dockerfile);
    const missing = reach.files.filter((file) => !copied.some((path) => file === path || file.startsWith(`${path}/`)));
    expect(missing).toEqual([]);
    for (const folder of ['server', 'models', 'realtime', 'exchange', 'embedded', 'app/lib/paraglide', 'build'])
      expect(copied).toContain(folder);
  });

  it('is sent every source that the hub may load', () => {
    const ignored = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    const isIgnored = (file: string): boolean =>
      ignored.some((pattern) => matchesGlob(file, pattern) || matchesGlob(file, `${pattern}/**`));
    // Made within the build: the pages and the compiled messages.
    const made = reach.files.filter((file) => !/^(build|app\/lib\/paraglide)\//.test(file));
    expect(made.filter(isIgnored)).toEqual([]);
    for (const path of ['.env', '.git/config', 'node_modules/zod/package.json', 'data/secret', 'server/config.test.ts'])
      expect(isIgnored(path), path).toBe(true);
  });

  it('keeps every package that the hub loads: none is a development dependency', () => {
    // Vite serves the pages of `npm run dev` and is loaded for nothing else.
    const needed = reach.packages.filter((name) => name !== 'vite');
    expect(needed.filter((name) => !(name in ours.dependencies))).toEqual([]);
  });
});

describe('deploy/mongo/ready.js', () => {
  interface Member {
    isInitiated?: boolean;
    isPrimary?: boolean;
    hasUser?: boolean;
    rightPassword?: string;
  }

  /** Runs the script against a member of a replica set as mongosh would show it. */
  function run({ isInitiated = false, isPrimary = false, hasUser = false, rightPassword = 'root-password' }: Member) {
    const calls: unknown[] = [];
    let exitCode = 0;
    const database = (name: string): object => ({
      auth: (user: string, password: string) => {
        if (user !== 'root' || password !== rightPassword) throw new Error('Authentication failed.');
      },
      hello: () => ({ ...(isInitiated ? { setName: 'rs0' } : {}), isWritablePrimary: isPrimary }),
      adminCommand: (command: unknown) => calls.push(command),
      getSiblingDB: database,
      getUser: (user: string) => (hasUser ? { user } : null),
      createUser: (user: object) => calls.push({ createUser: user, in: name }),
    });
    runInNewContext(read('deploy/mongo/ready.js'), {
      process: { env: { MONGO_INITDB_ROOT_PASSWORD: 'root-password', MONGO_PASSWORD: 'hub-password' } },
      connect: () => database('admin'),
      print: () => undefined,
      quit: (code: number) => {
        exitCode = code;
      },
    });
    return { calls: JSON.parse(JSON.stringify(calls)) as unknown[], exitCode };
  }

  it('initiates a member that belongs to no replica set, by the name the nodes use, and is not ready yet', () => {
    const { calls, exitCode } = run({});
    expect(calls).toEqual([{ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] } }]);
    expect(exitCode).toBe(1);
    const uri = hubs[0]?.[1].environment['MONGODB_URI'] ?? '';
    expect(new URL(uri)).toMatchObject({ host: 'mongo:27017', username: 'svod', pathname: '/svod' });
    expect(uri).toContain('replicaSet=rs0');
    expect(read('deploy/mongo/start.sh')).toContain('--replSet rs0');
  });

  it('waits for a member that is being elected', () => {
    expect(run({ isInitiated: true })).toEqual({ calls: [], exitCode: 1 });
  });

  it("creates the hub's user once the member takes writes, for its own database only", () => {
    expect(run({ isInitiated: true, isPrimary: true })).toEqual({
      calls: [
        {
          createUser: { user: 'svod', pwd: 'hub-password', roles: [{ role: 'readWrite', db: 'svod' }] },
          in: 'svod',
        },
      ],
      exitCode: 0,
    });
  });

  it('changes nothing when all is there', () => {
    expect(run({ isInitiated: true, isPrimary: true, hasUser: true })).toEqual({ calls: [], exitCode: 0 });
  });

  it('fails when it is not let in', () => {
    expect(() => run({ rightPassword: 'another' })).toThrow('Authentication failed.');
  });
});

describe('deploy/caddy/Caddyfile', () => {
  const caddyfile = read('deploy/caddy/Caddyfile');

  it('uses only variables that the balancer is given', () => {
    const used = new Set([...caddyfile.matchAll(/\{\$(\w+)\}/g)].map(([, name]) => name));
    expect([...used].sort()).toEqual(Object.keys(compose.services['balancer']?.environment ?? {}).sort());
  });

  it('keeps what nodes tell about themselves from the public', () => {
    expect(caddyfile).toMatch(/@inside path \/metrics \/metrics\/\* \/readyz \/readyz\/\*\n\s*respond @inside 404/);
  });
});
