/** A socket as the hub keeps it, and the few things done to one as a whole. */
import type { Server, Socket } from 'socket.io';
import type { RefusalCode } from '#models/error.ts';
import type { StreamId } from '#models/journal/stream.ts';
import type { ClientToServer, ServerToClient } from '../contract.ts';
import type { Connection } from './access.ts';
import type { Audience } from './audience.ts';

export interface SocketData {
  connection: Connection;
  streams: Set<StreamId>;
  /** The folded streams among them, shared with every socket that hears the same ones. */
  audience: Audience | null;
  commands: { windowEndsAtMs: number; used: number };
  /** Since when it has more waiting than it takes; null while it keeps up. By the monotonic clock. */
  slowSinceMs: number | null;
  /** Since when it hears nothing. By the monotonic clock. */
  unhearingSinceMs: number | null;
  isCut: boolean;
}

export type LiveSocket = Socket<ClientToServer, ServerToClient, Record<string, never>, SocketData>;
export type LiveServer = Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>;

/** The room of sockets that get no frames until they have taken what waits for them. No stream has such a name. */
export const SLOW_ROOM = 'slow';

/** How long a socket that was cut may take to hear why (ms); then its line is broken off. */
export const CUT_LINGER_MS = 2_000;

/** What engine.io and ws keep of a connection, beyond their types. */
interface Wire {
  writeBuffer: { data?: string | ArrayBufferView }[];
  transport: { socket?: { bufferedAmount: number; terminate(): void } };
}
const wireOf = (socket: LiveSocket): Wire => socket.conn as unknown as Wire;

/** Bytes that wait for a socket: handed to the system and not taken, or not even handed over yet. */
export function bufferedBytes(socket: LiveSocket): number {
  const { writeBuffer, transport } = wireOf(socket);
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const { data } of writeBuffer) bytes += typeof data === 'string' ? data.length : (data?.byteLength ?? 0);
  return bytes;
}

/**
 * Ends a socket and says why. What waits for it is thrown away, so that the reason is the next thing it reads and nothing is
 * kept for a reader that has stopped; one that does not even read the reason is broken off.
 */
export function cutSocket(socket: LiveSocket, code: RefusalCode): void {
  const { data } = socket;
  if (data.isCut) return;
  data.isCut = true;
  const wire = wireOf(socket);
  wire.writeBuffer.length = 0;
  socket.emit('cut', { code });
  // Closed below Socket.IO's own goodbye, after which a page would not come back by itself.
  socket.conn.close();
  const breaking = setTimeout(() => wire.transport.socket?.terminate(), CUT_LINGER_MS);
  breaking.unref();
  socket.once('disconnect', () => clearTimeout(breaking));
}
