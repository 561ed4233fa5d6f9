/**
 * The process of the load: thousands of sockets that count what reaches them without parsing it, so that what is measured is the
 * node. Told what to do over IPC; its own cost is reported beside the figures.
 */
import { openLiveSocket, parseEvent, type LiveSocket } from '#nemesis/live-socket.ts';
import { CONTRACT_VERSION, type Heartbeat, type Pulled, type Subscribed } from '#realtime/contract.ts';

export type ToLoad =
  /** Opens `count` sockets that hear the same streams; cookies are used in turn. */
  | { do: 'open'; group: string; url: string; cookies: string[]; streams: string[]; count: number }
  /** Answered when every socket of the group has got past `seq` of the stream, or when the time is over. */
  | { do: 'await'; group: string; stream: string; seq: number; waitMs: number }
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
/** Sockets that are opened at the same time. */
const OPENING_AT_ONCE = 40;

class Counter {
  readonly last = new Map<string, number>();
  socket: LiveSocket | null = null;
  isPulling = false;
}

class Group {
  readonly counters: Counter[] = [];
  readonly delays = new Uint32Array(DELAY_MS_MAX + 1);
  frames = 0;
  messages = 0;
  bytes = 0;
  pulls = 0;
  gone = 0;
  cpu = process.cpuUsage();
  epoch = '';
  waiting: { stream: string; seq: number; left: Set<Counter>; finish: () => void } | null = null;

  reset(): void {
    this.delays.fill(0);
    this.frames = this.messages = this.bytes = this.pulls = 0;
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
    if (waiting?.stream !== stream || seq < waiting.seq || !waiting.left.delete(counter)) return;
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
    const { frames, messages, bytes, pulls, gone } = this;
    const delays = { p50Ms: this.delayAt(0.5), p99Ms: this.delayAt(0.99) };
    return { arrived, atMs: Date.now(), frames, messages, bytes, pulls, gone, ...delays, cpuUs: user + system };
  }
}

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

async function open({ group: name, url, cookies, streams, count }: Extract<ToLoad, { do: 'open' }>): Promise<FromLoad> {
  const group = groupOf(name);
  const beganAtMs = Date.now();
  let next = 0;
  async function openSome(): Promise<void> {
    while (next < count) {
      const index = next++;
      const counter = new Counter();
      counter.socket = await openLiveSocket({
        url,
        cookie: cookies[index % cookies.length] ?? '',
        onEvent: (message) => group.hear(counter, message),
        onClose: () => void (group.gone += 1),
      });
      const subscribed = (await counter.socket.command(
        'subscribe',
        { version: CONTRACT_VERSION, ticket: null, streams },
        60_000,
      )) as Subscribed | null;
      if (!subscribed?.ok || subscribed.heads.length !== streams.length)
        throw new Error(`socket ${index} can't subscribe: ${JSON.stringify(subscribed)}`);
      for (const { stream, position } of subscribed.heads) {
        group.epoch = position.epoch;
        counter.last.set(stream, position.seq);
      }
      group.counters.push(counter);
    }
  }
  await Promise.all(Array.from({ length: Math.min(OPENING_AT_ONCE, count) }, openSome));
  return { did: 'opened', count: group.counters.length, tookMs: Date.now() - beganAtMs };
}

function awaitAll({ group: name, stream, seq, waitMs }: Extract<ToLoad, { do: 'await' }>): Promise<FromLoad> {
  const group = groupOf(name);
  return new Promise((resolve) => {
    const left = new Set(group.counters.filter(({ last }) => (last.get(stream) ?? 0) < seq));
    const timer = setTimeout(finish, waitMs);
    function finish(): void {
      clearTimeout(timer);
      group.waiting = null;
      resolve({ did: 'awaited', ...group.report(group.counters.length - left.size) });
    }
    group.waiting = { stream, seq, left, finish };
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
