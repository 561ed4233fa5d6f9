/**
 * What leaves for many sockets at once: frames as they come, folded frames together and seldom, and the heads with each
 * heartbeat. Whatever leaves is encoded once for everybody who hears the same.
 */
import { isFolded } from '#models/journal/stream.ts';
import type { Position } from '#models/journal/journal.ts';
import { FOLD_MS, type Frame } from '../contract.ts';
import { createAudiences } from './audience.ts';
import { SLOW_ROOM, type LiveServer, type LiveSocket } from './sockets.ts';

/** Messages held back while nobody knows who may hear them; more are let go, and found missing by the next heartbeat. */
export const HELD_MESSAGES_MAX = 1_000;

export interface EmissionPorts {
  io: LiveServer;
  /** The folded frames that are due. */
  takeFolded: () => Frame[];
  /** A stream's position as it was last told. */
  told: (stream: string) => Position | null;
  /** Whether it is too long ago that this node looked who may hear what. */
  isStale: () => boolean;
  monotonicMs: () => number;
}

export interface Emission {
  /** A frame of a stream that is not folded: at once, to its room. */
  frame(frame: Frame): void;
  /** Folded frames wait to be taken: at once after a quiet time, else when FOLD_MS have passed since the last ones. */
  folded(): void;
  /** Call it when the streams of a socket have changed. */
  changed(socket: LiveSocket): void;
  gone(socket: LiveSocket): void;
  /** Says the heads to everybody. */
  beat(clock: { atMs: number; asOfMs: number }): void;
  /** Says the heads to one socket. */
  beatTo(socket: LiveSocket, clock: { atMs: number; asOfMs: number }): void;
  /**
   * What was held back may leave: whoever may not hear it has been taken out of the rooms. Then the heads are told, because
   * more may have been let go than was held.
   */
  release(clock: { atMs: number; asOfMs: number }): void;
  close(): void;
}

export function createEmission({ io, takeFolded, told, isStale, monotonicMs }: EmissionPorts): Emission {
  const audiences = createAudiences();
  let held: (() => void)[] = [];
  let folding: ReturnType<typeof setTimeout> | undefined;
  let foldedAtMs = -Infinity;

  /** Nothing leaves on the word of a look that is too old: a node that stood still has not heard of the rights that ended meanwhile. */
  function leave(work: () => void): void {
    if (!isStale() && held.length === 0) {
      work();
      return;
    }
    held.push(work);
    if (held.length > HELD_MESSAGES_MAX) held = held.slice(HELD_MESSAGES_MAX / 2);
  }

  const headsOf = (streams: Iterable<string>) => {
    const heads = [];
    for (const s of streams) {
      const head = told(s);
      if (head) heads.push({ s, e: head.epoch, q: head.seq });
    }
    return heads;
  };
  const single = (socket: LiveSocket): string[] => [...socket.data.streams].filter((stream) => !isFolded(stream));

  function flush(): void {
    folding = undefined;
    foldedAtMs = monotonicMs();
    const frames = takeFolded();
    leave(() => {
      for (const [audience, share] of audiences.share(frames))
        io.to(audience.room).except(SLOW_ROOM).emit('frames', share);
    });
  }

  const emission: Emission = {
    frame: (frame) => leave(() => void io.to(frame.s).except(SLOW_ROOM).emit('frames', [frame])),

    folded() {
      folding ??= setTimeout(flush, Math.max(0, foldedAtMs + FOLD_MS - monotonicMs()));
    },

    changed(socket) {
      const { data } = socket;
      const next = audiences.enter([...data.streams].filter(isFolded));
      if (data.audience) audiences.leave(data.audience);
      if (next?.room !== data.audience?.room) {
        if (next) void socket.join(next.room);
        if (data.audience) void socket.leave(data.audience.room);
      }
      data.audience = next;
    },

    gone({ data }) {
      if (data.audience) audiences.leave(data.audience);
      data.audience = null;
    },

    beat(clock) {
      for (const { room, streams } of audiences.all())
        io.to(room)
          .except(SLOW_ROOM)
          .emit('heartbeat', { ...clock, heads: headsOf(streams) });
      for (const socket of io.of('/').sockets.values()) {
        if (socket.data.slowSinceMs !== null) continue;
        const streams = single(socket);
        if (streams.length > 0 || !socket.data.audience)
          socket.emit('heartbeat', { ...clock, heads: headsOf(streams) });
      }
    },

    beatTo: (socket, clock) => void socket.emit('heartbeat', { ...clock, heads: headsOf(socket.data.streams) }),

    release(clock) {
      if (isStale() || held.length === 0) return;
      const waiting = held;
      held = [];
      for (const work of waiting) work();
      emission.beat(clock);
    },

    close: () => clearTimeout(folding),
  };
  return emission;
}
