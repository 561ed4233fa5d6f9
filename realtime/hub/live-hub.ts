/** The Socket.IO half: who is connected, which streams he hears, and the frames, heartbeats and refusals he gets. */
import type { Server as HttpServer, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Server, type Socket } from 'socket.io';
import { z } from 'zod';
import { HubError, type RefusalCode } from '#models/error.ts';
import type { Hint, Position } from '#models/journal/journal.ts';
import type { Journal } from '#models/journal/journal.store.ts';
import type { StreamId } from '#models/journal/stream.ts';
import type { Listener, LiveStreams } from '#models/live.ts';
import type { Person } from '#models/people/person.ts';
import {
  COMMAND_BYTES_MAX,
  COMMANDS_PER_10S_MAX,
  CONTRACT_VERSION,
  CONTRACT_VERSION_MIN,
  FOLD_MS,
  HEARTBEAT_MS,
  PULL_EVENTS_MAX,
  pullSchema,
  snapshotSchema,
  STREAMS_PER_SOCKET_MAX,
  subscribeSchema,
  unsubscribeSchema,
  type ClientToServer,
  type Refused,
  type ServerToClient,
} from '../contract.ts';
import { createRelay, HEAD_LOOK_MS } from './relay.ts';

export interface LiveHubOptions {
  http: HttpServer;
  journal: Pick<Journal, 'heads' | 'read'>;
  live: LiveStreams;
  now: () => number;
  /** The person behind the headers of a handshake; null for a visitor. */
  identify: (headers: IncomingHttpHeaders) => Promise<Person | null>;
  /** Whether a page of this origin may open a socket: CORS does not cover WebSocket. */
  isOwnOrigin: (request: IncomingMessage) => boolean;
  onFault: (error: unknown, where: string) => void;
}

export interface LiveHub {
  hint(hint: Hint): void;
  /** Redis is back, or may have been away: look at every head now. */
  recover(): void;
  counts(): { sockets: number; streams: number };
  close(): Promise<void>;
}

interface SocketData {
  person: Person | null;
  ticket: string | null;
  streams: Set<StreamId>;
  commands: { windowEndsAtMs: number; used: number };
}
type LiveSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** The path of the one WebSocket. */
export const LIVE_PATH = '/live';

export function createLiveHub(options: LiveHubOptions): LiveHub {
  const { http, journal, live, now, identify, isOwnOrigin, onFault } = options;
  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>(http, {
    path: LIVE_PATH,
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: COMMAND_BYTES_MAX,
    perMessageDeflate: false,
    allowRequest: (request, allow) => allow(null, isOwnOrigin(request)),
  });
  let folding: ReturnType<typeof setTimeout> | undefined;
  let foldedAtMs = 0;
  const tellFolded = (): void => {
    foldedAtMs = performance.now();
    for (const frame of relay.takeFolded()) io.to(frame.s).emit('frames', [frame]);
  };
  const relay = createRelay({
    readHeads(streams, done) {
      journal.heads(streams as StreamId[]).then(
        (heads) => done(heads.map(({ stream, epoch, seq }) => ({ stream, position: { epoch, seq } }))),
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
    isFolded: () => false,
    emit: (frame) => void io.to(frame.s).emit('frames', [frame]),
    onFolded() {
      clearTimeout(folding);
      folding = setTimeout(tellFolded, Math.max(0, foldedAtMs + FOLD_MS - performance.now()));
    },
  });
  const serve = (stream: string): Promise<Position> => new Promise((resolve) => relay.serve(stream, resolve));

  io.use((socket, next) => {
    identify(socket.handshake.headers).then(
      (person) => {
        socket.data.person = person;
        socket.data.ticket = null;
        socket.data.streams = new Set();
        socket.data.commands = { windowEndsAtMs: 0, used: 0 };
        next();
      },
      (error: unknown) => {
        onFault(error, 'live.identify');
        next(new Error('identify'));
      },
    );
  });

  const listenerOf = ({ data }: LiveSocket): Listener => ({ person: data.person, ticket: data.ticket });

  function leave(socket: LiveSocket, stream: StreamId): void {
    socket.data.streams.delete(stream);
    void socket.leave(stream);
    if (!io.of('/').adapter.rooms.has(stream)) relay.release(stream);
  }

  function countCommand({ data }: LiveSocket): void {
    const { commands } = data;
    if (now() >= commands.windowEndsAtMs) data.commands = { windowEndsAtMs: now() + 10_000, used: 1 };
    else if (commands.used >= COMMANDS_PER_10S_MAX) throw new HubError('rate_limited', { seconds: 10 });
    else commands.used += 1;
  }

  /** Answers a command: parses it at the edge, and turns every outcome into an acknowledgement. */
  function answer<Schema extends z.ZodType, Answer extends { ok: true }>(
    socket: LiveSocket,
    schema: Schema,
    work: (payload: z.infer<Schema>) => Promise<Answer>,
  ) {
    return (payload: unknown, ack: unknown): void => {
      if (typeof ack !== 'function') return;
      const acknowledge = ack as (answer: Answer | Refused) => void;
      const run = async () => {
        countCommand(socket);
        return work(schema.parse(payload));
      };
      run().then(acknowledge, (error: unknown) => {
        const code = refusalOf(error);
        if (code === 'busy') onFault(error, 'live.command');
        acknowledge({ ok: false, code });
      });
    };
  }

  io.on('connection', (socket: LiveSocket) => {
    socket.on(
      'subscribe',
      answer(socket, subscribeSchema, async ({ version, ticket, streams }) => {
        if (version < CONTRACT_VERSION_MIN || version > CONTRACT_VERSION) throw new HubError('contract_old');
        socket.data.ticket = ticket;
        if (socket.data.streams.size + streams.length > STREAMS_PER_SOCKET_MAX) throw new HubError('rate_limited');
        const heads = [];
        const refused = [];
        for (const name of streams) {
          try {
            await live.authorize(listenerOf(socket), name);
          } catch (error) {
            if (!(error instanceof HubError)) throw error;
            refused.push({ stream: name, code: error.code });
            continue;
          }
          const stream = name as StreamId; // authorize refuses every name that no stream has
          // Join first, read second: what is emitted in between reaches the socket twice rather than never.
          await socket.join(stream);
          socket.data.streams.add(stream);
          heads.push({ stream, position: await serve(stream) });
        }
        return { ok: true as const, heads, refused };
      }),
    );
    socket.on(
      'unsubscribe',
      answer(socket, unsubscribeSchema, ({ streams }) => {
        for (const stream of streams) leave(socket, stream as StreamId);
        return Promise.resolve({ ok: true as const });
      }),
    );
    socket.on(
      'pull',
      answer(socket, pullSchema, async ({ ticket, stream: name, epoch, after }) => {
        await live.authorize({ person: socket.data.person, ticket }, name);
        const stream = name as StreamId;
        const [head] = await journal.heads([stream]);
        if (head?.epoch !== epoch || after < head.floor || after > head.seq) throw new HubError('resnapshot');
        const events = await journal.read(stream, after, PULL_EVENTS_MAX, epoch);
        const last = events.at(-1)?.q ?? after;
        // Below a head nothing is ever missing: whatever happened to the journal, only a snapshot is true.
        if (last === after && head.seq > after) throw new HubError('resnapshot');
        return { ok: true as const, frame: { s: stream, e: epoch, f: after + 1, q: last, d: events } };
      }),
    );
    socket.on(
      'snapshot',
      answer(socket, snapshotSchema, async ({ ticket, stream }) => {
        const { position, state } = await live.snapshot({ person: socket.data.person, ticket }, stream);
        return { ok: true as const, position, state };
      }),
    );
    // Heard from the first moment, so that the clock of the page is the server's.
    socket.emit('heartbeat', { atMs: now(), heads: [] });
    socket.on('disconnect', () => {
      for (const stream of [...socket.data.streams]) leave(socket, stream);
    });
  });

  /** Says the heads to each socket, and asks anew whether it may hear them: a role or a session may have ended. */
  async function heartbeat(socket: LiveSocket): Promise<void> {
    const person = await identify(socket.handshake.headers);
    if (socket.data.person && person?.id !== socket.data.person.id) {
      for (const stream of socket.data.streams) socket.emit('revoked', { stream, code: 'not_signed_in' });
      socket.disconnect(true);
      return;
    }
    socket.data.person = person;
    for (const stream of socket.data.streams) {
      try {
        await live.authorize(listenerOf(socket), stream);
      } catch (error) {
        if (!(error instanceof HubError)) throw error;
        leave(socket, stream);
        socket.emit('revoked', { stream, code: error.code });
      }
    }
    socket.emit('heartbeat', {
      atMs: now(),
      heads: [...socket.data.streams].flatMap((s) => {
        const head = relay.told(s);
        return head ? [{ s, e: head.epoch, q: head.seq }] : [];
      }),
    });
  }

  const heartbeats = setInterval(() => {
    for (const socket of io.of('/').sockets.values())
      heartbeat(socket).catch((error: unknown) => onFault(error, 'live.heartbeat'));
  }, HEARTBEAT_MS);
  const looks = setInterval(() => {
    relay.lookAtHeads();
  }, HEAD_LOOK_MS);

  return {
    hint: (hint) => relay.hint(hint),
    recover: () => relay.lookAtHeads(),
    counts: () => ({ sockets: io.of('/').sockets.size, streams: relay.size }),
    async close() {
      clearInterval(heartbeats);
      clearInterval(looks);
      clearTimeout(folding);
      await io.close();
    },
  };
}

/** The refusal a command is answered with; `busy` stands for everything that was not expected. */
function refusalOf(error: unknown): RefusalCode {
  if (error instanceof HubError) return error.code;
  return error instanceof z.ZodError ? 'bad_input' : 'busy';
}
