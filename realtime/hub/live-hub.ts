/** The Socket.IO half, put together: who is connected, which streams he hears, and the frames, heartbeats and refusals he gets. */
import type { Server as HttpServer, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Server } from 'socket.io';
import { HubError, type RefusalCode } from '#models/error.ts';
import type { Hint, Position } from '#models/journal/journal.ts';
import type { Journal } from '#models/journal/journal.store.ts';
import { isFolded, type StreamId } from '#models/journal/stream.ts';
import type { Listener, LiveStreams } from '#models/live.ts';
import type { Person } from '#models/people/person.ts';
import {
  COMMAND_BYTES_MAX,
  CONTRACT_VERSION,
  CONTRACT_VERSION_MIN,
  GAP_EVENTS_MAX,
  HEARTBEAT_MS,
  PRESENCE_EVERY_MS,
  PRESENCE_SAID_EVERY_MS,
  presentSchema,
  PULL_EVENTS_MAX,
  pullSchema,
  snapshotSchema,
  SOCKETS_PER_PERSON_MAX,
  STREAMS_PER_SOCKET_MAX,
  subscribeSchema,
  UNHEARING_MAX_MS,
  unsubscribeSchema,
  type ClientToServer,
  type Frame,
  type ServerToClient,
} from '../contract.ts';
import { fold } from '../fold.ts';
import { ACCESS_LOOK_MS, createAccess, type Connection, type Identity } from './access.ts';
import { answering } from './commands.ts';
import { createEmission } from './emission.ts';
import { PresenceBook, type PresenceWord } from './presence.ts';
import { judge, PRESSURE_LOOK_MS } from './pressure.ts';
import { createRelay, HEAD_LOOK_MS } from './relay.ts';
import { bufferedBytes, cutSocket, SLOW_ROOM, type LiveSocket, type SocketData } from './sockets.ts';

export interface LiveHubOptions {
  http: HttpServer;
  journal: Pick<Journal, 'heads' | 'read'>;
  live: LiveStreams;
  /** The server's clock, as pages count by it (ms). */
  now: () => number;
  /** Which program this node runs; pages of an older one say that there is a new version. */
  build: string;
  /** The session and the person behind the headers of a handshake; null for a visitor. */
  identify: (headers: IncomingHttpHeaders) => Promise<{ session: string; person: string; isViewing?: boolean } | null>;
  loadPerson: (id: string) => Promise<Person | null>;
  /** Which of the sessions have not ended; one query for all. */
  liveSessions: (sessions: readonly string[]) => Promise<ReadonlySet<string>>;
  /** Whether a page of this origin may open a socket: CORS does not cover WebSocket. */
  isOwnOrigin: (request: IncomingMessage) => boolean;
  /** Tells the other nodes who is present here. Lost words are said again. */
  tellPresence: (word: PresenceWord) => void;
  onFault: (error: unknown, where: string) => void;
}

export interface LiveHub {
  hint(hint: Hint): void;
  /** Somebody's rights or sessions may have changed: everybody is looked at now. */
  lookAtAccess(): void;
  hearPresence(node: string, word: PresenceWord): void;
  /** Redis is back, or may have been away: look at every head and everybody's rights now. */
  recover(): void;
  counts(): { sockets: number; streams: number; slow: number };
  close(): Promise<void>;
}

/** The path of the one WebSocket. */
export const LIVE_PATH = '/live';
/** How often the line itself is tried below the heartbeats, and how long the other end may take (ms): a half-open line ends after both. */
const PING_MS = 15_000;
const PONG_MS = 10_000;

export function createLiveHub(options: LiveHubOptions): LiveHub {
  const { http, journal, live, now, build, identify, loadPerson, liveSessions, isOwnOrigin, tellPresence, onFault } =
    options;
  const monotonicMs = (): number => performance.now();
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>(http, {
    path: LIVE_PATH,
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: COMMAND_BYTES_MAX,
    perMessageDeflate: false,
    pingInterval: PING_MS,
    pingTimeout: PONG_MS,
    allowRequest: (request, allow) => allow(null, isOwnOrigin(request)),
  });
  const sockets = (): Iterable<LiveSocket> => io.of('/').sockets.values();

  /* ---- the journal ---- */

  let journalSeenAtMs = now();
  /** A node that serves no stream has nothing to be behind with. */
  const clock = () => ({ atMs: now(), asOfMs: relay.size === 0 ? now() : journalSeenAtMs });
  const relay = createRelay({
    readHeads(streams, done) {
      const askedAtMs = now();
      journal.heads(streams as StreamId[]).then(
        (heads) => {
          journalSeenAtMs = askedAtMs;
          done(heads.map(({ stream, epoch, seq }) => ({ stream, position: { epoch, seq } })));
        },
        (error: unknown) => {
          onFault(error, 'relay.heads');
          done(null);
        },
      );
    },
    readRange({ stream, epoch, after, limit }, done) {
      journal.read(stream as StreamId, after, limit, epoch).then(done, (error: unknown) => {
        onFault(error, 'relay.read');
        done(null);
      });
    },
    later: (ms, work) => void setTimeout(work, ms),
    isFolded,
    emit: (frame) => emission.frame(frame),
    onFolded: () => emission.folded(),
  });
  const serve = (stream: string): Promise<Position> => new Promise((resolve) => relay.serve(stream, resolve));
  const emission = createEmission({
    io,
    takeFolded: () => relay.takeFolded(),
    told: (stream) => relay.told(stream),
    isStale: () => access.isStale(),
    monotonicMs,
  });

  /* ---- rights ---- */

  const access = createAccess({
    liveSessions,
    versions: (subjects) => live.versions(subjects),
    heldTickets: (tickets) => live.heldTickets(tickets),
    load: loadPerson,
    forgetPaths: () => live.forgetPaths(),
    now,
    monotonicMs,
  });

  function lookAtAccess(): void {
    access.look().then(
      () => emission.release(clock()),
      (error: unknown) => onFault(error, 'live.access'),
    );
  }

  /** Null when the listener may hear the stream, else why not. */
  async function refusalOf(listener: Listener, stream: string): Promise<RefusalCode | null> {
    try {
      await live.authorize(listener, stream);
      return null;
    } catch (error) {
      if (error instanceof HubError) return error.code;
      throw error;
    }
  }

  function connectionOf(socket: LiveSocket, identity: Identity | null): Connection {
    const connection: Connection = {
      session: identity?.session ?? null,
      isViewing: identity?.isViewing ?? false,
      person: identity?.person ?? null,
      ticket: null,
      rights: 0,
      async reauthorize() {
        connection.rights += 1;
        const streams = [...socket.data.streams];
        const refusals = await Promise.all(streams.map((stream) => refusalOf(connection, stream)));
        streams.forEach((stream, index) => {
          const code = refusals[index];
          if (!code || !socket.data.streams.has(stream)) return;
          leave(socket, [stream]);
          socket.emit('revoked', { stream, code });
        });
      },
      end: () => cutSocket(socket, connection.isViewing ? 'viewing_over' : 'not_signed_in'),
    };
    return connection;
  }

  /* ---- joining and leaving ---- */

  function leave(socket: LiveSocket, streams: readonly StreamId[]): void {
    for (const stream of streams) {
      if (!socket.data.streams.delete(stream)) continue;
      void socket.leave(stream);
      presence.leave(socket.id, stream);
      if (!io.of('/').adapter.rooms.has(stream)) relay.release(stream);
    }
    emission.changed(socket);
    if (socket.data.streams.size === 0) socket.data.unhearingSinceMs = monotonicMs();
  }

  async function subscribe(socket: LiveSocket, names: readonly string[]) {
    const { data } = socket;
    const asked = [...new Set(names)];
    if (new Set([...data.streams, ...asked]).size > STREAMS_PER_SOCKET_MAX)
      throw new HubError('streams_too_many', { max: STREAMS_PER_SOCKET_MAX });
    let refusals: (RefusalCode | null)[];
    let rights: number;
    do {
      // A right that ends while it is asked for would be missed by both sides: then it is asked for again.
      ({ rights } = data.connection);
      refusals = await Promise.all(asked.map((stream) => refusalOf(data.connection, stream)));
    } while (rights !== data.connection.rights);
    if (!socket.connected || data.isCut) throw new HubError('busy');
    const heard = asked.filter((_stream, index) => refusals[index] === null) as StreamId[];
    // Join first, read second: what is emitted in between reaches the socket twice rather than never.
    for (const stream of heard) {
      void socket.join(stream);
      data.streams.add(stream);
    }
    if (heard.length > 0) data.unhearingSinceMs = null;
    emission.changed(socket);
    return {
      ok: true as const,
      heads: await Promise.all(heard.map(async (stream) => ({ stream, position: await serve(stream) }))),
      refused: asked.flatMap((stream, index) => {
        const code = refusals[index];
        return code ? [{ stream, code }] : [];
      }),
    };
  }

  /* ---- catching up ---- */

  /** Reads under way: what a thousand pages ask for at once after a node's death is read once. */
  const pulling = new Map<string, Promise<Frame>>();

  function pull(stream: StreamId, epoch: string, after: number): Promise<Frame> {
    const key = `${stream} ${epoch} ${after}`;
    const known = pulling.get(key);
    if (known) return known;
    const read = readFrame(stream, epoch, after).finally(() => pulling.delete(key));
    pulling.set(key, read);
    return read;
  }

  /** Errors: HubError `resnapshot` when the events can't be had. */
  async function readFrame(stream: StreamId, epoch: string, after: number): Promise<Frame> {
    const [head] = await journal.heads([stream]);
    if (head?.epoch !== epoch || after < head.floor || after > head.seq) throw new HubError('resnapshot');
    const canFold = isFolded(stream);
    const events = await journal.read(stream, after, canFold ? GAP_EVENTS_MAX : PULL_EVENTS_MAX, epoch);
    const last = events.at(-1)?.q ?? after;
    // Below a head nothing is ever missing: whatever happened to the journal, only a snapshot is true.
    if (last === after && head.seq > after) throw new HubError('resnapshot');
    return { s: stream, e: epoch, f: after + 1, q: last, d: canFold ? fold(events) : events };
  }

  /* ---- presence ---- */

  const presence = new PresenceBook();
  function tellPresent(): void {
    const { sockets: told, word } = presence.turn(monotonicMs());
    for (const [id, said] of told) io.of('/').sockets.get(id)?.volatile.emit('presence', said);
    if (word.length > 0) tellPresence(word);
  }

  /* ---- sockets ---- */

  io.use((socket, next) => {
    // Before anything is known of it, so that what follows never meets a socket without its data.
    socket.data = {
      connection: connectionOf(socket, null),
      streams: new Set(),
      audience: null,
      commands: { windowEndsAtMs: 0, used: 0 },
      slowSinceMs: null,
      unhearingSinceMs: monotonicMs(),
      isCut: false,
    };
    identity(socket.handshake.headers).then(
      (known) => {
        socket.data.connection = connectionOf(socket, known);
        next();
      },
      (error: unknown) => {
        onFault(error, 'live.identify');
        // Not by `next(error)`: a page that is refused so never comes back by itself.
        socket.conn.close();
      },
    );
  });

  async function identity(headers: IncomingHttpHeaders): Promise<Identity | null> {
    const known = await identify(headers);
    if (!known) return null;
    await access.knowVersion(known.person);
    const person = await loadPerson(known.person);
    return person && { session: known.session, person, isViewing: known.isViewing ?? false };
  }

  /** Pages by whoever holds them: a person, or a ticket. */
  const holders = new Map<string, number>();
  /** Errors: HubError `sockets_too_many`. Call what is returned when the page is gone. */
  function countHolder(holder: string): () => void {
    const count = (holders.get(holder) ?? 0) + 1;
    if (count > SOCKETS_PER_PERSON_MAX) throw new HubError('sockets_too_many', { max: SOCKETS_PER_PERSON_MAX });
    holders.set(holder, count);
    return () => {
      const left = (holders.get(holder) ?? 1) - 1;
      if (left > 0) holders.set(holder, left);
      else holders.delete(holder);
    };
  }

  io.on('connection', (socket: LiveSocket) => {
    const { data } = socket;
    const { connection } = data;
    const goodbyes: (() => void)[] = [];
    try {
      // Whoever looks as another takes none of that person's places.
      if (connection.isViewing) goodbyes.push(countHolder(`view ${connection.session ?? ''}`));
      else if (connection.person) goodbyes.push(countHolder(`person ${connection.person.id}`));
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      cutSocket(socket, error.code);
      return;
    }
    access.add(connection);
    const listener = (ticket: string | null): Listener => ({
      ...{ person: connection.person, ticket, isViewing: connection.isViewing },
    });
    const ports = { monotonicMs, onFault };

    socket.on(
      'subscribe',
      answering(ports, socket, subscribeSchema, async ({ version, ticket, streams }) => {
        if (version < CONTRACT_VERSION_MIN || version > CONTRACT_VERSION) throw new HubError('contract_old');
        await access.fresh();
        if (ticket !== null && ticket !== connection.ticket) {
          if (!connection.person) goodbyes.push(countHolder(`ticket ${ticket}`));
          connection.ticket = ticket;
        }
        return subscribe(socket, streams);
      }),
    );
    socket.on(
      'unsubscribe',
      answering(ports, socket, unsubscribeSchema, ({ streams }) => {
        leave(socket, streams as StreamId[]);
        return Promise.resolve({ ok: true as const });
      }),
    );
    socket.on(
      'pull',
      answering(ports, socket, pullSchema, async ({ ticket, stream, epoch, after }) => {
        await access.fresh();
        await live.authorize(listener(ticket), stream);
        return { ok: true as const, frame: await pull(stream as StreamId, epoch, after) };
      }),
    );
    socket.on(
      'snapshot',
      answering(ports, socket, snapshotSchema, async ({ ticket, stream }) => {
        await access.fresh();
        const { position, state } = await live.snapshot(listener(ticket), stream);
        return { ok: true as const, position, state };
      }),
    );
    socket.on(
      'present',
      answering(ports, socket, presentSchema, async ({ streams, where, doing }) => {
        await access.fresh();
        const { person } = connection;
        if (connection.isViewing) throw new HubError('viewing_only');
        // What is not heard is nothing to be present at; a stream that was just left is not worth a refusal.
        const heard = streams.filter((stream) => data.streams.has(stream as StreamId));
        const seen = await Promise.all(heard.map((stream) => live.presence(person, stream)));
        if (!socket.connected || !person) return { ok: true as const };
        heard.forEach((stream, index) => {
          const as = seen[index];
          if (doing === 'gone') presence.leave(socket.id, stream);
          else if (as && data.streams.has(stream as StreamId))
            presence.say(
              socket.id,
              stream,
              { person: { id: person.id, name: person.name }, ...as, where, doing },
              monotonicMs(),
            );
        });
        return { ok: true as const };
      }),
    );
    socket.on('disconnect', () => {
      access.remove(connection);
      leave(socket, [...data.streams]);
      emission.gone(socket);
      for (const goodbye of goodbyes) goodbye();
    });
    socket.emit('hello', { atMs: now(), build });
    emission.beatTo(socket, clock());
  });

  function lookAtPressure(): void {
    for (const socket of sockets()) {
      const { data } = socket;
      const nowMs = monotonicMs();
      switch (judge(data.slowSinceMs, bufferedBytes(socket), nowMs)) {
        case 'keepsUp':
          break;
        case 'slow':
          if (data.slowSinceMs !== null) break;
          data.slowSinceMs = nowMs;
          void socket.join(SLOW_ROOM);
          break;
        case 'drained':
          data.slowSinceMs = null;
          void socket.leave(SLOW_ROOM);
          // It knows by the heads what it has missed, and pulls that.
          emission.beatTo(socket, clock());
          break;
        case 'cut':
          cutSocket(socket, 'slow_reader');
          break;
      }
    }
  }

  function lookAtVisitors(): void {
    const nowMs = monotonicMs();
    for (const socket of sockets()) {
      const { connection, unhearingSinceMs } = socket.data;
      if (!connection.person && unhearingSinceMs !== null && nowMs - unhearingSinceMs > UNHEARING_MAX_MS)
        cutSocket(socket, 'not_signed_in');
    }
  }

  const timers = [
    setInterval(() => emission.beat(clock()), HEARTBEAT_MS),
    setInterval(() => relay.lookAtHeads(), HEAD_LOOK_MS),
    setInterval(lookAtAccess, ACCESS_LOOK_MS),
    setInterval(lookAtPressure, PRESSURE_LOOK_MS),
    setInterval(lookAtVisitors, UNHEARING_MAX_MS / 3),
    setInterval(tellPresent, PRESENCE_EVERY_MS),
    setInterval(() => {
      const word = presence.repeat();
      if (word.length > 0) tellPresence(word);
    }, PRESENCE_SAID_EVERY_MS),
  ];
  lookAtAccess();

  return {
    hint: (hint) => relay.hint(hint),
    lookAtAccess,
    hearPresence: (node, word) => presence.hear(node, word, monotonicMs()),
    recover() {
      relay.lookAtHeads();
      lookAtAccess();
    },
    counts: () => ({
      sockets: io.of('/').sockets.size,
      streams: relay.size,
      slow: io.of('/').adapter.rooms.get(SLOW_ROOM)?.size ?? 0,
    }),
    async close() {
      for (const timer of timers) clearInterval(timer);
      emission.close();
      await io.close();
    },
  };
}
