/**
 * Audiences: sockets that hear the same set of folded streams. What is folded leaves for all of an audience as one message,
 * encoded once, so that a viewer of thirty municipalities costs as much as a viewer of one. Pure.
 */
import type { Frame } from '../contract.ts';

export interface Audience {
  /** The room of its sockets; no stream has such a name. */
  readonly room: string;
  readonly key: string;
  readonly streams: readonly string[];
  size: number;
}

export interface Audiences {
  /** The audience of a set of streams, with one socket more; null for the empty set. */
  enter(streams: readonly string[]): Audience | null;
  leave(audience: Audience): void;
  /** For each audience that hears any of the frames: those it hears. */
  share(frames: readonly Frame[]): Map<Audience, Frame[]>;
  all(): Iterable<Audience>;
}

export function createAudiences(): Audiences {
  const byKey = new Map<string, Audience>();
  const byStream = new Map<string, Set<Audience>>();
  let made = 0;

  return {
    enter(streams) {
      if (streams.length === 0) return null;
      const sorted = [...streams].sort();
      const key = sorted.join(' ');
      let audience = byKey.get(key);
      if (!audience) {
        audience = { room: `audience ${++made}`, key, streams: sorted, size: 0 };
        byKey.set(key, audience);
        for (const stream of sorted) {
          const hearing = byStream.get(stream) ?? new Set();
          byStream.set(stream, hearing.add(audience));
        }
      }
      audience.size += 1;
      return audience;
    },

    leave(audience) {
      audience.size -= 1;
      if (audience.size > 0) return;
      byKey.delete(audience.key);
      for (const stream of audience.streams) {
        const hearing = byStream.get(stream);
        hearing?.delete(audience);
        if (hearing?.size === 0) byStream.delete(stream);
      }
    },

    share(frames) {
      const shares = new Map<Audience, Frame[]>();
      for (const frame of frames)
        for (const audience of byStream.get(frame.s) ?? []) {
          const share = shares.get(audience);
          if (share) share.push(frame);
          else shares.set(audience, [frame]);
        }
      return shares;
    },

    all: () => byKey.values(),
  };
}
