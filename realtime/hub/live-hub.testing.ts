/** A live hub for tests: real HTTP and real sockets, over a journal and rights in memory that the test holds. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket as Line } from 'node:net';
import { io, type Socket } from 'socket.io-client';
import { HubError } from '#models/error.ts';
import type { JournalEvent } from '#models/journal/journal.ts';
import type { StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import {
  CONTRACT_VERSION,
  type ClientToServer,
  type Cut,
  type Frame,
  type Heartbeat,
  type Presence,
  type Revoked,
  type ServerToClient,
  type Subscribed,
} from '../contract.ts';
import { createLiveHub, LIVE_PATH, type LiveHub } from './live-hub.ts';
import type { PresenceWord } from './presence.ts';

export const EPOCH = 'one';

/** The world the hub looks at. */
export class World {
  readonly events = new Map<string, JournalEvent[]>();
  readonly versions = new Map<string, number>();
  /** Sessions that have ended; the cookie is the session, and `person/…` names its person. */
  readonly ended = new Set<string>();
  /** Streams that a person may not hear. */
  readonly forbidden = new Set<string>();
  readonly said: PresenceWord[] = [];
  readonly faults: unknown[] = [];
  isDatabaseDown = false;
  looks = 0;
  authorized = 0;
  loads = 0;

  person = (id: string): Person => ({ id, name: `Имя ${id}`, username: id, assignments: [] });
}

export interface TestLiveHub {
  hub: LiveHub;
  world: World;
  url: string;
  port: number;
  /** Records an event and tells the hub of it. */
  record(stream: string, event: { entity: string; body?: unknown; isTold?: boolean }): void;
  stop(): Promise<void>;
}

export async function startTestLiveHub(): Promise<TestLiveHub> {
  const http = createServer((_request, response) => response.end());
  const world = new World();
  const unlessDown = <T>(answer: () => T): Promise<T> =>
    world.isDatabaseDown ? Promise.reject(new Error('the database is down')) : Promise.resolve(answer());
  const eventsOf = (stream: string): JournalEvent[] => world.events.get(stream) ?? [];
  const hub = createLiveHub({
    http,
    now: () => Date.now(),
    build: '7',
    journal: {
      heads: (streams: readonly StreamId[]) =>
        unlessDown(() =>
          streams.map((stream) => ({ stream, epoch: EPOCH, seq: eventsOf(stream).length, floor: 0, counters: {} })),
        ),
      read: (stream: StreamId, after: number, limit: number) =>
        unlessDown(() => eventsOf(stream).slice(after, after + limit)),
    },
    live: {
      authorize: ({ person }, stream) =>
        unlessDown(() => {
          world.authorized += 1;
          if (!person) throw new HubError('not_signed_in');
          if (world.forbidden.has(`${person.id} ${stream}`)) throw new HubError('not_allowed');
        }),
      snapshot: (_listener, stream) =>
        unlessDown(() => ({
          stream: stream as StreamId,
          position: { epoch: EPOCH, seq: eventsOf(stream).length },
          state: null,
        })),
      presence: (person) => unlessDown(() => ({ role: 'regionalCoordinator' as const, knowsNames: person !== null })),
      versions: (subjects) =>
        unlessDown(() => {
          world.looks += 1;
          return new Map(subjects.map((subject) => [subject, world.versions.get(subject) ?? 0]));
        }),
      heldTickets: (tickets) => unlessDown(() => new Set(tickets)),
      forgetPaths: () => undefined,
    },
    identify: ({ cookie }) => Promise.resolve(cookie ? { session: cookie, person: cookie.split('/')[0] ?? '' } : null),
    loadPerson: (id) =>
      unlessDown(() => {
        world.loads += 1;
        return world.person(id);
      }),
    liveSessions: (sessions) => unlessDown(() => new Set(sessions.filter((session) => !world.ended.has(session)))),
    isOwnOrigin: () => true,
    tellPresence: (word) => void world.said.push(word),
    onFault: (error) => void world.faults.push(error),
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address() as AddressInfo;
  return {
    hub,
    world,
    url: `http://127.0.0.1:${port}`,
    port,
    record(stream, { entity, body = null, isTold = true }) {
      const events = eventsOf(stream);
      const event: JournalEvent = {
        q: events.length + 1,
        type: 'rowChanged',
        entity,
        rev: events.length + 1,
        body,
        atMs: 1,
      };
      world.events.set(stream, [...events, event]);
      if (isTold) hub.hint({ s: stream as StreamId, e: EPOCH, q: event.q, event });
    },
    async stop() {
      await hub.close();
      http.closeAllConnections();
      http.close();
    },
  };
}

/** A page as far as its line goes: remembers everything it was told. */
export class TestPage {
  readonly socket: Socket<ServerToClient, ClientToServer>;
  readonly messages: Frame[][] = [];
  readonly heartbeats: Heartbeat[] = [];
  readonly revoked: Revoked[] = [];
  readonly cuts: Cut[] = [];
  readonly presences: Presence[] = [];
  /** How the line was closed: the close code of the WebSocket, when there was one. */
  readonly closes: (number | null)[] = [];
  build = '';

  constructor(url: string, cookie?: string) {
    this.socket = io(url, {
      path: LIVE_PATH,
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
      ...(cookie === undefined ? {} : { extraHeaders: { cookie } }),
    });
    this.socket.on('hello', ({ build }) => (this.build = build));
    this.socket.on('frames', (frames) => this.messages.push(frames));
    this.socket.on('heartbeat', (heartbeat) => this.heartbeats.push(heartbeat));
    this.socket.on('revoked', (revoked) => this.revoked.push(revoked));
    this.socket.on('cut', (cut) => this.cuts.push(cut));
    this.socket.on('presence', (said) => this.presences.push(...said));
    this.socket.on('disconnect', (_reason, details) => {
      const code = details && 'context' in details ? (details.context as { code?: number }).code : undefined;
      this.closes.push(code ?? null);
    });
  }

  get frames(): Frame[] {
    return this.messages.flat();
  }

  async connected(): Promise<this> {
    if (!this.socket.connected) await new Promise<void>((resolve) => this.socket.once('connect', resolve));
    return this;
  }

  subscribe(streams: string[], version = CONTRACT_VERSION): Promise<Subscribed> {
    return this.socket.emitWithAck('subscribe', { version, ticket: null, streams });
  }
}

/** A client of few words that can stop reading: WebSocket and engine.io by hand, because every library reads on. */
export class RawPage {
  readonly line: Line;
  isClosed = false;
  #read = '';

  private constructor(line: Line) {
    this.line = line;
    line.on('data', (chunk: Buffer) => (this.#read = (this.#read + chunk.toString('latin1')).slice(-1_000_000)));
    line.on('close', () => (this.isClosed = true));
    line.on('error', () => (this.isClosed = true));
  }

  static async open(port: number, cookie: string): Promise<RawPage> {
    const line = connect(port, '127.0.0.1');
    await once(line, 'connect');
    const page = new RawPage(line);
    line.write(
      `GET ${LIVE_PATH}/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n` +
        `Connection: Upgrade\r\nSec-WebSocket-Key: ${Buffer.alloc(16, 1).toString('base64')}\r\n` +
        `Sec-WebSocket-Version: 13\r\nCookie: ${cookie}\r\n\r\n`,
    );
    await page.hears('0{');
    page.send('40');
    await page.hears('40{');
    return page;
  }

  /** Sends a text frame; the mask is nothing, which is a mask too. */
  send(text: string): void {
    const payload = Buffer.from(text);
    const length =
      payload.length < 126
        ? Buffer.from([0x81, 0x80 | payload.length])
        : Buffer.from([0x81, 0x80 | 126, payload.length >> 8, payload.length & 255]);
    this.line.write(Buffer.concat([length, Buffer.alloc(4), payload]));
  }

  async subscribe(streams: string[]): Promise<void> {
    const payload = { version: CONTRACT_VERSION, ticket: null, streams };
    this.send(`421${JSON.stringify(['subscribe', payload])}`);
    await this.hears('431[{"ok":true');
  }

  async hears(text: string): Promise<void> {
    while (!this.#read.includes(text)) {
      if (this.isClosed) throw new Error(`the line closed before it said ${text}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  has(text: string): boolean {
    return this.#read.includes(text);
  }
}

export async function until(what: string, isTrue: () => boolean): Promise<void> {
  const endMs = Date.now() + 30_000;
  while (!isTrue()) {
    if (Date.now() > endMs) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
