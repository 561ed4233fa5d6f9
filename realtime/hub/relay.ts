/**
 * From the journal to the sockets of this node. A hint says "look"; what is emitted is contiguous or read from the database.
 * Hints may be lost, doubled or late: the heads of the streams served here are looked at all the same.
 */
import type { Hint, JournalEvent } from '#models/journal/journal.ts';
import type { Journal } from '#models/journal/journal.store.ts';
import type { StreamId } from '#models/journal/stream.ts';
import { PULL_EVENTS_MAX, type Frame } from '../contract.ts';

/** How often the heads of the served streams are looked at (ms): the longest a lost hint can delay an event. */
export const HEAD_LOOK_MS = 1_000;

export interface Relay {
  /** Begins to serve a stream; resolves with its head once everything after that head will be emitted. */
  serve(stream: StreamId): Promise<{ epoch: string; seq: number }>;
  /** Stops serving a stream that nobody hears any longer. */
  release(stream: StreamId): void;
  hint(hint: Hint): void;
  /** Looks at all heads now: after Redis came back, or by the clock. */
  lookAtHeads(): Promise<void>;
  /** The heads as last emitted. */
  heads(): ReadonlyMap<StreamId, { epoch: string; seq: number }>;
}

interface Served {
  epoch: string;
  seq: number;
  /** Work on one stream is done in turn, so that frames leave in order. */
  turn: Promise<void>;
}

export function createRelay(
  journal: Pick<Journal, 'heads' | 'read'>,
  emit: (frame: Frame) => void,
  onFault: (error: unknown) => void,
): Relay {
  const served = new Map<StreamId, Served>();

  function inTurn(stream: Served, work: () => Promise<void>): Promise<void> {
    const turn = stream.turn.then(work);
    stream.turn = turn.catch(onFault);
    return turn;
  }

  function emitEvents(name: StreamId, stream: Served, events: JournalEvent[]): void {
    const first = events[0];
    const last = events.at(-1);
    if (!first || !last) return;
    stream.seq = last.q;
    emit({ s: name, e: stream.epoch, f: first.q, q: last.q, d: events });
  }

  async function catchUp(name: StreamId, stream: Served, head: { epoch: string; seq: number }): Promise<void> {
    if (head.epoch !== stream.epoch) {
      // Another life of the stream: readers see the epoch and take a new snapshot.
      stream.epoch = head.epoch;
      stream.seq = head.seq;
      emit({ s: name, e: head.epoch, f: head.seq + 1, q: head.seq, d: [] });
      return;
    }
    while (stream.seq < head.seq) {
      const events = await journal.read(name, stream.seq, PULL_EVENTS_MAX);
      if (events.length === 0) return;
      emitEvents(name, stream, events);
    }
  }

  const relay: Relay = {
    async serve(name) {
      let stream = served.get(name);
      if (!stream) {
        stream = { epoch: '', seq: 0, turn: Promise.resolve() };
        served.set(name, stream);
        const fresh = stream;
        fresh.turn = (async () => {
          const [head] = await journal.heads([name]);
          if (head) Object.assign(fresh, { epoch: head.epoch, seq: head.seq });
        })();
        try {
          await fresh.turn;
        } catch (error) {
          served.delete(name);
          throw error;
        }
      }
      await stream.turn;
      return { epoch: stream.epoch, seq: stream.seq };
    },

    release(name) {
      served.delete(name);
    },

    hint({ s, e, q, event }) {
      const stream = served.get(s);
      if (!stream) return;
      void inTurn(stream, async () => {
        if (e === stream.epoch && q <= stream.seq) return;
        if (e === stream.epoch && q === stream.seq + 1 && event) {
          emitEvents(s, stream, [event]);
          return;
        }
        // A hole, or another epoch: the hint may be the stale one, so the head itself is asked.
        const [head] = await journal.heads([s]);
        if (head) await catchUp(s, stream, head);
      }).catch(() => undefined);
    },

    async lookAtHeads() {
      const names = [...served.keys()];
      if (names.length === 0) return;
      for (const head of await journal.heads(names)) {
        const stream = served.get(head.stream);
        if (stream && (stream.epoch !== head.epoch || stream.seq < head.seq))
          await inTurn(stream, () => catchUp(head.stream, stream, head));
      }
    },

    heads: () => new Map([...served].map(([name, { epoch, seq }]) => [name, { epoch, seq }])),
  };
  return relay;
}
