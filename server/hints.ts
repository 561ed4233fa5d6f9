/**
 * What nodes tell each other over Redis, or nobody when there is none: what was recorded, whose rights may have changed, who is
 * present. Every word may be lost: the journal and the database are the truth, and the nodes look at them anyway. So nothing
 * is ever waited for, and whatever can't be said at once is dropped.
 */
import { createClient } from 'redis';
import { z } from 'zod';
import type { Hint } from '#models/journal/journal.ts';
import { ROLES } from '#models/people/rights.ts';

const CHANNEL = 'svod:nodes';
/** A larger event is left out of its hint: the other node reads it from the database (bytes of JSON). */
const EVENT_BYTES_MAX = 64_000;
/** Words that may wait for a Redis that has stopped answering; more are dropped. */
const WORDS_WAITING_MAX = 1_000;
/** How often a node tries whether its own word comes back to it (ms). */
const BEAT_MS = 1_000;
/** Without a word of its own for so long, a node believes neither of its connections (ms). */
const BEAT_LOST_MS = 3_000;
const RETRY_MS = { min: 50, max: 1_000 };

const wordSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('hint'),
    s: z.string(),
    e: z.string(),
    q: z.number().int(),
    event: z.unknown().optional(),
  }),
  z.object({ kind: z.literal('access'), person: z.string() }),
  z.object({
    kind: z.literal('presence'),
    streams: z.array(
      z.object({
        s: z.string(),
        people: z.array(
          z.object({
            id: z.string(),
            name: z.string(),
            role: z.enum(ROLES),
            where: z.string().nullable(),
            doing: z.enum(['looking', 'writing']),
          }),
        ),
      }),
    ),
  }),
  z.object({ kind: z.literal('beat') }),
]);
const saidSchema = z.object({ node: z.string(), word: wordSchema });
export type NodeWord = Exclude<z.infer<typeof wordSchema>, { kind: 'beat' }>;

export interface Hints {
  /** Says a word to the other nodes, or drops it. */
  say(word: NodeWord): void;
  /** Whether words reach the other nodes now; always true without Redis. */
  isUp(): boolean;
  close(): Promise<void>;
}

/** A hint as a word, without an event that is too large to ride along. */
export function hintWord({ s, e, q, event }: Hint): NodeWord {
  const carries = event !== undefined && JSON.stringify(event).length <= EVENT_BYTES_MAX;
  return { kind: 'hint', s, e, q, ...(carries ? { event } : {}) };
}

export interface HintsOptions {
  url: string;
  /** This node's name: its own words come back over Redis and are dropped. */
  node: string;
  onWord: (word: NodeWord, node: string) => void;
  /** Words go both ways again, after the start or after some may have been lost. */
  onUp: () => void;
  /** Words don't get through; told once for each time. */
  onDown: (error: unknown) => void;
}

/**
 * Connects and keeps connecting; the hub works without Redis too, only slower to tell other nodes. A node proves its line by
 * hearing its own beat: that goes through both connections and the subscription, so a cut of either is noticed, and a half-open
 * one too, on which nothing ever fails.
 */
export function connectHints({ url, node, onWord, onUp, onDown }: HintsOptions): Hints {
  let line: { say(text: string): void; drop(): void } | null = null;
  let heardAtMs = -Infinity;
  let isUp = false;
  let isClosed = false;
  let tries = 0;
  let retrying: ReturnType<typeof setTimeout> | undefined;

  const text = (word: NodeWord | { kind: 'beat' }): string => JSON.stringify({ node, word });

  function hear(said: string): void {
    const parsed = saidSchema.safeParse(parse(said));
    if (!parsed.success) return; // a node of another build may say what this one doesn't know
    if (parsed.data.node !== node) {
      if (parsed.data.word.kind !== 'beat') onWord(parsed.data.word, parsed.data.node);
      return;
    }
    heardAtMs = performance.now();
    tries = 0;
    if (isUp) return;
    isUp = true;
    onUp();
  }

  function open(): void {
    const opened = openLine(
      url,
      hear,
      () => opened.say(text({ kind: 'beat' })),
      (error) => fail(error, opened),
    );
    line = opened;
    // A line that never says anything is given up like one that fell silent.
    heardAtMs = performance.now();
  }

  function fail(error: unknown, failed: typeof line): void {
    if (isClosed || failed !== line) return;
    line = null; // before it is dropped: its end is told too, and is no news
    failed?.drop();
    if (isUp || tries === 0) onDown(error);
    isUp = false;
    tries += 1;
    retrying = setTimeout(open, Math.min(RETRY_MS.min * 2 ** tries, RETRY_MS.max));
  }

  const beating = setInterval(() => {
    if (!line) return;
    if (performance.now() - heardAtMs > BEAT_LOST_MS) fail(new Error('Redis does not answer'), line);
    else line.say(text({ kind: 'beat' }));
  }, BEAT_MS);
  open();

  return {
    say: (word) => line?.say(text(word)),
    isUp: () => isUp,
    close() {
      isClosed = true;
      clearInterval(beating);
      clearTimeout(retrying);
      line?.drop();
      return Promise.resolve();
    },
  };
}

/** Two connections, because one that subscribes can say nothing else. `onFail` is told whatever ends either of them. */
function openLine(
  url: string,
  hear: (said: string) => void,
  onOpen: () => void,
  onFail: (error: unknown) => void,
): { say(text: string): void; drop(): void } {
  const socket = { reconnectStrategy: false as const, connectTimeout: 2_000 };
  const publisher = createClient({
    url,
    socket,
    disableOfflineQueue: true,
    commandsQueueMaxLength: WORDS_WAITING_MAX,
  });
  const subscriber = createClient({ url, socket });
  const clients = [publisher, subscriber];
  for (const client of clients) {
    client.on('error', onFail);
    client.on('end', () => onFail(new Error('the connection to Redis ended')));
  }
  const say = (said: string): void => {
    // A full queue, or a line that broke in this moment: the word is lost, as it may be.
    if (publisher.isReady) publisher.publish(CHANNEL, said).catch(() => undefined);
  };
  Promise.all([publisher.connect(), subscriber.connect().then(() => subscriber.subscribe(CHANNEL, hear))]).then(
    onOpen,
    onFail,
  );
  return {
    say,
    drop() {
      for (const client of clients) if (client.isOpen) client.destroy();
    },
  };
}

function parse(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}

/** One node, no Redis: nobody else needs to hear. */
export const noHints: Hints = { say: () => undefined, isUp: () => true, close: () => Promise.resolve() };
