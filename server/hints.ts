/**
 * Hints between nodes over Redis, or within the process when there is none. A hint may be lost at any time: the journal is
 * the truth, the nodes look at the heads anyway, and at once when Redis comes back.
 */
import { createClient } from 'redis';
import { z } from 'zod';
import type { Hint } from '#models/journal/journal.ts';

const CHANNEL = 'svod:hints';
/** A larger event is left out of its hint: the other node reads it from the database (bytes of JSON). */
const EVENT_BYTES_MAX = 64_000;

export interface Hints {
  publish(hint: Hint): void;
  /** Whether hints reach the other nodes now; always true without Redis. */
  isUp(): boolean;
  close(): Promise<void>;
}

const hintSchema = z.object({ n: z.string(), s: z.string(), e: z.string(), q: z.number().int(), event: z.unknown() });

export interface HintsOptions {
  url: string;
  /** This node's name: its own hints come back over Redis and are dropped. */
  node: string;
  onHint: (hint: Hint) => void;
  onUp: () => void;
  onFault: (error: unknown) => void;
}

/** Connects and keeps connecting; the hub starts and works without Redis too, only slower to tell other nodes. */
export function connectHints({ url, node, onHint, onUp, onFault }: HintsOptions): Hints {
  const socket = { reconnectStrategy: (retries: number) => Math.min(50 * 2 ** retries, 1_000), connectTimeout: 2_000 };
  // No offline queue: a hint that waits for Redis to return is worth nothing by then.
  const publisher = createClient({ url, socket, disableOfflineQueue: true });
  const subscriber = createClient({ url, socket });
  publisher.on('error', onFault);
  subscriber.on('error', onFault);
  subscriber.on('ready', onUp);

  const receive = (text: string): void => {
    const parsed = hintSchema.safeParse(JSON.parse(text));
    if (!parsed.success || parsed.data.n === node) return;
    const { s, e, q, event } = parsed.data;
    onHint({ s, e, q, ...(event ? { event } : {}) } as Hint);
  };
  const connected = Promise.all([
    publisher.connect().catch(onFault),
    subscriber
      .connect()
      .then(() => subscriber.subscribe(CHANNEL, receive))
      .catch(onFault),
  ]);

  return {
    publish({ s, e, q, event }) {
      if (!publisher.isReady) return;
      const body = JSON.stringify(event);
      const carried = body.length <= EVENT_BYTES_MAX ? { event } : {};
      publisher.publish(CHANNEL, JSON.stringify({ n: node, s, e, q, ...carried })).catch(onFault);
    },
    isUp: () => publisher.isReady && subscriber.isReady,
    async close() {
      await Promise.race([connected, new Promise((resolve) => setTimeout(resolve, 500))]);
      publisher.destroy();
      subscriber.destroy();
    },
  };
}

/** One node, no Redis: nobody else needs to hear. */
export const noHints: Hints = { publish: () => undefined, isUp: () => true, close: () => Promise.resolve() };
