/** Entries of the journal of deeds as they are kept: inserted with their deed, given a place in the chain, read; nothing else. */
import type { ClientSession, Db } from 'mongodb';
import { HubError } from '../error.ts';
import { GENESIS, type ChainHead, type SealedEntry } from './chain.ts';
import type { DeedEntry, DeedKind } from './deed.ts';

/** `unsealed` stands while an entry waits for its place: a sparse index of those few. */
type DeedDocument = Omit<DeedEntry, 'id'> & { _id: string } & Partial<Pick<SealedEntry, 'n' | 'prev' | 'hash'>> & {
    unsealed?: true;
  };

interface HeadDocument extends ChainHead {
  _id: 'chain';
  signature: string;
}

/** The place after which a page goes on: entries are ordered by moment, then by id, newest first. */
export interface DeedPlace {
  atMs: number;
  id: string;
}

export interface DeedFilter {
  /** Ids of units: entries within any of them. */
  within: readonly string[];
  kind?: DeedKind | undefined;
  actor?: string | undefined;
  /** Part of the actor's name. */
  name?: string | undefined;
  /** fromMs ≤ atMs < beforeMs. */
  fromMs?: number | undefined;
  beforeMs?: number | undefined;
  after?: DeedPlace | undefined;
}

export interface DeedStore {
  insert(entries: readonly DeedEntry[], session?: ClientSession): Promise<void>;
  /** Which of these have an entry. */
  present(ids: readonly string[]): Promise<ReadonlySet<string>>;
  find(id: string): Promise<DeedEntry | null>;
  list(filter: DeedFilter, limit: number): Promise<DeedEntry[]>;
  /** Entries without a place, the earliest first. */
  unsealed(limit: number): Promise<DeedEntry[]>;
  /** How many wait for their place, within a unit or in all. */
  unsealedCount(unit?: string): Promise<number>;
  /** Writes places and the head that stands after them; HubError `stale_write` when the head is not the one that was read. */
  seal(
    entries: readonly SealedEntry[],
    heads: { before: ChainHead; after: ChainHead; signature: string },
    session: ClientSession,
  ): Promise<void>;
  head(nowMs: number, sign: (head: ChainHead) => string): Promise<ChainHead & { signature: string }>;
  /** The head as it stands, without making one. */
  storedHead(): Promise<(ChainHead & { signature: string }) | null>;
  /** All entries with a place after this one, in order. */
  sealed(after: number): AsyncIterable<SealedEntry>;
  /** The last of the entries after this one that are all older than a moment, looking at so many at the most. */
  lastOlder(after: number, atMs: number, lookedAt: number): Promise<SealedEntry | null>;
  /** Moves the floor, and then deletes what lies below it. */
  raiseFloor(heads: { before: ChainHead; after: ChainHead; signature: string }): Promise<void>;
}

const toEntry = ({ _id, n: _n, prev: _prev, hash: _hash, unsealed: _unsealed, ...rest }: DeedDocument): DeedEntry => ({
  id: _id,
  ...rest,
});
const toSealed = (document: DeedDocument): SealedEntry => ({
  ...toEntry(document),
  n: document.n ?? 0,
  prev: document.prev ?? '',
  hash: document.hash ?? '',
});
const toHead = ({ _id, ...head }: HeadDocument): ChainHead & { signature: string } => head;

/** Entries read at once while the whole chain is walked. */
const WALKED_AT_ONCE = 1_000;

export async function createDeedStore(db: Db): Promise<DeedStore> {
  const deeds = db.collection<DeedDocument>('deeds');
  const heads = db.collection<HeadDocument>('deedHead');
  await deeds.createIndex({ within: 1, atMs: -1, _id: -1 }, {}, {});
  await deeds.createIndex({ n: 1 }, { unique: true, sparse: true }, {});
  await deeds.createIndex({ unsealed: 1 }, { sparse: true }, {});

  async function replaceHead(
    { before, after, signature }: { before: ChainHead; after: ChainHead; signature: string },
    session?: ClientSession,
  ): Promise<void> {
    const { matchedCount } = await heads.updateOne(
      { _id: 'chain', n: before.n, hash: before.hash, floor: before.floor },
      { $set: { ...after, signature } },
      session ? { session } : {},
    );
    if (matchedCount !== 1) throw new HubError('stale_write');
  }

  const storedHead: DeedStore['storedHead'] = async () => {
    const found = await heads.findOne({ _id: 'chain' });
    return found && toHead(found);
  };

  return {
    async insert(entries, session) {
      const documents = entries.map(({ id, ...rest }): DeedDocument => ({ _id: id, ...rest, unsealed: true }));
      await deeds.insertMany(documents, session ? { session } : {});
    },

    async present(ids) {
      const found = await deeds
        .find({ _id: { $in: [...ids] } }, { readConcern: { level: 'majority' } })
        .project<{ _id: string }>({ _id: 1 })
        .toArray();
      return new Set(found.map(({ _id }) => _id));
    },

    async find(id) {
      const found = await deeds.findOne({ _id: id });
      return found && toEntry(found);
    },

    async list({ within, kind, actor, name, fromMs, beforeMs, after }, limit) {
      const moment = {
        ...(fromMs === undefined ? {} : { $gte: fromMs }),
        ...(beforeMs === undefined ? {} : { $lt: beforeMs }),
        ...(after === undefined ? {} : { $lte: after.atMs }),
      };
      const found = await deeds
        .find({
          within: within.length === 1 ? (within[0] ?? '') : { $in: [...within] },
          ...(Object.keys(moment).length > 0 ? { atMs: moment } : {}),
          ...(kind === undefined ? {} : { kind }),
          ...(actor === undefined ? {} : { actor }),
          ...(name === undefined
            ? {}
            : { actorName: { $regex: name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' } }),
          ...(after === undefined
            ? {}
            : { $or: [{ atMs: { $lt: after.atMs } }, { atMs: after.atMs, _id: { $lt: after.id } }] }),
        })
        .sort({ atMs: -1, _id: -1 })
        .limit(limit)
        .toArray();
      return found.map(toEntry);
    },

    async unsealed(limit) {
      const found = await deeds.find({ unsealed: true }).limit(limit).toArray();
      return found.map(toEntry).sort((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
    },

    unsealedCount: (unit) => deeds.countDocuments({ unsealed: true, ...(unit === undefined ? {} : { within: unit }) }),

    async seal(entries, change, session) {
      // The head first: of two nodes that seal the same, the second one ends here.
      await replaceHead(change, session);
      const { modifiedCount } = await deeds.bulkWrite(
        entries.map(({ id, n, prev, hash }) => ({
          updateOne: {
            filter: { _id: id, unsealed: true },
            update: { $set: { n, prev, hash }, $unset: { unsealed: true } },
          },
        })),
        { session, ordered: true },
      );
      if (modifiedCount !== entries.length) throw new HubError('stale_write');
    },

    storedHead,

    async head(nowMs, sign) {
      const found = await storedHead();
      if (found) return found;
      const first: ChainHead = { n: 0, hash: GENESIS, sinceMs: nowMs, floor: 0, floorHash: GENESIS };
      await heads.updateOne({ _id: 'chain' }, { $setOnInsert: { ...first, signature: sign(first) } }, { upsert: true });
      return (await storedHead()) ?? { ...first, signature: sign(first) };
    },

    async *sealed(after) {
      for (let last = after; ;) {
        const found = await deeds
          .find({ n: { $gt: last } })
          .sort({ n: 1 })
          .limit(WALKED_AT_ONCE)
          .toArray();
        for (const document of found) yield toSealed(document);
        const end = found.at(-1)?.n;
        if (end === undefined) return;
        last = end;
      }
    },

    async lastOlder(after, atMs, lookedAt) {
      const found = await deeds
        .find({ n: { $gt: after } })
        .sort({ n: 1 })
        .limit(lookedAt)
        .toArray();
      const firstKept = found.findIndex((document) => document.atMs >= atMs);
      const last = firstKept < 0 ? found.at(-1) : found[firstKept - 1];
      return last ? toSealed(last) : null;
    },

    async raiseFloor(change) {
      await replaceHead(change);
      await deeds.deleteMany({ n: { $lte: change.after.floor } });
    },
  };
}
