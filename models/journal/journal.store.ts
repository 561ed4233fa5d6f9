/**
 * The journal: the one way a change becomes an event (design: commit order is sequence order).
 *
 * In one transaction the heads are incremented first, then the entities are saved, then the events are inserted. Whoever
 * holds a head's increment commits before the next one can read it, so a sequence never appears out of order and never
 * leaves a hole. Sequence numbers taken outside the commit order lose events for readers that look in between.
 */
import { WriteConcern, type ClientSession, type Db, type MongoClient, type TransactionOptions } from 'mongodb';
import { entryOf, type DeedEntry, type DeedNote, type Origin } from '../deeds/deed.ts';
import { createDeedStore, type DeedStore } from '../deeds/deed.store.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import { HubError } from '../error.ts';
import { createGroupQueue, type Waiting } from './group-queue.ts';
import type { Counters, Deed, Fact, Hint, JournalEvent, Position } from './journal.ts';
import type { StreamId, StreamKind } from './stream.ts';

interface HeadDocument {
  _id: StreamId;
  epoch: string;
  /** The last sequence given out. */
  seq: number;
  /** Events up to this sequence may be gone; a reader below it needs a snapshot. */
  floor: number;
  /** Figures of the stream, true at `seq`. */
  counters?: Record<string, number>;
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

/** A head with the figures that are true at its sequence. */
export interface CountedHead extends Head {
  counters: Counters;
}

/** The state of a stream at a sequence, kept when the events up to it are deleted. */
export interface Base {
  seq: number;
  state: unknown;
}

export interface Journal {
  /**
   * Records a deed: saves, appends and writes its entry in the journal of deeds in one transaction, then tells the listeners. Deeds of this node that share a stream are
   * committed in groups; when one of a group fails, only it is rejected.
   * `save` gets the session of the transaction and may run several times: after a write conflict, or because a neighbour failed.
   * Errors: whatever `save` throws; HubError `busy` when the store or the queue can't take it now; a duplicate key (11000) for a command that was recorded before.
   */
  record(deed: Deed, facts: readonly Fact[], save: (session: ClientSession) => Promise<void>): Promise<void>;
  /** Like `record`, in a transaction of its own: for a deed that counts a stream anew while it holds the head. */
  recordAlone(deed: Deed, facts: readonly Fact[], save: (session: ClientSession) => Promise<void>): Promise<void>;
  /**
   * Writes the entry of a deed that has no facts, and nothing else: in the transaction that does the deed, or, where another library
   * does it, before it, so that nothing is done without its entry.
   */
  note(deed: Omit<Deed, 'commandId'> & { note: DeedNote }, session?: ClientSession): Promise<void>;
  /** Sets the counters of a stream to what was counted; only within `recordAlone` of a fact of that stream. */
  setCounters(stream: StreamId, counters: Counters, session: ClientSession): Promise<void>;
  /** Heads with their counters, of the streams that have a head; with a session as its transaction sees them. */
  counted(streams: readonly StreamId[], session?: ClientSession): Promise<CountedHead[]>;
  /** The same of all streams of a kind. */
  countedOf(kind: StreamKind): Promise<CountedHead[]>;
  /** Reads at one moment: everything `work` reads with the session is of one snapshot. */
  atOneMoment<T>(work: (session: ClientSession) => Promise<T>): Promise<T>;
  /** The heads of streams, in no order; a stream that nothing was written to yet gets its head here. */
  heads(streams: readonly StreamId[]): Promise<Head[]>;
  /**
   * Events `after < q ≤ after + limit`, in order; with `epoch` only those of that life of the stream.
   * HubError `resnapshot` when some of them are kept no longer.
   */
  read(stream: StreamId, after: number, limit: number, epoch?: string): Promise<JournalEvent[]>;
  /** The sequence of the last event recorded at or before a moment; 0 when there is none, or when it is kept no longer. */
  seqAt(stream: StreamId, atMs: number): Promise<number>;
  /** When the oldest kept event of these streams was recorded; null when there is none. */
  keptSince(streams: readonly StreamId[]): Promise<number | null>;
  /** The state at the floor of a stream, from which its kept events go on; null for a stream that forgot nothing. */
  base(stream: StreamId): Promise<Base | null>;
  /** Keeps the state at a sequence and forgets the events up to it; nothing happens when the floor is not where it was seen. */
  raiseFloor(stream: StreamId, from: number, base: Base): Promise<void>;
  /** Deletes what lies below the floor. */
  deleteBelowFloor(stream: StreamId): Promise<void>;
  /**
   * Another life of every stream: to be called when the database was replaced by an earlier one. Readers see it by their next
   * heartbeat and take new snapshots; without it they would take other events for those they know. Returns how many there are.
   */
  beginNewEpoch(): Promise<number>;
  /** Called after each commit of this node, in the order of each stream. */
  onRecorded(listener: (hint: Hint) => void): void;
}

/** Deeds committed in one transaction. */
export const DEEDS_PER_GROUP_MAX = 32;
/** Events inserted by one transaction of several deeds. */
export const EVENTS_PER_GROUP_MAX = 500;
/** Transactions of one node at once. */
export const GROUPS_AT_ONCE_MAX = 8;
/** Deeds that wait on one node; more are refused as `busy`. */
export const DEEDS_WAITING_MAX = 5_000;
/**
 * How long a transaction is tried against other nodes' before its deeds are refused as `busy` (ms): a node that was killed in the midst of a
 * commit holds its heads until the store ends its transaction (5 s in the embedded one, 10 s as MongoDB is set up in production). Tries are
 * not counted: a quick store would come to any number of them before that.
 */
const BUSY_AFTER_MS = 15_000;
/** Longest pause between two tries (ms); the pause is random below it, so that two nodes don't meet again. */
const PAUSE_MS_MAX = 40;
/** Failing deeds that are taken out of a group before the rest goes one by one. */
const FAILED_PER_GROUP_MAX = 3;

const TRANSACTION: TransactionOptions = {
  readConcern: { level: 'snapshot' },
  writeConcern: new WriteConcern('majority'),
};

export interface JournalOptions {
  /** 0 ≤ random < 1; for the pauses between tries. */
  random?: () => number;
  /** How long others' transactions are waited for (ms). */
  busyAfterMs?: number;
  /** What a listener throws after a commit: the deed is done all the same. */
  onFault?: (error: unknown, where: string) => void;
  /** From where the request under way came; null for what the hub does by itself. */
  origin?: () => Origin | null;
  deeds?: DeedStore;
}

/** A deed in the queue, with who waits for it. */
interface Recording extends Waiting {
  deed: Deed;
  facts: readonly Fact[];
  save: (session: ClientSession) => Promise<void>;
  streams: readonly StreamId[];
  entry: DeedEntry | null;
  done: () => void;
  failed: (error: unknown) => void;
}

/** What became of one transaction. */
type Outcome =
  | { kind: 'committed'; documents: EventDocument[] }
  /** One deed can't be done; nothing is. */
  | { kind: 'refused'; by: Recording; error: unknown }
  /** Nothing is done, and no deed in particular is to blame. */
  | { kind: 'broken'; error: unknown };

export async function createJournal(
  client: MongoClient,
  db: Db,
  newId: () => string,
  {
    random = Math.random,
    busyAfterMs = BUSY_AFTER_MS,
    onFault = () => undefined,
    origin = () => null,
    deeds: given,
  }: JournalOptions = {},
): Promise<Journal> {
  const deeds = given ?? (await createDeedStore(db));
  const heads = db.collection<HeadDocument>('heads');
  const events = db.collection<EventDocument>('events');
  const bases = db.collection<Base & { _id: StreamId }>('bases');
  // Twice the same command in one stream is a defect of the caller: the second one fails whole.
  await events.createIndex({ commandId: 1, '_id.s': 1, entity: 1 }, { unique: true }, {});

  const listeners: ((hint: Hint) => void)[] = [];
  const known = new Set<StreamId>();
  const queue = createGroupQueue<Recording>(
    {
      deedsPerGroupMax: DEEDS_PER_GROUP_MAX,
      eventsPerGroupMax: EVENTS_PER_GROUP_MAX,
      groupsAtOnceMax: GROUPS_AT_ONCE_MAX,
      deedsWaitingMax: DEEDS_WAITING_MAX,
    },
    commitGroup,
  );

  /** Heads are made outside the transaction: two upserts of one key inside transactions would fight for it. */
  async function makeHeads(streams: readonly StreamId[]): Promise<void> {
    const unknown = [...new Set(streams)].filter((stream) => !known.has(stream));
    if (unknown.length === 0) return;
    const upserts = unknown.map((stream) => ({
      updateOne: {
        filter: { _id: stream },
        update: { $setOnInsert: { epoch: newId(), seq: 0, floor: 0 } },
        upsert: true,
      },
    }));
    try {
      await heads.bulkWrite(upserts, { ordered: false });
    } catch (error) {
      if (!isDuplicateKey(error)) throw error; // another node made one in the same moment
    }
    for (const stream of unknown) known.add(stream);
  }

  /** Gives every fact its place. The increments come first and in one order for all: two transactions that meet never wait crosswise. */
  async function takePlaces(group: readonly Recording[], session: ClientSession): Promise<EventDocument[]> {
    const wanted = new Map<StreamId, Record<string, number>>();
    for (const { facts } of group)
      for (const { stream, counted = {} } of facts) {
        const increments = wanted.get(stream) ?? { seq: 0 };
        increments['seq'] = (increments['seq'] ?? 0) + 1;
        for (const [name, by] of Object.entries(counted))
          if (by !== 0) increments[`counters.${name}`] = (increments[`counters.${name}`] ?? 0) + by;
        wanted.set(stream, increments);
      }
    const places = new Map<StreamId, { epoch: string; seq: number }>();
    for (const stream of [...wanted.keys()].sort()) {
      const increments = wanted.get(stream) ?? {};
      const head = await heads.findOneAndUpdate(
        { _id: stream },
        { $inc: increments },
        { session, returnDocument: 'after' },
      );
      if (!head) {
        known.delete(stream);
        throw new HeadGone(stream);
      }
      places.set(stream, { epoch: head.epoch, seq: head.seq - (increments['seq'] ?? 0) });
    }
    return group.flatMap(({ deed, facts }) =>
      facts.map((fact) => {
        const place = places.get(fact.stream);
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
      }),
    );
  }

  /** Heads, entities, events of a group; throws what can be tried again, and tells whose fault the rest is. */
  async function write(group: readonly Recording[], session: ClientSession): Promise<Outcome> {
    const documents = await takePlaces(group, session);
    for (const recording of group)
      try {
        await recording.save(session);
      } catch (error) {
        if (isTransient(error)) throw error;
        return { kind: 'refused', by: recording, error };
      }
    try {
      if (documents.length > 0) await events.insertMany(documents, { session });
    } catch (error) {
      if (isTransient(error)) throw error;
      const command = documents[failedIndex(error)]?.commandId;
      const by = group.findLast(({ deed }) => deed.commandId === command);
      return by ? { kind: 'refused', by, error } : { kind: 'broken', error };
    }
    const noted = group.filter(({ entry }) => entry !== null);
    try {
      const entries = noted.flatMap(({ entry }) => entry ?? []);
      if (entries.length > 0) await deeds.insert(entries, session);
    } catch (error) {
      if (isTransient(error)) throw error;
      const by = noted[failedIndex(error)];
      return by ? { kind: 'refused', by, error } : { kind: 'broken', error };
    }
    return { kind: 'committed', documents };
  }

  /** The events of a group whose commit was sent but not answered; null when it did not take place: all or none did. */
  async function findRecorded(group: readonly Recording[]): Promise<EventDocument[] | null> {
    const commands = group.filter(({ facts }) => facts.length > 0).map(({ deed }) => deed.commandId);
    // A deed without facts is known by its entry.
    const entries = group.flatMap(({ entry }) => entry?.id ?? []);
    if (commands.length === 0) return (await deeds.present(entries)).size > 0 ? [] : null;
    const found = await events
      .find({ commandId: { $in: commands } }, { readConcern: { level: 'majority' } })
      .sort({ _id: 1 })
      .toArray();
    return found.length > 0 ? found : null;
  }

  /** One transaction, tried again while it only meets others. */
  async function commitOnce(group: readonly Recording[]): Promise<Outcome> {
    let isUncertain = false;
    let last: unknown;
    const giveUpAtMs = performance.now() + busyAfterMs;
    for (let attempt = 0; performance.now() < giveUpAtMs; attempt += 1) {
      if (attempt > 0) await pause(random() * Math.min(PAUSE_MS_MAX, 2 ** attempt));
      const session = client.startSession();
      try {
        await makeHeads(group.flatMap(({ streams }) => streams));
        if (isUncertain) {
          const documents = await findRecorded(group);
          if (documents) return { kind: 'committed', documents };
        }
        session.startTransaction(TRANSACTION);
        const outcome = await write(group, session);
        if (outcome.kind === 'committed') {
          await commit(session);
          return outcome;
        }
        await session.abortTransaction();
        // The first commit may have arrived after all: then what failed now is only its own echo.
        const documents = isUncertain ? await findRecorded(group) : null;
        return documents ? { kind: 'committed', documents } : outcome;
      } catch (error) {
        last = error;
        if (session.inTransaction()) await session.abortTransaction().catch(() => undefined);
        if (isUnanswered(error)) isUncertain = true;
        else if (!isTransient(error) && !(error instanceof HeadGone)) return { kind: 'broken', error };
      } finally {
        await session.endSession();
      }
    }
    onFault(last, 'journal.busy');
    return { kind: 'broken', error: new HubError('busy') };
  }

  async function commitGroup(group: Recording[]): Promise<void> {
    let left = group;
    for (let failed = 0; left.length > 0; failed += 1) {
      // Many that fail, or nobody to blame: each for itself, so that no neighbour pays for another.
      const parts = failed > FAILED_PER_GROUP_MAX ? left.map((recording) => [recording]) : [left];
      left = [];
      for (const part of parts) {
        const outcome = await settled(commitOnce(part));
        if (outcome.kind === 'committed') {
          tell(outcome.documents);
          for (const { done } of part) done();
        } else if (outcome.kind === 'refused') {
          outcome.by.failed(outcome.error);
          left.push(...part.filter((recording) => recording !== outcome.by));
        } else if (part.length === 1 || isBusy(outcome.error)) {
          for (const { failed: reject } of part) reject(outcome.error);
        } else {
          failed = FAILED_PER_GROUP_MAX;
          left.push(...part);
        }
      }
    }
  }

  function tell(documents: readonly EventDocument[]): void {
    for (const document of documents) {
      const hint: Hint = { s: document._id.s, e: document.epoch, q: document._id.q, event: toEvent(document) };
      for (const listener of listeners)
        try {
          listener(hint);
        } catch (error) {
          onFault(error, 'journal.listener');
        }
    }
  }

  const readHeads = async (streams: readonly StreamId[]): Promise<HeadDocument[]> => {
    const found = await heads.find({ _id: { $in: [...streams] } }).toArray();
    for (const { _id } of found) known.add(_id);
    return found;
  };

  /** Whoever looks through another's eyes does nothing, whatever asked for it. What the hub derives by itself goes on. */
  function demandDoer(actor: string): void {
    if (actor !== 'hub' && origin()?.viewing !== undefined) throw new HubError('viewing_only');
  }

  /** In the queue before anything is awaited: the order of the calls is the order of the events. */
  function enqueue(
    deed: Deed,
    facts: readonly Fact[],
    save: (session: ClientSession) => Promise<void>,
    events: number,
  ): Promise<void> {
    const streams = [...new Set(facts.map((fact) => fact.stream))];
    return new Promise((done, failed) => {
      const { actor, atMs, commandId, note } = deed;
      demandDoer(actor);
      // Asked here: the commit runs in a later turn, and for others too.
      const entry = note && entryOf({ id: commandId, actor, atMs, note }, origin());
      if (!queue.push({ deed, facts, save, streams, events, entry, done, failed })) failed(new HubError('busy'));
    });
  }

  return {
    record: (deed, facts, save) => enqueue(deed, facts, save, facts.length),
    // More events than any group may have: nobody joins it.
    recordAlone: (deed, facts, save) => enqueue(deed, facts, save, Infinity),

    async note({ actor, atMs, note }, session) {
      demandDoer(actor);
      await deeds.insert([entryOf({ id: newId(), actor, atMs, note }, origin())], session);
    },

    async setCounters(stream, counters, session) {
      await heads.updateOne({ _id: stream }, { $set: { counters: { ...counters } } }, { session });
    },

    async counted(streams, session) {
      const found = await heads.find({ _id: { $in: [...streams] } }, session ? { session } : {}).toArray();
      return found.map(toCounted);
    },

    async countedOf(kind) {
      const found = await heads.find({ _id: { $gte: `${kind}:`, $lt: `${kind};` } as never }).toArray();
      return found.map(toCounted);
    },

    async atOneMoment(work) {
      return client.withSession((session) =>
        session.withTransaction(() => work(session), { readConcern: { level: 'snapshot' } }),
      );
    },

    async heads(streams) {
      let found = await readHeads(streams);
      const distinct = new Set(streams);
      if (found.length < distinct.size) {
        for (const { _id } of found) distinct.delete(_id);
        for (const stream of distinct) known.delete(stream);
        await makeHeads([...distinct]);
        found = [...found, ...(await readHeads([...distinct]))];
      }
      return found.map((head) => ({ stream: head._id, epoch: head.epoch, seq: head.seq, floor: head.floor }));
    },

    async read(stream, after, limit, epoch) {
      const place = { _id: { $gt: { s: stream, q: after }, $lte: { s: stream, q: after + limit } } };
      const found = await events
        .find(epoch === undefined ? place : { ...place, epoch })
        .sort({ _id: 1 })
        .toArray();
      // Deleted since the reader looked at the floor: a range with a hole must not pass for a whole one.
      if (found[0] && found[0]._id.q !== after + 1) throw new HubError('resnapshot');
      return found.map(toEvent);
    },

    async seqAt(stream, atMs) {
      const [last] = await events
        .find({
          _id: { $gt: { s: stream, q: 0 }, $lte: { s: stream, q: Number.MAX_SAFE_INTEGER } },
          atMs: { $lte: atMs },
        })
        .sort({ _id: -1 })
        .limit(1)
        .project<{ _id: { q: number } }>({ _id: 1 })
        .toArray();
      return last?._id.q ?? 0;
    },

    async keptSince(streams) {
      const found = await heads.find({ _id: { $in: [...streams] }, seq: { $gt: 0 } }).toArray();
      const oldest = await events
        .find({ _id: { $in: found.map(({ _id, floor }) => ({ s: _id, q: floor + 1 })) } })
        .project<{ atMs: number }>({ atMs: 1 })
        .toArray();
      return oldest.length === 0 ? null : Math.min(...oldest.map(({ atMs }) => atMs));
    },

    async base(stream) {
      const found = await bases.findOne({ _id: stream });
      return found && { seq: found.seq, state: found.state };
    },

    async raiseFloor(stream, from, { seq, state }) {
      await client.withSession((session) =>
        session.withTransaction(async () => {
          const filter = { _id: stream, floor: from, seq: { $gte: seq } };
          const { matchedCount } = await heads.updateOne(filter, { $set: { floor: seq } }, { session });
          if (matchedCount === 1) await bases.replaceOne({ _id: stream }, { seq, state }, { upsert: true, session });
        }, TRANSACTION),
      );
    },

    async deleteBelowFloor(stream) {
      const head = await heads.findOne({ _id: stream });
      if (!head) return;
      await events.deleteMany({ _id: { $gt: { s: stream, q: 0 }, $lte: { s: stream, q: head.floor } } });
    },

    async beginNewEpoch() {
      const { matchedCount } = await heads.updateMany({}, { $set: { epoch: newId() } });
      return matchedCount;
    },

    onRecorded(listener) {
      listeners.push(listener);
    },
  };
}

/** The head of a stream went away under a running node: the database was replaced. */
class HeadGone extends Error {
  readonly stream: StreamId;

  constructor(stream: StreamId) {
    super(`head of ${stream} is gone`);
    this.stream = stream;
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const settled = (outcome: Promise<Outcome>): Promise<Outcome> =>
  outcome.catch((error: unknown) => ({ kind: 'broken', error }));

/** Commits, asking once more when the answer was lost; throws when it stays unknown, or when others were faster. */
async function commit(session: ClientSession): Promise<void> {
  try {
    await session.commitTransaction();
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    await session.commitTransaction();
  }
}

const hasLabel = (error: unknown, label: string): boolean =>
  error instanceof Error &&
  'hasErrorLabel' in error &&
  typeof error.hasErrorLabel === 'function' &&
  (error.hasErrorLabel as (label: string) => boolean).call(error, label);

/** Nothing was done, and it may succeed when tried again: other transactions, or another node of the store, came between. */
const isTransient = (error: unknown): boolean => hasLabel(error, 'TransientTransactionError');
/** The commit was sent; whether it took place is not known. */
const isUnanswered = (error: unknown): boolean => hasLabel(error, 'UnknownTransactionCommitResult');
const isBusy = (error: unknown): boolean => error instanceof HubError && error.code === 'busy';

/** Which of the inserted documents the store refused; -1 when it does not say. */
function failedIndex(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('writeErrors' in error)) return -1;
  const [first] = [error.writeErrors].flat() as { index?: number }[];
  return first?.index ?? -1;
}

function toCounted({ _id, epoch, seq, floor, counters = {} }: HeadDocument): CountedHead {
  return { stream: _id, epoch, seq, floor, counters };
}

function toEvent(document: EventDocument): JournalEvent {
  const { type, entity, rev, body, atMs } = document;
  return { q: document._id.q, type, entity, rev, body, atMs };
}
