/**
 * The client of the protocol: which streams it follows, what it must ask for, and what may be said of the line. Pure,
 * browser-safe: the socket, the timers and what a page shows are its shell's (`app/lib/live`, the simulation, load clients).
 *
 * A shell calls `connected`, passes on what arrives, and sends what `send` is given. An answer that belongs to a connection
 * that ended must not be passed on; a command that nobody answered is told by `unanswered`.
 */
import type { RefusalCode } from '#models/error.ts';
import type { JournalEvent, Position } from '#models/journal/journal.ts';
import type { Frame, Heartbeat, Pulled, Snapped, Subscribed } from './contract.ts';
import * as readerRules from './reader.ts';
import { HELD_FRAMES_MAX, type Reader, type Reading } from './reader.ts';

/**
 * `catchingUp`: connected, but something may be missing. `lost`: what is shown is as old as the line. `signedOut`: nothing
 * may be followed any longer. `outdated`: the page is too old for the node.
 */
export type LinkStatus = 'catchingUp' | 'live' | 'lost' | 'signedOut' | 'outdated';

export type Command =
  | { do: 'subscribe'; streams: string[] }
  | { do: 'unsubscribe'; streams: string[] }
  | { do: 'pull'; stream: string; epoch: string; after: number }
  | { do: 'snapshot'; stream: string };

export interface FollowerShell {
  send(command: Command): void;
  /** Events in order, each at most once. */
  apply(stream: string, events: JournalEvent[]): void;
  /** The state anew, when the missing events can't be had. */
  replace(stream: string, state: unknown): void;
  /** The stream may not be heard any longer. */
  revoked(stream: string, code: RefusalCode): void;
  /** Status or place changed. */
  changed(): void;
}

interface Followed {
  reader: Reader;
  asking: 'nothing' | 'pull' | 'snapshot';
  /** The highest head that was told: how far behind the reader is. */
  told: number;
  /** The state as a whole is of the past: another epoch, or too far behind. */
  isVoid: boolean;
  /** Frames that came while a snapshot was under way. */
  meanwhile: Frame[];
}

/** What a node says when it may be asked again. */
const isPassing = (code: RefusalCode): boolean => code === 'busy' || code === 'rate_limited';

export class Follower {
  status: LinkStatus = 'lost';
  readonly #followed = new Map<string, Followed>();
  readonly #shell: FollowerShell;
  readonly #rules: typeof readerRules;
  #isConnected = false;
  /** Subscriptions that were not answered yet: until the node has said the heads, nobody knows what is missing. */
  #subscribing = 0;

  /** `rules` are those of `reader.ts`; the simulation plants broken ones. */
  constructor(shell: FollowerShell, rules: typeof readerRules = readerRules) {
    this.#shell = shell;
    this.#rules = rules;
  }

  get streams(): string[] {
    return [...this.#followed.keys()];
  }

  /** The last applied sequences of some of the streams added up: rises with every change of them that is shown. */
  sequenceOf(streams: readonly string[]): number {
    return streams.reduce((sum, stream) => sum + (this.place(stream)?.seq ?? 0), 0);
  }

  /** Events that are known to be missing. */
  get behind(): number {
    return [...this.#followed.values()].reduce((sum, { reader, told }) => sum + Math.max(0, told - reader.last), 0);
  }

  place(stream: string): Position | null {
    const entry = this.#followed.get(stream);
    return entry ? { epoch: entry.reader.epoch, seq: entry.reader.last } : null;
  }

  /** Follows streams from the positions of their snapshots. */
  follow(starts: readonly { stream: string; position: Position }[]): void {
    for (const { stream, position } of starts)
      this.#followed.set(stream, {
        reader: this.#rules.startReader(position),
        asking: 'nothing',
        told: position.seq,
        isVoid: false,
        meanwhile: [],
      });
    if (this.#isConnected && starts.length > 0) {
      this.#subscribing += 1;
      if (this.status === 'live') this.status = 'catchingUp';
      this.#shell.send({ do: 'subscribe', streams: starts.map(({ stream }) => stream) });
    }
    this.#shell.changed();
  }

  unfollow(streams: readonly string[]): void {
    for (const stream of streams) this.#followed.delete(stream);
    if (this.#isConnected && streams.length > 0) this.#shell.send({ do: 'unsubscribe', streams: [...streams] });
    this.#settle();
  }

  connected(): void {
    if (this.status === 'signedOut' || this.status === 'outdated') return;
    this.#isConnected = true;
    this.status = 'catchingUp';
    for (const entry of this.#followed.values()) entry.asking = 'nothing';
    this.#shell.changed();
    this.resubscribe();
  }

  disconnected(): void {
    this.#isConnected = false;
    if (this.status === 'signedOut' || this.status === 'outdated') return;
    this.status = 'lost';
    this.#shell.changed();
  }

  /** Says again what is followed: after connecting, and when a busy node put it off. */
  resubscribe(): void {
    if (!this.#isConnected) return;
    this.#subscribing = this.#followed.size > 0 ? 1 : 0;
    if (this.#subscribing === 0) this.#settle();
    else this.#shell.send({ do: 'subscribe', streams: this.streams });
  }

  subscribed(answer: Subscribed): 'done' | 'later' {
    if (!answer.ok) {
      if (isPassing(answer.code)) return 'later';
      this.#end(answer.code === 'contract_old' ? 'outdated' : 'signedOut');
      return 'done';
    }
    this.#subscribing = Math.max(0, this.#subscribing - 1);
    for (const { stream, position } of answer.heads) this.#compare(stream, position);
    for (const { stream, code } of answer.refused) this.revoked(stream, code);
    this.#settle();
    return 'done';
  }

  frames(frames: readonly Frame[]): void {
    for (const frame of frames) {
      const entry = this.#followed.get(frame.s);
      if (!entry) continue;
      entry.told = Math.max(entry.told, frame.q);
      if (entry.asking === 'snapshot') entry.meanwhile = [...entry.meanwhile, frame].slice(-HELD_FRAMES_MAX);
      else this.#act(frame.s, entry, this.#rules.receive(entry.reader, frame));
    }
    this.#settle();
  }

  heartbeat(heads: Heartbeat['heads']): void {
    for (const { s, e, q } of heads) this.#compare(s, { epoch: e, seq: q });
    this.#settle();
  }

  pulled(stream: string, answer: Pulled): void {
    const entry = this.#followed.get(stream);
    if (!entry || entry.asking !== 'pull') return;
    entry.asking = 'nothing';
    if (answer.ok) {
      entry.told = Math.max(entry.told, answer.frame.q);
      this.#act(stream, entry, this.#rules.receive(entry.reader, answer.frame));
      // A pull brings a limited number: what was told and is still missing is pulled at once.
      if (entry.told > entry.reader.last && answer.frame.d.length > 0) this.#ask(stream, entry, 'pull');
    } else if (answer.code === 'resnapshot') this.#ask(stream, entry, 'snapshot');
    else if (!isPassing(answer.code)) this.revoked(stream, answer.code);
    this.#settle();
  }

  snapped(stream: string, answer: Snapped): void {
    const entry = this.#followed.get(stream);
    if (!entry || entry.asking !== 'snapshot') return;
    entry.asking = 'nothing';
    if (answer.ok) {
      entry.reader = this.#rules.startReader(answer.position);
      entry.told = answer.position.seq;
      entry.isVoid = false;
      this.#shell.replace(stream, answer.state);
      for (const frame of entry.meanwhile.splice(0))
        if (frame.e === answer.position.epoch) this.#act(stream, entry, this.#rules.receive(entry.reader, frame));
      this.#shell.changed();
    } else if (!isPassing(answer.code)) this.revoked(stream, answer.code);
    this.#settle();
  }

  /** No answer came to a pull or a snapshot while the line stayed up: the next heartbeat asks again. */
  unanswered(stream: string): void {
    const entry = this.#followed.get(stream);
    if (entry) entry.asking = 'nothing';
  }

  revoked(stream: string, code: RefusalCode): void {
    if (!this.#followed.delete(stream)) return;
    this.#shell.revoked(stream, code);
    if (this.#followed.size === 0) this.#end('signedOut');
    else this.#shell.changed();
  }

  #compare(stream: string, head: Position): void {
    const entry = this.#followed.get(stream);
    if (!entry) return;
    // A pull that was put off, or a void state whose snapshot was, is asked for again by the next word of the node.
    if (head.epoch === entry.reader.epoch) entry.told = Math.max(entry.told, head.seq);
    this.#ask(stream, entry, entry.isVoid ? 'snapshot' : this.#rules.compare(entry.reader, head));
  }

  #act(stream: string, entry: Followed, reading: Reading): void {
    entry.reader = reading.reader;
    if (reading.apply.length > 0) this.#shell.apply(stream, reading.apply);
    this.#ask(stream, entry, reading.ask);
    this.#shell.changed();
  }

  #ask(stream: string, entry: Followed, ask: Reading['ask']): void {
    if (ask === 'snapshot') entry.isVoid = true;
    if (ask === 'nothing' || entry.asking !== 'nothing' || !this.#isConnected) return;
    entry.asking = ask;
    if (this.status === 'live') this.status = 'catchingUp';
    const { epoch, last } = entry.reader;
    this.#shell.send(ask === 'pull' ? { do: 'pull', stream, epoch, after: last } : { do: 'snapshot', stream });
  }

  /** Live again once nothing is known to be missing: a busy node that put off an answer does not make it so. */
  #settle(): void {
    if (this.status !== 'catchingUp' || !this.#isConnected || this.#subscribing > 0) return;
    for (const { asking, isVoid, told, reader } of this.#followed.values())
      if (asking !== 'nothing' || isVoid || told > reader.last) return;
    this.status = 'live';
    this.#shell.changed();
  }

  #end(status: 'signedOut' | 'outdated'): void {
    this.status = status;
    this.#shell.changed();
  }
}
