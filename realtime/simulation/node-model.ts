/**
 * A node: the real relay over a slow database and lossy hints, with what `hub/` does around it — join first and read second,
 * ask the right at every door, hold back what may not be told yet.
 */
import type { Chance } from '#chance/chance.ts';
import type { Hint } from '#models/journal/journal.ts';
import {
  FOLD_MS,
  HEARTBEAT_MS,
  PULL_EVENTS_MAX,
  type Frame,
  type Heartbeat,
  type Pulled,
  type Snapped,
} from '../contract.ts';
import { fold } from '../fold.ts';
import type { Command } from '../follower.ts';
import type * as feedRules from '../hub/feed.ts';
import { createRelay, HEAD_LOOK_MS, type Relay } from '../hub/relay.ts';
import type { ToClient } from './client-model.ts';
import type { SnapshotModel, StreamModel } from './journal-model.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How often a node asks whether its listeners may still hear (ms), and how old an answer may be before frames are held back. */
export const RIGHTS_LOOK_MS = 1_000;
export const RIGHTS_FRESH_MS = 1_500;

export interface NodePorts {
  time: VirtualTime;
  random: Chance;
  streams: ReadonlyMap<string, StreamModel>;
  /** The database: false while it does not answer. */
  isStoreUp(): boolean;
  mayHear(client: string, stream: string): boolean;
  feedRules: typeof feedRules;
  /** A planted bug: the head is read before the room is joined. */
  joinsAfterReading: boolean;
}

/** A socket on the node's side. */
export class Wire {
  readonly client: string;
  readonly streams = new Set<string>();
  isOpen = true;
  /** Nothing is written to a slow one; when it is well again it is told the heads. */
  isSlow = false;
  rightsAtMs: number;
  /** When it was last hindered, or told that it was: what the check of staleness forgives. */
  troubledAtMs: number;
  readonly deliver: (message: ToClient) => void;

  constructor(client: string, nowMs: number, deliver: (message: ToClient) => void) {
    this.client = client;
    this.rightsAtMs = nowMs;
    this.troubledAtMs = nowMs;
    this.deliver = deliver;
  }
}

export class NodeModel {
  readonly #ports: NodePorts;
  readonly #relay: Relay;
  readonly #rooms = new Map<string, Set<Wire>>();
  readonly wires = new Set<Wire>();
  isAlive = true;
  /** Until then the process is stopped: everything due waits. */
  stoppedUntilMs = 0;
  #foldedAtMs = -FOLD_MS;

  constructor(ports: NodePorts) {
    this.#ports = ports;
    this.#relay = createRelay(
      {
        readHeads: (streams, done) =>
          this.#store(
            () => streams.map((name) => ({ stream: name, position: this.#stream(name).head })),
            (heads) => done(heads),
          ),
        readRange: ({ stream, epoch, after, limit }, done) =>
          this.#store(
            () => this.#stream(stream).read(epoch, after, limit),
            (events) => done(events),
          ),
        later: (ms, work) => this.#after(ms, work),
        isFolded: (stream) => this.#stream(stream).kind === 'board',
        emit: (frame) => this.#tell(frame),
        onFolded: () => {
          const { nowMs } = ports.time;
          this.#after(Math.max(0, this.#foldedAtMs + FOLD_MS - nowMs), () => {
            this.#foldedAtMs = ports.time.nowMs;
            for (const frame of this.#relay.takeFolded()) this.#tell(frame);
          });
        },
      },
      ports.feedRules,
    );
    this.#every(HEAD_LOOK_MS, () => this.#relay.lookAtHeads());
    this.#every(RIGHTS_LOOK_MS, () => this.#lookAtRights());
    this.#every(HEARTBEAT_MS, () => {
      for (const wire of this.wires) this.#heartbeat(wire);
    });
  }

  hint(hint: Hint): void {
    this.#after(0, () => this.#relay.hint(hint));
  }

  recover(): void {
    this.#after(0, () => this.#relay.lookAtHeads());
  }

  accept(wire: Wire): void {
    this.wires.add(wire);
  }

  close(wire: Wire): void {
    wire.isOpen = false;
    this.wires.delete(wire);
    for (const stream of wire.streams) this.#leave(wire, stream);
  }

  /** A socket reads again: what it missed it asks for by the heads it is told. */
  drain(wire: Wire): void {
    this.#after(0, () => {
      wire.isSlow = false;
      wire.troubledAtMs = this.#ports.time.nowMs;
      this.#heartbeat(wire);
    });
  }

  command(wire: Wire, command: Command): void {
    this.#after(0, () => {
      if (!wire.isOpen) return;
      switch (command.do) {
        case 'subscribe': {
          this.#subscribe(wire, command.streams);
          return;
        }
        case 'unsubscribe':
          for (const stream of command.streams) this.#leave(wire, stream);
          return;
        case 'pull': {
          this.#pull(wire, command);
          return;
        }
        case 'snapshot': {
          this.#snapshot(wire, command.stream);
          return;
        }
        default:
          throw command satisfies never;
      }
    });
  }

  #subscribe(wire: Wire, streams: readonly string[]): void {
    this.#store(
      () => streams.map((stream) => [stream, this.#ports.mayHear(wire.client, stream)] as const),
      (rights) => {
        if (!rights) {
          this.#answer(wire, { is: 'subscribed', answer: { ok: false, code: 'busy' } });
          return;
        }
        const heads: { stream: string; position: { epoch: string; seq: number } }[] = [];
        const refused = rights
          .filter(([, isAllowed]) => !isAllowed)
          .map(([stream]) => ({ stream, code: 'not_allowed' as const }));
        const allowed = rights.filter(([, isAllowed]) => isAllowed).map(([stream]) => stream);
        const finish = (): void => {
          if (heads.length === allowed.length)
            this.#answer(wire, { is: 'subscribed', answer: { ok: true, heads, refused } });
        };
        finish();
        for (const stream of allowed) {
          if (!this.#ports.joinsAfterReading) this.#join(wire, stream);
          this.#relay.serve(stream, (position) => {
            const join = (): void => {
              if (this.#ports.joinsAfterReading) this.#join(wire, stream);
              heads.push({ stream, position });
              finish();
            };
            if (this.#ports.joinsAfterReading) this.#after(this.#ports.random.between(20, 300), join);
            else join();
          });
        }
      },
    );
  }

  #pull(wire: Wire, { stream, epoch, after }: { stream: string; epoch: string; after: number }): void {
    const model = this.#stream(stream);
    this.#store(
      (): Pulled => {
        if (!this.#ports.mayHear(wire.client, stream)) return { ok: false, code: 'not_allowed' };
        const { head } = model;
        if (head.epoch !== epoch || after < model.floor || after > head.seq) return { ok: false, code: 'resnapshot' };
        const events = model.read(epoch, after, PULL_EVENTS_MAX);
        const q = events.at(-1)?.q ?? after;
        const d = model.kind === 'board' ? fold(events) : events;
        return { ok: true, frame: { s: stream, e: epoch, f: after + 1, q, d } };
      },
      (answer) => this.#answer(wire, { is: 'pulled', stream, answer: answer ?? { ok: false, code: 'busy' } }),
    );
  }

  /** The position first, the state second, as every query does. */
  #snapshot(wire: Wire, stream: string): void {
    const model = this.#stream(stream);
    const answer = (snapped: Snapped | null): void =>
      this.#answer(wire, { is: 'snapped', stream, answer: snapped ?? { ok: false, code: 'busy' } });
    this.#store(
      () => (this.#ports.mayHear(wire.client, stream) ? model.head : null),
      (position) => {
        if (!position) {
          answer({ ok: false, code: this.#ports.isStoreUp() ? 'not_allowed' : 'busy' });
          return;
        }
        this.#store((): Snapped => {
          const { epoch, seq } = model.head;
          if (epoch !== position.epoch) return { ok: false, code: 'busy' };
          const state: SnapshotModel = { position, upTo: seq, atMs: this.#ports.time.nowMs };
          return { ok: true, position, state };
        }, answer);
      },
    );
  }

  #join(wire: Wire, stream: string): void {
    if (!wire.isOpen) return;
    const room = this.#rooms.get(stream) ?? new Set();
    this.#rooms.set(stream, room.add(wire));
    wire.streams.add(stream);
  }

  #leave(wire: Wire, stream: string): void {
    wire.streams.delete(stream);
    const room = this.#rooms.get(stream);
    room?.delete(wire);
    if (room?.size === 0) {
      this.#rooms.delete(stream);
      this.#relay.release(stream);
    }
  }

  /** Frames go only to who reads, and only while it is known that he may: the others are told the heads later. */
  #tell(frame: Frame): void {
    const oldestMs = this.#ports.time.nowMs - RIGHTS_FRESH_MS;
    for (const wire of this.#rooms.get(frame.s) ?? [])
      if (!wire.isSlow && wire.rightsAtMs >= oldestMs) wire.deliver({ is: 'frames', frames: [frame] });
  }

  #heartbeat(wire: Wire): void {
    if (wire.isSlow) return;
    const heads: Heartbeat['heads'] = [];
    for (const s of wire.streams) {
      const told = this.#relay.told(s);
      if (told) heads.push({ s, e: told.epoch, q: told.seq });
    }
    wire.deliver({ is: 'heartbeat', heads });
  }

  #lookAtRights(): void {
    const askedAtMs = this.#ports.time.nowMs;
    const asked = [...this.wires].map((wire) => [wire, [...wire.streams]] as const);
    this.#store(
      () =>
        asked.map(([wire, streams]) => [wire, streams.filter((s) => !this.#ports.mayHear(wire.client, s))] as const),
      (answers) => {
        for (const [wire, refused] of answers ?? []) {
          const wasHeldBack = this.#ports.time.nowMs - wire.rightsAtMs > RIGHTS_FRESH_MS;
          wire.rightsAtMs = askedAtMs;
          for (const stream of refused) {
            this.#leave(wire, stream);
            wire.deliver({ is: 'revoked', stream, code: 'not_allowed' });
          }
          if (wasHeldBack) this.#heartbeat(wire);
        }
      },
    );
  }

  #answer(wire: Wire, message: ToClient): void {
    if (wire.isOpen) wire.deliver(message);
  }

  #stream(name: string): StreamModel {
    const stream = this.#ports.streams.get(name);
    if (!stream) throw new Error(`no stream ${name}`);
    return stream;
  }

  /** Asks the database: what it answers was true at some moment between question and answer. */
  #store<T>(read: () => T, done: (answer: T | null) => void): void {
    const { time, random } = this.#ports;
    time.after(random.between(0.2, 4), () => {
      const answer = this.#ports.isStoreUp() ? read() : null;
      this.#after(random.between(0.2, 4), () => done(answer));
    });
  }

  /** What a process does happens while it runs: not after it was killed, and later when it is stopped. */
  #after(ms: number, work: () => void): void {
    this.#ports.time.after(ms, () => {
      if (!this.isAlive) return;
      const restMs = this.stoppedUntilMs - this.#ports.time.nowMs;
      if (restMs > 0) this.#after(restMs, work);
      else work();
    });
  }

  #every(ms: number, work: () => void): void {
    this.#after(ms * this.#ports.random.between(0.9, 1.1), () => {
      work();
      this.#every(ms, work);
    });
  }
}
