/**
 * Two real nodes over one database, with and without Redis between them: every event reaches every viewer once and in order.
 * Deeds come over HTTP as a browser sends them; viewers speak the protocol with the reader that the pages use.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CONTRACT_VERSION,
  type ClientToServer,
  type Pulled,
  type ServerToClient,
  type Subscribed,
} from '#realtime/contract.ts';
import { TestPage } from '#realtime/hub/live-hub.testing.ts';
import { compare, receive, startReader, type Reader, type Reading } from '#realtime/reader.ts';
import { freePort, startNode, startRedis, startStore, until, type Node, type Running } from './processes.testing.ts';
import { ORGANIZER } from './testing.ts';

const INSTITUTIONS = 60;
const PROCEDURE = 'attendance-48-2012';
const STREAM = `board:${PROCEDURE}:48-m1`;

/** Posts a form as a page does; the answer is the redirect. */
async function post(url: string, fields: Record<string, string>, cookie = ''): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      accept: 'text/html',
      origin: new URL(url).origin,
      cookie,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(fields),
  });
}

const cookieOf = ({ headers }: Response): string =>
  headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');

/** A viewer of one stream: what he applied, in the order he applied it. */
class Viewer {
  readonly applied: number[] = [];
  readonly institutions: string[] = [];
  #reader: Reader | null = null;
  #isPulling = false;
  readonly socket: Socket<ServerToClient, ClientToServer>;

  constructor(url: string, cookie: string) {
    this.socket = io(url, {
      path: '/live',
      transports: ['websocket'],
      extraHeaders: { cookie },
      reconnectionDelay: 100,
      reconnectionDelayMax: 300,
    });
    this.socket.on('connect', () => this.#subscribe());
    this.socket.on('frames', (frames) =>
      frames.forEach((frame) => this.#reader && this.#act(receive(this.#reader, frame))),
    );
    this.socket.on('heartbeat', ({ heads }) => {
      for (const { e, q } of heads) this.#compare(e, q);
    });
  }

  #subscribe(): void {
    this.#isPulling = false;
    const streams = [STREAM];
    this.socket.emit('subscribe', { version: CONTRACT_VERSION, ticket: null, streams }, (answer: Subscribed) => {
      if (!answer.ok) throw new Error(answer.code);
      const [head] = answer.heads;
      if (!head) throw new Error('no head');
      this.#reader ??= startReader({ epoch: head.position.epoch, seq: 0 });
      this.#compare(head.position.epoch, head.position.seq);
    });
  }

  #compare(epoch: string, seq: number): void {
    if (this.#reader) this.#ask(compare(this.#reader, { epoch, seq }));
  }

  #act(reading: Reading): void {
    this.#reader = reading.reader;
    for (const event of reading.apply) {
      this.applied.push(event.q);
      // The list of the board's institutions is an event of its own.
      if (event.type === 'rowChanged') this.institutions.push(event.entity);
    }
    this.#ask(reading.ask);
  }

  #ask(ask: Reading['ask']): void {
    if (ask === 'snapshot') throw new Error('a new snapshot was not expected here');
    const reader = this.#reader;
    if (ask === 'nothing' || this.#isPulling || !reader) return;
    this.#isPulling = true;
    const payload = { ticket: null, stream: STREAM, epoch: reader.epoch, after: reader.last };
    this.socket.emit('pull', payload, (answer: Pulled) => {
      this.#isPulling = false;
      if (!answer.ok) throw new Error(answer.code);
      if (this.#reader) this.#act(receive(this.#reader, answer.frame));
    });
  }
}

let dataDir: string;
let store: Running & { found: string };
let redis: Running;
let redisPort: number;
let nodes: Node[];
let cookie: string;
const viewers: Viewer[] = [];
let environment: Record<string, string>;

/** Registers institutions `from`..`to`, alternately on both nodes, at the same time. */
async function register(from: number, to: number, on: readonly Node[] = nodes): Promise<void> {
  const answers = await Promise.all(
    Array.from({ length: to - from + 1 }, (_, index) => {
      const node = on[index % on.length];
      if (!node) throw new Error('no node');
      const { surname, firstName, patronymic, position, phone, email } = ORGANIZER;
      return post(`${node.url}/monitoring/${PROCEDURE}/registration`, {
        institution: `i48-${from + index}`,
        ...{ surname, firstName, patronymic, position, phone, email },
      });
    }),
  );
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 303));
}

const everybodyHas = (count: number) =>
  until(`${count} events at every viewer`, () => viewers.every(({ institutions }) => institutions.length >= count));

function expectOnceAndInOrder(count: number): void {
  for (const { applied, institutions } of viewers) {
    expect(applied).toEqual(applied.map((_, index) => index + 1));
    expect(institutions).toEqual(viewers[0]?.institutions);
    expect(new Set(institutions).size).toBe(count);
  }
}

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'svod-nodes-'));
  store = await startStore(join(dataDir, 'store'));
  redisPort = await freePort();
  redis = await startRedis(redisPort);
  environment = {
    MONGODB_URI: store.found,
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    SVOD_SECRET: 'a-secret-of-the-tests-only-0123456789',
    SECOND_FACTOR: 'offered',
    REGISTRATIONS_PER_HOUR: '1000',
  };
  nodes = [await startNode(environment)];
  const [first] = nodes;
  if (!first) throw new Error('no node');
  await post(`${first.url}/setup`, {
    code: first.setupCode ?? '',
    name: 'Тестов Тест Тестович',
    username: 'centre',
    password: 'long enough phrase',
    topKind: 'region',
    topId: '48',
    topName: 'Липецкая область',
    zone: 'Europe/Moscow',
  });
  nodes.push(await startNode(environment));
  const signedIn = await post(`${first.url}/sign-in`, { username: 'centre', password: 'long enough phrase' });
  cookie = cookieOf(signedIn);
  const lines = Array.from(
    { length: INSTITUTIONS },
    (_, index) => `Округ № 1;i48-${index + 1};МБОУ СОШ № ${101 + index}`,
  ).join('\n');
  await post(`${first.url}/settings?/institutions`, { region: '48', lines }, cookie);
  await post(
    `${first.url}/settings?/procedure`,
    {
      region: '48',
      title: 'Областной мониторинг посещаемости',
      academicYear: '2012',
      deadline: '2099-11-29',
      centreName: 'ЦМОКО',
      centrePhone: '+7 000 000-00-01',
      centreEmail: 'centre@example.org',
      centreSite: 'https://centre.example.org',
    },
    cookie,
  );
  for (const node of nodes) for (let index = 0; index < 3; index += 1) viewers.push(new Viewer(node.url, cookie));
  await until('every viewer connected', () => viewers.every(({ socket }) => socket.connected));
});

afterAll(async () => {
  for (const { socket } of viewers) socket.disconnect();
  for (const node of nodes) await node.end();
  await redis.end('SIGKILL');
  await store.end();
  await rm(dataDir, { recursive: true, force: true });
});

describe('two nodes over one database', () => {
  it('deliver every event once and in order while both nodes write', async () => {
    await register(1, 15);
    await everybodyHas(15);
    expectOnceAndInOrder(15);
  });

  it('also while Redis is gone', async () => {
    await redis.end('SIGKILL');
    await register(16, 30);
    await everybodyHas(30);
    expectOnceAndInOrder(30);
  });

  it('[A-2] cut the pages of a session that ended on the other node, also while Redis is gone', async () => {
    const [first, second] = nodes;
    if (!first || !second) throw new Error('no nodes');
    const signedIn = await post(`${first.url}/sign-in`, { username: 'centre', password: 'long enough phrase' });
    const ending = cookieOf(signedIn);
    const page = await new TestPage(second.url, ending).connected();
    expect(await page.subscribe([STREAM])).toMatchObject({ ok: true, refused: [] });
    await post(`${first.url}/sign-out`, {}, ending);
    await until('the cut', () => page.closes.length > 0);
    expect(page.cuts).toEqual([{ code: 'not_signed_in' }]);
    expect(viewers.every(({ socket }) => socket.connected)).toBe(true);
  });

  it('also when Redis comes back in the midst of the writing', async () => {
    const writing = register(31, 45);
    redis = await startRedis(redisPort);
    await writing;
    await everybodyHas(45);
    expectOnceAndInOrder(45);
    const [first] = nodes;
    await until('the nodes say that Redis is up', async () => {
      const ready = (await (await fetch(`${first?.url ?? ''}/readyz`)).json()) as { redis: string };
      return ready.redis === 'up';
    });
  });

  it('also when a node is killed: its viewers come back to it and miss nothing', async () => {
    const [first, second] = nodes;
    if (!first || !second) throw new Error('no nodes');
    const { port } = new URL(second.url);
    await second.end('SIGKILL');
    await register(46, 55, [first]);
    nodes = [first, await startNode({ ...environment, PORT: port })];
    await register(56, 60);
    await everybodyHas(60);
    expectOnceAndInOrder(60);
  });
});
