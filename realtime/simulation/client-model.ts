/** A reader of several streams: the real follower over a line that may break, and what it believes. */
import type { Chance } from '#chance/chance.ts';
import type { JournalEvent } from '#models/journal/journal.ts';
import type { RefusalCode } from '#models/error.ts';
import { SILENCE_MAX_MS, type Frame, type Heartbeat, type Pulled, type Snapped, type Subscribed } from '../contract.ts';
import { Follower, type Command } from '../follower.ts';
import type * as readerRules from '../reader.ts';
import type { SnapshotModel, StreamModel } from './journal-model.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What travels to a client, as `ServerToClient` and the acknowledgements do. */
export type ToClient =
  | { is: 'frames'; frames: Frame[] }
  | { is: 'heartbeat'; heads: Heartbeat['heads'] }
  | { is: 'revoked'; stream: string; code: RefusalCode }
  | { is: 'subscribed'; answer: Subscribed }
  | { is: 'pulled'; stream: string; answer: Pulled }
  | { is: 'snapped'; stream: string; answer: Snapped };

/** The node's side of a line. */
export interface Line {
  send(command: Command): void;
  close(): void;
}

/** What a reader believes of one stream. */
export class Belief {
  readonly #stream: StreamModel;
  /** Board: the event that made each entity what it is. Posts: the place of each post read since the snapshot. */
  readonly entities = new Map<string, JournalEvent>();
  posts: string[] = [];
  /** The snapshot under it. */
  base: { epoch: string; upTo: number };
  /** The last event applied or held by the snapshot's position: must rise, by whatever way it came. */
  last: number;

  constructor(stream: StreamModel, { position, upTo }: SnapshotModel) {
    this.#stream = stream;
    this.base = { epoch: position.epoch, upTo };
    this.last = position.seq;
    if (stream.kind === 'board')
      for (const event of stream.eventsOf(position.epoch).slice(0, upTo)) this.entities.set(event.entity, event);
  }

  /** Applies as pages do: an older revision changes nothing. Returns what is wrong, if anything. */
  apply(event: JournalEvent): string | null {
    if (event.q <= this.last) return `event ${event.q} was applied after ${this.last}`;
    this.last = event.q;
    if (this.#stream.kind === 'board') {
      const present = this.entities.get(event.entity);
      if (!present || present.rev < event.rev) this.entities.set(event.entity, event);
    } else if (event.q > this.base.upTo) this.posts.push(event.body as string);
    return null;
  }

  /** Compares with what was true at a position, in that life of the stream. Returns what is wrong, if anything. */
  isWrongAt(epoch: string, seq: number): string | null {
    const events = this.#stream.eventsOf(epoch);
    if (epoch !== this.base.epoch) return `reads ${epoch} over a snapshot of ${this.base.epoch}`;
    if (this.#stream.kind === 'posts') {
      const upTo = Math.max(seq, this.base.upTo);
      const expected = events.slice(this.base.upTo, upTo);
      if (this.posts.length !== expected.length)
        return `holds ${this.posts.length} posts after the snapshot, ${expected.length} were posted`;
      const wrong = expected.findIndex(({ body }, index) => this.posts[index] !== body);
      return wrong === -1 ? null : `post ${this.base.upTo + wrong + 1} is another`;
    }
    const due = new Map<string, JournalEvent>();
    for (const event of events.slice(0, seq)) due.set(event.entity, event);
    for (const [entity, event] of due) {
      const held = this.entities.get(entity);
      if (!held || held.rev < event.rev) return `${entity} is at ${held?.rev ?? 'nothing'} instead of ${event.rev}`;
    }
    for (const [entity, held] of this.entities)
      if (events[held.q - 1] !== held) return `${entity} holds an event of another life`;
    return null;
  }
}

export interface ClientPorts {
  time: VirtualTime;
  random: Chance;
  /** Opens a line to some node; null when none answers. */
  connect(client: ClientModel): Line | null;
  /** The page as the server rendered it: a snapshot read before the line was opened; null when it may not be read. */
  render(client: string, stream: StreamModel): SnapshotModel | null;
  wrong(what: string): void;
  /** Something of a stream reached a client: may it? `atMs` is when what is shown became true. */
  seen(client: string, stream: string, atMs: number): void;
}

export class ClientModel {
  readonly name: string;
  readonly follower: Follower;
  readonly beliefs = new Map<string, Belief>();
  readonly #ports: ClientPorts;
  readonly #streams: readonly StreamModel[];
  #line: Line | null = null;
  #heardAtMs = 0;
  #isOpen = true;
  replaced = 0;

  constructor(name: string, streams: readonly StreamModel[], ports: ClientPorts, rules: typeof readerRules) {
    this.name = name;
    this.#ports = ports;
    this.#streams = streams;
    const byName = new Map(streams.map((stream) => [stream.name, stream]));
    this.follower = new Follower(
      {
        send: (command) => this.#line?.send(command),
        apply: (stream, events) => {
          for (const event of events) {
            ports.seen(name, stream, event.atMs);
            const wrong = this.beliefs.get(stream)?.apply(event);
            if (wrong) ports.wrong(`${name} of ${stream}: ${wrong}`);
          }
        },
        replace: (stream, state) => {
          this.replaced += 1;
          const model = byName.get(stream);
          if (model) this.beliefs.set(stream, new Belief(model, state as SnapshotModel));
        },
        revoked: (stream) => this.beliefs.delete(stream),
        changed: () => undefined,
      },
      rules,
    );
    this.open();
  }

  /** Opens the page: what the server rendered, then the line. */
  open(): void {
    for (const stream of this.#streams) {
      if (this.beliefs.has(stream.name)) continue;
      const snapshot = this.#ports.render(this.name, stream);
      if (!snapshot) continue;
      this.beliefs.set(stream.name, new Belief(stream, snapshot));
      this.follower.follow([{ stream: stream.name, position: snapshot.position }]);
    }
    // What is followed from now on is subscribed to together.
    this.#reconnectIn(0);
    this.#listen();
  }

  get isSignedOut(): boolean {
    return this.follower.status === 'signedOut';
  }

  #reconnectIn(ms: number): void {
    this.#ports.time.after(ms, () => {
      if (this.#line || !this.#isOpen) return;
      this.#line = this.#ports.connect(this);
      if (!this.#line) {
        this.#reconnectIn(this.#ports.random.between(300, 3_000));
        return;
      }
      this.#heardAtMs = this.#ports.time.nowMs;
      this.follower.connected();
    });
  }

  /** The line broke, or the page gave it up. */
  lost(line: Line): void {
    if (this.#line !== line) return;
    this.#line = null;
    this.follower.disconnected();
    this.#reconnectIn(this.#ports.random.between(300, 3_000));
  }

  #listen(): void {
    this.#ports.time.after(SILENCE_MAX_MS / 3, () => {
      const line = this.#line;
      if (line && this.#ports.time.nowMs - this.#heardAtMs > SILENCE_MAX_MS) {
        line.close();
        this.lost(line);
      }
      if (this.#isOpen) this.#listen();
    });
  }

  receive(line: Line, message: ToClient): void {
    if (this.#line !== line) return;
    this.#heardAtMs = this.#ports.time.nowMs;
    switch (message.is) {
      case 'frames': {
        this.follower.frames(message.frames);
        return;
      }
      case 'heartbeat': {
        this.follower.heartbeat(message.heads);
        return;
      }
      case 'revoked': {
        this.follower.revoked(message.stream, message.code);
        return;
      }
      case 'subscribed':
        if (this.follower.subscribed(message.answer) === 'later')
          this.#ports.time.after(2_000, () => this.follower.resubscribe());
        return;
      case 'pulled': {
        this.follower.pulled(message.stream, message.answer);
        return;
      }
      case 'snapped':
        if (message.answer.ok)
          this.#ports.seen(this.name, message.stream, (message.answer.state as SnapshotModel).atMs);
        {
          this.follower.snapped(message.stream, message.answer);
          return;
        }
      default:
        throw message satisfies never;
    }
  }

  /** Everything it believes, compared with what was true where it stands. */
  check(): void {
    for (const [stream, belief] of this.beliefs) {
      const place = this.follower.place(stream);
      const wrong = place && belief.isWrongAt(place.epoch, place.seq);
      if (wrong) this.#ports.wrong(`${this.name} of ${stream} at ${place.seq}: ${wrong}`);
    }
  }

  close(): void {
    this.#isOpen = false;
    this.#line?.close();
    this.#line = null;
  }
}
