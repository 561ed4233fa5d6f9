/**
 * The journal: the one way a change becomes an event (design: commit order is sequence order).
 *
 * In one transaction the heads are incremented first, then the entities are saved, then the events are inserted. Whoever
 * holds a head's increment commits before the next one can read it, so a sequence never appears out of order and never
 * leaves a hole. Sequence numbers taken outside the commit order lose events for readers that look in between.
 */
import { WriteConcern, type ClientSession, type Db, type MongoClient } from 'mongodb';
import { isDuplicateKey } from '../duplicate-key.ts';
import type { Deed, Fact, Hint, JournalEvent, Position } from './journal.ts';
import type { StreamId } from './stream.ts';

interface HeadDocument {
  _id: StreamId;
  epoch: string;
  /** The last sequence given out. */
  seq: number;
  /** Events up to this sequence may be gone; a reader below it needs a snapshot. */
  floor: number;
}

interface EventDocument {
  _id: { s: StreamId; q: number };
  epoch: string;
  commandId: string;
  type: string;
  entity: string;
  rev: number;
  body: unknown;
  actor: string;
  atMs: number;
}

export interface Head extends Position {
  stream: StreamId;
  floor: number;
}

export interface Journal {
  /**
   * Records a deed: saves and appends in one transaction, then tells the listeners.
   * `save` gets the session of the transaction and may run several times (a write conflict is retried by the driver).
   */
  record(deed: Deed, facts: readonly Fact[], save: (session: ClientSession) => Promise<void>): Promise<void>;
  /** The heads of streams, in no order; a stream that nothing was written to yet gets its head here. */
  heads(streams: readonly StreamId[]): Promise<Head[]>;
  /** Events `after < q ≤ after + limit`, in order; with `epoch` only those of that life of the stream. */
  read(stream: StreamId, after: number, limit: number, epoch?: string): Promise<JournalEvent[]>;
  /** Called after each commit of this node, in the order of each stream. */
  onRecorded(listener: (hint: Hint) => void): void;
}

export async function createJournal(client: MongoClient, db: Db, newId: () => string): Promise<Journal> {
  const heads = db.collection<HeadDocument>('heads');
  const events = db.collection<EventDocument>('events');
  // Twice the same command in one stream is a defect of the caller: the second one fails whole.
  await events.createIndex({ commandId: 1, '_id.s': 1, entity: 1 }, { unique: true }, {});

  const listeners: ((hint: Hint) => void)[] = [];
  const known = new Set<StreamId>();
  const queues = new Map<StreamId, Promise<unknown>>();

  /** A head is made outside the transaction: two upserts of one key inside transactions would fight for it. */
  async function ensureHeads(streams: readonly StreamId[]): Promise<void> {
    for (const stream of streams) {
      if (known.has(stream)) continue;
      try {
        await heads.updateOne(
          { _id: stream },
          { $setOnInsert: { epoch: newId(), seq: 0, floor: 0 } },
          { upsert: true },
        );
      } catch (error) {
        if (!isDuplicateKey(error)) throw error; // another node made it in the same moment
      }
      known.add(stream);
    }
  }

  /** Deeds of this node on one stream go one after another: what would conflict waits here instead of aborting there. */
  async function inTurn<T>(streams: readonly StreamId[], work: () => Promise<T>): Promise<T> {
    const before = streams.flatMap((stream) => queues.get(stream) ?? []);
    const turn = Promise.allSettled(before).then(work);
    const settled = turn.catch(() => undefined);
    for (const stream of streams) queues.set(stream, settled);
    try {
      return await turn;
    } finally {
      for (const stream of streams) if (queues.get(stream) === settled) queues.delete(stream);
    }
  }

  async function appendAll(deed: Deed, facts: readonly Fact[], session: ClientSession): Promise<EventDocument[]> {
    const counts = new Map<StreamId, number>();
    for (const fact of facts) counts.set(fact.stream, (counts.get(fact.stream) ?? 0) + 1);
    const next = new Map<StreamId, { epoch: string; seq: number }>();
    for (const stream of [...counts.keys()].sort()) {
      const count = counts.get(stream) ?? 0;
      const head = await heads.findOneAndUpdate(
        { _id: stream },
        { $inc: { seq: count } },
        { session, returnDocument: 'after' },
      );
      if (!head) throw new Error(`head of ${stream} is gone`);
      next.set(stream, { epoch: head.epoch, seq: head.seq - count });
    }
    return facts.map((fact) => {
      const place = next.get(fact.stream);
      if (!place) throw new Error(`no place for ${fact.stream}`);
      place.seq += 1;
      return {
        _id: { s: fact.stream, q: place.seq },
        epoch: place.epoch,
        commandId: deed.commandId,
        type: fact.type,
        entity: fact.entity,
        rev: fact.rev,
        body: fact.body,
        actor: deed.actor,
        atMs: deed.atMs,
      };
    });
  }

  return {
    async record(deed, facts, save) {
      const streams = [...new Set(facts.map((fact) => fact.stream))].sort();
      await ensureHeads(streams);
      const appended = await inTurn(streams, async () => {
        let documents: EventDocument[] = [];
        await client.withSession((session) =>
          session.withTransaction(
            async () => {
              documents = await appendAll(deed, facts, session);
              await save(session);
              if (documents.length > 0) await events.insertMany(documents, { session });
            },
            { readConcern: { level: 'snapshot' }, writeConcern: new WriteConcern('majority') },
          ),
        );
        return documents;
      });
      for (const document of appended) {
        const hint: Hint = { s: document._id.s, e: document.epoch, q: document._id.q, event: toEvent(document) };
        for (const listener of listeners) listener(hint);
      }
    },

    async heads(streams) {
      await ensureHeads(streams);
      const found = await heads.find({ _id: { $in: [...streams] } }).toArray();
      return found.map((head) => ({ stream: head._id, epoch: head.epoch, seq: head.seq, floor: head.floor }));
    },

    async read(stream, after, limit, epoch) {
      const place = { _id: { $gt: { s: stream, q: after }, $lte: { s: stream, q: after + limit } } };
      const found = await events
        .find(epoch === undefined ? place : { ...place, epoch })
        .sort({ _id: 1 })
        .toArray();
      return found.map(toEvent);
    },

    onRecorded(listener) {
      listeners.push(listener);
    },
  };
}

function toEvent(document: EventDocument): JournalEvent {
  const { type, entity, rev, body, atMs } = document;
  return { q: document._id.q, type, entity, rev, body, atMs };
}
