/**
 * From the journal to the sockets of this node: the feeds of the streams that somebody here hears, the reads they want, and
 * the folding of what need not travel event by event. No clock, no promise, no socket of its own: the ports are the node's,
 * or the simulation's.
 */
import type { Hint, JournalEvent, Position } from '#models/journal/journal.ts';
import { PULL_EVENTS_MAX, type Frame } from '../contract.ts';
import { fold } from '../fold.ts';
import * as feedRules from './feed.ts';
import type { Feed } from './feed.ts';

/** How often the heads of the served streams are looked at (ms): the longest a lost hint can delay an event. */
export const HEAD_LOOK_MS = 1_000;
/** How long a hole may wait for the hint that fills it before the range is read (ms): two nodes' hints may cross. */
export const HOLE_WAIT_MS = 15;
/** How long to wait after a failed read (ms). */
const RETRY_MS = 250;

export interface RelayPorts {
  /** Reads heads; `done` is called once, with null when the read failed. */
  readHeads(streams: string[], done: (heads: { stream: string; position: Position }[] | null) => void): void;
  /** Reads events of the epoch, `after < q ≤ after + limit`, in order. */
  readRange(
    range: { stream: string; epoch: string; after: number; limit: number },
    done: (events: JournalEvent[] | null) => void,
  ): void;
  later(ms: number, work: () => void): void;
  /** Whether only the last event of each entity need travel. */
  isFolded(stream: string): boolean;
  /** A frame of a stream that is not folded leaves. */
  emit(frame: Frame): void;
  /** A folded stream has something to say: `takeFolded` gives it. Called once until taken. */
  onFolded(): void;
}

interface Served {
  feed: Feed;
  /** What left last: for a folded stream what was taken, for the others what was emitted. */
  told: Position;
  pending: Frame | null;
  isReading: boolean;
  waiting: ((head: Position) => void)[];
}

export interface Relay {
  /** Begins to serve a stream; `done` gets its position once everything after it will be told. */
  serve(stream: string, done: (head: Position) => void): void;
  /** Stops serving a stream that nobody hears any longer. */
  release(stream: string): void;
  hint(hint: Hint): void;
  /** Looks at all heads now: by the clock, or after Redis came back. */
  lookAtHeads(): void;
  /** The folded frames that are due; each stream at most once. */
  takeFolded(): Frame[];
  /** The positions as last told, of the streams served. */
  told(stream: string): Position | null;
  readonly size: number;
}

/** `rules` are those of `feed.ts`; the simulation plants broken ones. */
export function createRelay(ports: RelayPorts, rules: typeof feedRules = feedRules): Relay {
  const served = new Map<string, Served>();
  let hasFolded = false;
  let looking: 'no' | 'once' | 'again' = 'no';

  function tell(entry: Served, frame: Frame | null): void {
    if (frame) {
      if (ports.isFolded(frame.s)) keep(entry, frame);
      else {
        entry.told = { epoch: frame.e, seq: frame.q };
        ports.emit(frame);
      }
    }
    want(entry);
  }

  function keep(entry: Served, frame: Frame): void {
    const { pending } = entry;
    entry.pending =
      pending?.e === frame.e && frame.d.length > 0 && pending.d.length > 0
        ? { ...frame, f: pending.f, d: [...pending.d, ...frame.d] }
        : frame;
    // A burst must not pile up: what is folded already stays folded.
    if (entry.pending.d.length > PULL_EVENTS_MAX) entry.pending = { ...entry.pending, d: fold(entry.pending.d) };
    if (hasFolded) return;
    hasFolded = true;
    ports.onFolded();
  }

  function want(entry: Served): void {
    const { feed } = entry;
    if (entry.isReading || served.get(feed.stream) !== entry) return;
    const wanted = rules.wantOf(feed);
    if (wanted.kind === 'nothing') return;
    entry.isReading = true;
    const read = (): void => {
      const now = rules.wantOf(feed);
      const failed = (): void => ports.later(RETRY_MS, read);
      if (served.get(feed.stream) !== entry || now.kind === 'nothing') entry.isReading = false;
      else if (now.kind === 'head')
        ports.readHeads([feed.stream], (heads) => {
          if (!heads) {
            failed();
            return;
          }
          entry.isReading = false;
          const [head] = heads;
          if (head) look(entry, head.position);
        });
      else
        ports.readRange(
          { stream: feed.stream, epoch: now.epoch, after: now.after, limit: PULL_EVENTS_MAX },
          (events) => {
            if (!events) {
              failed();
              return;
            }
            entry.isReading = false;
            tell(entry, rules.takeRange(feed, now.epoch, events));
          },
        );
    };
    if (wanted.kind === 'range') ports.later(HOLE_WAIT_MS, read);
    else read();
  }

  function look(entry: Served, head: Position): void {
    const { feed } = entry;
    const isFirst = feed.epoch === null;
    const frame = rules.lookAtHead(feed, head);
    if (isFirst) {
      entry.told = head;
      for (const done of entry.waiting.splice(0)) done(head);
    }
    tell(entry, frame);
  }

  const relay: Relay = {
    serve(stream, done) {
      let entry = served.get(stream);
      if (!entry) {
        entry = {
          feed: rules.openFeed(stream),
          told: { epoch: '', seq: 0 },
          pending: null,
          isReading: false,
          waiting: [],
        };
        served.set(stream, entry);
      }
      if (entry.feed.epoch !== null) {
        done(entry.told);
        return;
      }
      entry.waiting.push(done);
      want(entry);
    },

    release(stream) {
      served.delete(stream);
    },

    hint(hint) {
      const entry = served.get(hint.s);
      if (entry) tell(entry, rules.hear(entry.feed, hint));
    },

    lookAtHeads() {
      if (looking !== 'no') {
        looking = 'again'; // a slow database is not asked twice at once, but what was read may be older than this call
        return;
      }
      if (served.size === 0) return;
      looking = 'once';
      ports.readHeads([...served.keys()], (heads) => {
        const isWantedAgain = looking === 'again';
        looking = 'no';
        for (const { stream, position } of heads ?? []) {
          const entry = served.get(stream);
          if (entry && entry.feed.epoch !== null) look(entry, position);
        }
        if (isWantedAgain) relay.lookAtHeads();
      });
    },

    takeFolded() {
      hasFolded = false;
      const due: Frame[] = [];
      for (const entry of served.values()) {
        const { pending } = entry;
        if (!pending) continue;
        entry.pending = null;
        entry.told = { epoch: pending.e, seq: pending.q };
        due.push({ ...pending, d: fold(pending.d) });
      }
      return due;
    },

    told: (stream) => {
      const entry = served.get(stream);
      return entry && entry.feed.epoch !== null ? entry.told : null;
    },

    get size() {
      return served.size;
    },
  };
  return relay;
}
