/**
 * The process of the load: thousands of sockets that count what reaches them without parsing it, so that what is measured is the
 * node. Told what to do over IPC; its own cost is reported beside the figures.
 */
import { openLiveSocket, parseEvent, type LiveSocket } from '#nemesis/live-socket.ts';
import { CONTRACT_VERSION, type Heartbeat, type Pulled, type Snapped, type Subscribed } from '#realtime/contract.ts';

/** Opens `count` sockets. */
export interface OpenSockets {
  do: 'open';
  group: string;
  url: string;
  count: number;
  /** Used in turn, as are the lists of streams: each socket hears one of them. */
  cookies: string[];
  streams: string[][];
  /** Spread over this time (ms); all at once without it. */
  overMs?: number;
  /** As pages do: a snapshot before it listens. */
  isPage?: boolean;
}

export type ToLoad =
  | OpenSockets
  /** Answered when every socket of the group has got as far in each of its streams, or when the time is over. */
  | { do: 'await'; group: string; heads: Record<string, number>; waitMs: number }
  | { do: 'reset'; group: string }
  | { do: 'pause' | 'resume'; group: string; count: number };

export interface Report {
  /** Sockets that got there. */
  arrived: number;
  /** When the last one did, by the clock of the machine (ms). */
  atMs: number;
  frames: number;
  messages: number;
  bytes: number;
  /** Messages that the busiest socket got within a second. */
  messagesPerSMax: number;
  /** Sequences that did not come by themselves and were pulled. */
  pulls: number;
  /** Sockets that went away. */
  gone: number;
  /** From the moment an event carries to its arrival (ms). */
  p50Ms: number;
  p99Ms: number;
  /** Cost of this process since it was last told to reset (µs). */
  cpuUs: number;
}

export type FromLoad =
  { did: 'opened'; count: number; tookMs: number } | ({ did: 'awaited' } & Report) | { did: 'done' };

const FRAMES = Buffer.from('42["frames"');
const HEARTBEAT = Buffer.from('42["heartbeat"');
const BEGIN = Buffer.from('{"s":"');
const SEQUENCE = Buffer.from('"q":');
const MOMENT = Buffer.from('"atMs":');
/** Longest delay that is told apart (ms). */
const DELAY_MS_MAX = 60_000;
/** Longest wait for an answer to a command (ms). */
const ANSWER_MS_MAX = 60_000;
/** Sockets that are opened at the same time. */
const OPENING_AT_ONCE = 40;

class Counter {
  readonly last = new Map<string, number>();
  socket: LiveSocket | null = null;
  isPulling = false;
  /** Messages of the running second. */
  second = 0;
  heard = 0;
}

class Group {
  readonly counters: Counter[] = [];
  readonly delays = new Uint32Array(DELAY_MS_MAX + 1);
  frames = 0;
  messages = 0;
  bytes = 0;
  pulls = 0;
  gone = 0;
  messagesPerSMax = 0;
  cpu = process.cpuUsage();
  epoch = '';
  waiting: { heads: Record<string, number>; left: Set<Counter>; finish: () => void } | null = null;

  reset(): void {
    this.delays.fill(0);
    this.frames = this.messages = this.bytes = this.pulls = this.messagesPerSMax = 0;
    this.cpu = process.cpuUsage();
  }

  hear(counter: Counter, message: Buffer): void {
    if (message.subarray(0, FRAMES.length).equals(FRAMES)) this.#hearFrames(counter, message);
    else if (message.subarray(0, HEARTBEAT.length).equals(HEARTBEAT))
      for (const { s, q } of (parseEvent(message).payload as Heartbeat).heads)
        if (q > (counter.last.get(s) ?? 0)) void this.#pull(counter, s);
  }

  #hearFrames(counter: Counter, message: Buffer): void {
    this.messages += 1;
    this.bytes += message.length;
    const nowMs = Date.now();
    const second = Math.floor(nowMs / 1_000);
    counter.heard = counter.second === second ? counter.heard + 1 : 1;
    counter.second = second;
    this.messagesPerSMax = Math.max(this.messagesPerSMax, counter.heard);
    for (let begin = message.indexOf(BEGIN); begin !== -1;) {
      const nameEnd = message.indexOf(0x22, begin + BEGIN.length);
      const stream = message.toString('latin1', begin + BEGIN.length, nameEnd);
      const sequence = message.indexOf(SEQUENCE, nameEnd) + SEQUENCE.length;
      this.frames += 1;
      this.arrive(counter, stream, readNumber(message, sequence));
      begin = message.indexOf(BEGIN, sequence);
    }
    const moment = message.lastIndexOf(MOMENT);
    if (moment !== -1) {
      const delayMs = nowMs - readNumber(message, moment + MOMENT.length);
      const place = Math.min(DELAY_MS_MAX, Math.max(0, delayMs));
      this.delays[place] = (this.delays[place] ?? 0) + 1;
    }
  }

  arrive(counter: Counter, stream: string, seq: number): void {
    if (seq > (counter.last.get(stream) ?? 0)) counter.last.set(stream, seq);
    const { waiting } = this;
    if (!waiting?.left.has(counter) || !hasReached(counter, waiting.heads)) return;
    waiting.left.delete(counter);
    if (waiting.left.size === 0) waiting.finish();
  }

  async #pull(counter: Counter, stream: string): Promise<void> {
    if (counter.isPulling) return;
    counter.isPulling = true;
    this.pulls += 1;
    const after = counter.last.get(stream) ?? 0;
    const pulled = (await counter.socket?.command('pull', { ticket: null, stream, epoch: this.epoch, after })) as
      Pulled | null | undefined;
    counter.isPulling = false;
    if (pulled?.ok) this.arrive(counter, stream, pulled.frame.q);
  }

  delayAt(share: number): number {
    const total = this.delays.reduce((sum, count) => sum + count, 0);
    let passed = 0;
    for (let ms = 0; ms <= DELAY_MS_MAX; ms += 1) {
      passed += this.delays[ms] ?? 0;
      if (passed >= total * share) return ms;
    }
    return DELAY_MS_MAX;
  }

  report(arrived: number): Report {
    const { user, system } = process.cpuUsage(this.cpu);
    const { frames, messages, bytes, pulls, gone, messagesPerSMax } = this;
    const delays = { p50Ms: this.delayAt(0.5), p99Ms: this.delayAt(0.99) };
    return {
      arrived,
      atMs: Date.now(),
      frames,
      messages,
      bytes,
      messagesPerSMax,
      pulls,
      gone,
      ...delays,
      cpuUs: user + system,
    };
  }
}

const hasReached = ({ last }: Counter, heads: Record<string, number>): boolean => {
  for (const [stream, seq] of last) if (seq < (heads[stream] ?? 0)) return false;
  return true;
};

function readNumber(message: Buffer, at: number): number {
  let number = 0;
  for (let place = at; ; place += 1) {
    const digit = (message[place] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) return number;
    number = number * 10 + digit;
  }
}

const groups = new Map<string, Group>();

function groupOf(name: string): Group {
  const group = groups.get(name) ?? new Group();
  groups.set(name, group);
  return group;
}

async function open({ group: name, count, overMs = 0, ...more }: OpenSockets): Promise<FromLoad> {
  const group = groupOf(name);
  const beganAtMs = Date.now();
  let next = 0;
  async function openSome(): Promise<void> {
    while (next < count) {
      const index = next++;
      const waitMs = beganAtMs + (overMs * index) / count - Date.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      await openOne(group, index, more);
    }
  }
  await Promise.all(Array.from({ length: Math.min(OPENING_AT_ONCE, count) }, openSome));
  return { did: 'opened', count: group.counters.length, tookMs: Date.now() - beganAtMs };
}

async function openOne(
  group: Group,
  index: number,
  { url, cookies, streams: lists, isPage }: Pick<OpenSockets, 'url' | 'cookies' | 'streams' | 'isPage'>,
): Promise<void> {
  const streams = lists[index % lists.length] ?? [];
  const counter = new Counter();
  counter.socket = await openLiveSocket({
    url,
    cookie: cookies[index % cookies.length] ?? '',
    onEvent: (message) => group.hear(counter, message),
    onClose: () => void (group.gone += 1),
  });
  for (const stream of isPage ? streams : []) {
    const snapped = (await counter.socket.command(
      'snapshot',
      { ticket: null, stream },
      ANSWER_MS_MAX,
    )) as Snapped | null;
    if (!snapped?.ok) throw new Error(`socket ${index} gets no snapshot: ${JSON.stringify(snapped)}`);
  }
  const subscribed = (await counter.socket.command(
    'subscribe',
    { version: CONTRACT_VERSION, ticket: null, streams },
    ANSWER_MS_MAX,
  )) as Subscribed | null;
  if (!subscribed?.ok || subscribed.heads.length !== streams.length)
    throw new Error(`socket ${index} can't subscribe: ${JSON.stringify(subscribed)}`);
  for (const { stream, position } of subscribed.heads) {
    group.epoch = position.epoch;
    counter.last.set(stream, Math.max(position.seq, counter.last.get(stream) ?? 0));
  }
  group.counters.push(counter);
}

function awaitAll({ group: name, heads, waitMs }: Extract<ToLoad, { do: 'await' }>): Promise<FromLoad> {
  const group = groupOf(name);
  return new Promise((resolve) => {
    const left = new Set(group.counters.filter((counter) => !hasReached(counter, heads)));
    const timer = setTimeout(finish, waitMs);
    function finish(): void {
      clearTimeout(timer);
      group.waiting = null;
      resolve({ did: 'awaited', ...group.report(group.counters.length - left.size) });
    }
    group.waiting = { heads, left, finish };
    if (left.size === 0) finish();
  });
}

async function obey(message: ToLoad): Promise<FromLoad> {
  switch (message.do) {
    case 'open':
      return open(message);
    case 'await':
      return awaitAll(message);
    case 'reset':
      groupOf(message.group).reset();
      return { did: 'done' };
    case 'pause':
    case 'resume':
      for (const { socket } of groupOf(message.group).counters.slice(0, message.count)) socket?.[message.do]();
      return { did: 'done' };
  }
}

process.on('message', (message: ToLoad) => {
  obey(message).then(
    (answer) => process.send?.(answer),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(1));
