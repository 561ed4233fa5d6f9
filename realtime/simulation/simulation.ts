/**
 * The protocol under faults, without a clock, a socket or a process of its own: nodes, hints, lines, a database, readers
 * whose rights come and go. Everything follows from the seed.
 */
import { Chance } from '#chance/chance.ts';
import { HEARTBEAT_MS, SILENCE_MAX_MS } from '../contract.ts';
import * as trueFeedRules from '../hub/feed.ts';
import * as trueReaderRules from '../reader.ts';
import { ClientModel, type Line, type ToClient } from './client-model.ts';
import { StreamModel, type SnapshotModel } from './journal-model.ts';
import { NodeModel, Wire, type NodePorts } from './node-model.ts';
import { VirtualTime } from './virtual-time.ts';

export interface Planted {
  feedRules?: typeof trueFeedRules;
  readerRules?: typeof trueReaderRules;
  joinsAfterReading?: boolean;
}

export interface Outcome {
  seed: number;
  events: number;
  /** Deeds of the virtual machine: deliveries, reads, timers. */
  steps: number;
  /** Events that readers applied. */
  applied: number;
  snapshots: number;
  faults: Record<string, number>;
  /** What broke, in words; empty when the protocol held. */
  wrong: string[];
}

const NODES = 3;
const CLIENTS = 6;
const ENTITIES = 12;
/** How long after a right was withdrawn something that became true later may still reach a reader (ms). */
const REVOKED_WITHIN_MS = 2_000;
/** How old a missing event may be at a reader that says it is live, on an undisturbed line (ms): a lost hint costs a look at the heads. */
const STALE_MS = 2_500;
/** Enough to find every loss: silence is noticed, the line is opened again, and heartbeats tell the heads. */
const HEALING_MS = SILENCE_MAX_MS + 4 * HEARTBEAT_MS;

const FAULTS = [
  'lineCut',
  'lineHalfOpen',
  'lineSlow',
  'nodeKilled',
  'nodeStopped',
  'redisDown',
  'storeDown',
  'rightWithdrawn',
  'pageReopened',
  'restored',
  'floorRaised',
] as const;
type Fault = (typeof FAULTS)[number];

/** How often each fault comes, beside each other. */
const WEIGHTS: Record<Fault, number> = {
  lineCut: 30,
  lineHalfOpen: 10,
  lineSlow: 12,
  nodeKilled: 6,
  nodeStopped: 6,
  redisDown: 8,
  storeDown: 5,
  rightWithdrawn: 12,
  pageReopened: 6,
  restored: 2,
  floorRaised: 5,
};
const FAULT_SHARE = 0.01;

export function simulate(seed: number, operations: number, planted: Planted = {}): Outcome {
  const time = new VirtualTime();
  const random = new Chance(seed);
  const faults: Record<string, number> = {};
  const wrong: string[] = [];
  let applied = 0;
  let events = 0;

  const streams = new Map(
    [
      new StreamModel('board:p:a', 'board'),
      new StreamModel('board:p:b', 'board'),
      new StreamModel('forum:p', 'posts'),
      new StreamModel('cabinet:p:i', 'posts'),
    ].map((stream) => [stream.name, stream]),
  );
  const all = [...streams.values()];
  /** Where little happens, a loss is not found by the next event. */
  const quiet = streams.get('cabinet:p:i') ?? all[0];
  const busy = all.filter((stream) => stream !== quiet);

  /* ---- rights ---- */

  const withdrawnAtMs = new Map<string, number>();
  const right = (client: string, stream: string): string => `${client} ${stream}`;
  const mayHear = (client: string, stream: string): boolean => !withdrawnAtMs.has(right(client, stream));

  /* ---- nodes, Redis, the database ---- */

  let isRedisUp = true;
  let isStoreUp = true;
  let storeDownUntilMs = 0;
  const ports: NodePorts = {
    time,
    random,
    streams,
    isStoreUp: () => isStoreUp,
    mayHear,
    feedRules: planted.feedRules ?? trueFeedRules,
    joinsAfterReading: planted.joinsAfterReading ?? false,
  };
  const nodes = Array.from({ length: NODES }, () => new NodeModel(ports));
  const living = (): NodeModel[] => nodes.filter(({ isAlive }) => isAlive);
  /** The client's end of each wire: what breaks when a node dies. */
  const ends = new Map<Wire, { client: ClientModel; line: Line }>();

  function kill(index: number, forMs: number): void {
    const node = nodes[index];
    if (!node) return;
    node.isAlive = false;
    for (const wire of [...node.wires]) breakWire(wire, random.between(0, 50));
    time.after(forMs, () => {
      if (nodes[index] === node) nodes[index] = new NodeModel(ports);
    });
  }

  function commit(stream: StreamModel | undefined): void {
    const [own, ...others] = shuffled(living());
    if (!stream || !own || !isStoreUp) return;
    const event = stream.append(`e${random.below(ENTITIES)}`, time.nowMs);
    events += 1;
    const hint = { s: stream.name as never, e: stream.head.epoch, q: event.q, event };
    // The node that wrote may die between the commit and its word.
    if (!random.happens(0.002)) own.hint(hint);
    for (const other of others) {
      if (!isRedisUp || random.happens(0.02)) continue;
      // Some hints are too large to carry their event; some come twice.
      const carried = random.happens(0.1) ? { s: hint.s, e: hint.e, q: hint.q } : hint;
      time.after(random.between(0.2, 30), () => other.hint(carried));
      if (random.happens(0.05)) time.after(random.between(1, 2_000), () => other.hint(carried));
    }
  }

  function shuffled<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  }

  /* ---- lines ---- */

  function connect(client: ClientModel): Line | null {
    const node = random.oneOf(nodes);
    if (!node.isAlive || node.stoppedUntilMs > time.nowMs) return null;
    let nextMs = time.nowMs;
    let backMs = time.nowMs;
    const line: Line = {
      send(command) {
        if (!wire.isOpen) return;
        backMs = Math.max(backMs, time.nowMs + random.between(0.5, 20));
        time.after(backMs - time.nowMs, () => {
          if (wire.isOpen && !halfOpen.has(wire)) node.command(wire, command);
        });
      },
      close: () => node.close(wire),
    };
    const wire = new Wire(client.name, time.nowMs, (message: ToClient) => {
      if (!wire.isOpen || halfOpen.has(wire)) return;
      // A line keeps its order, whatever each message costs.
      nextMs = Math.max(nextMs, time.nowMs + random.between(0.5, 20));
      time.after(nextMs - time.nowMs, () => {
        if (wire.isOpen && !halfOpen.has(wire)) client.receive(line, message);
      });
    });
    node.accept(wire);
    ends.set(wire, { client, line });
    return line;
  }
  const halfOpen = new Set<Wire>();

  function breakWire(wire: Wire, afterMs = 0): void {
    const end = ends.get(wire);
    wire.isOpen = false;
    ends.delete(wire);
    for (const node of nodes) node.close(wire);
    if (end) time.after(afterMs, () => end.client.lost(end.line));
  }

  /* ---- readers ---- */

  const clients: ClientModel[] = [];
  const clientPorts = {
    time,
    random,
    connect,
    render: (client: string, { name, head }: StreamModel): SnapshotModel | null =>
      mayHear(client, name) ? { position: head, upTo: head.seq, atMs: time.nowMs } : null,
    wrong: (what: string) => void wrong.push(`${Math.round(time.nowMs)} ms: ${what}`),
    seen(client: string, stream: string, atMs: number) {
      applied += 1;
      const since = withdrawnAtMs.get(right(client, stream));
      if (since !== undefined && atMs > since + REVOKED_WITHIN_MS)
        wrong.push(
          `${Math.round(time.nowMs)} ms: ${client} saw what happened in ${stream} ${atMs - since} ms too late`,
        );
    },
  };
  const open = (index: number): ClientModel =>
    new ClientModel(`client-${index}`, all, clientPorts, planted.readerRules ?? trueReaderRules);
  for (let index = 0; index < CLIENTS; index += 1) clients.push(open(index));
  function reopen(index: number): void {
    clients[index]?.close();
    clients[index] = open(index);
  }

  /* ---- faults ---- */

  const deeds: Record<Fault, () => void> = {
    lineCut: () => withWire((wire) => breakWire(wire, random.between(0, 200))),
    lineHalfOpen: () =>
      withWire((wire) => {
        halfOpen.add(wire);
        // The node notices by its own time-out, the reader by the silence.
        time.after(random.between(1_000, 30_000), () => {
          halfOpen.delete(wire);
          breakWire(wire);
        });
      }),
    lineSlow: () =>
      withWire((wire) => {
        wire.isSlow = true;
        time.after(random.between(200, 8_000), () => nodes.find(({ wires }) => wires.has(wire))?.drain(wire));
      }),
    nodeKilled: () => kill(random.below(NODES), random.between(500, 6_000)),
    nodeStopped: () => {
      const node = random.oneOf(nodes);
      node.stoppedUntilMs = Math.max(node.stoppedUntilMs, time.nowMs + random.between(500, 15_000));
    },
    redisDown: () => {
      isRedisUp = false;
      time.after(random.between(200, 8_000), () => {
        isRedisUp = true;
        for (const node of nodes) node.recover();
      });
    },
    storeDown: () => {
      isStoreUp = false;
      const forMs = random.between(100, 3_000);
      storeDownUntilMs = Math.max(storeDownUntilMs, time.nowMs + forMs);
      time.after(forMs, () => (isStoreUp = storeDownUntilMs <= time.nowMs));
    },
    rightWithdrawn: () => {
      const index = random.below(CLIENTS);
      const key = right(`client-${index}`, random.oneOf(all).name);
      if (withdrawnAtMs.has(key)) return;
      withdrawnAtMs.set(key, time.nowMs);
      time.after(random.between(4_000, 20_000), () => {
        withdrawnAtMs.delete(key);
        reopen(index); // who may hear again sees it on a page opened anew
      });
    },
    pageReopened: () => {
      reopen(random.below(CLIENTS));
    },
    restored: () => {
      // As the manual says: the nodes are stopped, the backup is put back, the epochs are made anew, the nodes start.
      for (let index = 0; index < NODES; index += 1) kill(index, 1_000);
      time.after(500, () => {
        for (const stream of all) stream.restore(random.below(20));
      });
    },
    floorRaised: () => {
      const stream = random.oneOf(all);
      stream.floor = Math.max(stream.floor, random.below(stream.head.seq + 1));
    },
  };
  const lots = FAULTS.flatMap((fault) => Array.from({ length: WEIGHTS[fault] }, () => fault));

  function withWire(deed: (wire: Wire) => void): void {
    const wires = nodes.flatMap((node) => (node.isAlive ? [...node.wires] : []));
    if (wires.length > 0) deed(random.oneOf(wires));
  }

  /** A reader that says it is live is live: what it misses is younger than a look at the heads takes. */
  function checkStaleness(): void {
    const calmMs = time.nowMs - STALE_MS;
    if (storeDownUntilMs > calmMs) return;
    for (const [wire, { client }] of ends) {
      const node = nodes.find(({ wires }) => wires.has(wire));
      if (!node || node.stoppedUntilMs > calmMs || wire.troubledAtMs > calmMs || wire.isSlow || halfOpen.has(wire))
        continue;
      if (client.follower.status !== 'live') continue;
      for (const name of wire.streams) {
        const place = client.follower.place(name);
        const missing = place && streams.get(name)?.eventsOf(place.epoch)[place.seq];
        if (missing && missing.atMs < calmMs)
          wrong.push(
            `${client.name} says live, but misses what happened in ${name} ${time.nowMs - missing.atMs} ms ago`,
          );
      }
    }
  }

  /* ---- the run ---- */

  for (let operation = 0; operation < operations; operation += 1) {
    // Bursts and quiet: most deeds come close together.
    time.runUntil(time.nowMs + (random.happens(0.02) ? random.between(200, 2_000) : random.between(0, 15)));
    if (random.happens(FAULT_SHARE)) {
      const fault = random.oneOf(lots);
      faults[fault] = (faults[fault] ?? 0) + 1;
      deeds[fault]();
    } else commit(random.happens(0.99) ? random.oneOf(busy) : quiet);
    if (operation % 20 === 0) checkStaleness();
    if (operation % 500 === 0) for (const client of clients) client.check();
    if (wrong.length > 0) break;
  }

  // Everything heals; then every reader that may hear must hold exactly what is true, and say that it does.
  if (wrong.length === 0) {
    time.runUntil(time.nowMs + 40_000);
    withdrawnAtMs.clear();
    for (const client of clients) if (client.isSignedOut) client.close();
    for (const stream of all) commit(stream);
    time.runUntil(time.nowMs + HEALING_MS);
    for (const client of clients) {
      client.check();
      if (client.isSignedOut) continue;
      if (client.follower.status !== 'live') wrong.push(`${client.name} ends as ${client.follower.status}`);
      for (const name of client.follower.streams) {
        const place = client.follower.place(name);
        const head = streams.get(name)?.head;
        if (place?.epoch !== head?.epoch || place?.seq !== head?.seq)
          wrong.push(`${client.name} ends at ${place?.seq} of ${name}, which is at ${head?.seq}`);
      }
    }
  }
  const snapshots = clients.reduce((sum, { replaced }) => sum + replaced, 0);
  return { seed, events, steps: time.done, applied, snapshots, faults, wrong };
}
