/** How the tree is kept: units with their words, the words with their tails, what changed in each unit, and the tree's own head. */
import { Schema, type ClientSession, type Connection } from 'mongoose';
import { isDuplicateKey } from '../duplicate-key.ts';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { UnitChange } from './unit-change.ts';
import { tailsOf, unitWords } from './unit-search.ts';
import type { Unit } from './unit.ts';

/** Every change of any unit raises `rev`; while an import is being written, it alone changes the tree. */
export interface TreeHead {
  rev: number;
  importing: string | null;
}

export interface FoundUnit {
  unit: Unit;
  words: string[];
}

export interface UnitStore extends EntityStore<Unit> {
  /** Saves many at once, each over the revision before; HubError `stale_write` when one of them changed meanwhile, `unit_code_taken` for a code in use. */
  saveMany(units: readonly Unit[], session: ClientSession): Promise<void>;
  /** Units of a territory one after another, by path: never all in memory at the store's side. */
  within(path: string): AsyncIterable<Unit>;
  /** How many active units of each kind hang directly under each of `parents`. */
  childCounts(parents: readonly string[]): Promise<Map<string, Partial<Record<Unit['kind'], number>>>>;
  /** At most `limit` known words that have `part` in them. */
  wordsWith(part: string, limit: number): Promise<string[]>;
  /** At most `limit` units of a territory that have one of the words. */
  withWords(words: readonly string[], territory: string, limit: number): Promise<FoundUnit[]>;
  /** Units of a territory by path, for a search that no word narrows. */
  scan(territory: string, limit: number): AsyncIterable<FoundUnit>;
  head(): Promise<TreeHead>;
  /** Raises the tree's head within a deed. HubError `tree_importing` while an import other than `by` is being written, `stale_write` when `ifRev` is not the head. */
  touch(session: ClientSession, options?: { by?: string; ifRev?: number; importing?: string | null }): Promise<void>;
  changes: {
    saveMany(changes: readonly UnitChange[], session: ClientSession): Promise<void>;
    /** Latest first. */
    of(unit: string, limit: number): Promise<UnitChange[]>;
  };
}

export const startingWith = (path: string) => ({ $gte: path, $lt: `${path}\uffff` });

const HEAD = 'tree';
const READ_BATCH = 500;
const WORDS_BATCH = 500;

type Document = Record<string, unknown> & { _id: string };
const toUnit = ({ _id, words: _words, ...rest }: Document): Unit => ({ id: _id, ...rest }) as unknown as Unit;
const toDocument = ({ id, ...rest }: Unit): Document => ({
  _id: id,
  ...rest,
  words: unitWords({ id, name: rest.name, shortName: rest.shortName }),
});
const toFound = (document: Document): FoundUnit => ({ unit: toUnit(document), words: document['words'] as string[] });

export async function createUnitStore(connection: Connection): Promise<UnitStore> {
  const schema = new Schema({
    _id: String,
    kind: String,
    parent: String,
    path: String,
    order: Number,
    words: [String],
  });
  schema.index({ path: 1 });
  schema.index({ parent: 1, order: 1 });
  schema.index({ words: 1, path: 1 });
  const base = await createEntityStore<Unit>(connection, 'units', schema);
  const db = connection.getClient().db(connection.name);
  const units = db.collection<Document>('units');
  const words = db.collection<{ _id: string; tails: string[] }>('unitWords');
  const trees = db.collection<TreeHead & { _id: string }>('trees');
  const changes = db.collection<Omit<UnitChange, 'id'> & { _id: string }>('unitChanges');
  await words.createIndex({ tails: 1 }, {}, {});
  await changes.createIndex({ unit: 1, rev: -1 }, { unique: true }, {});
  await trees.updateOne({ _id: HEAD }, { $setOnInsert: { rev: 0, importing: null } }, { upsert: true });

  /** Words this node has written already. A word no unit has any longer finds nothing and harms nobody, so none is ever taken back. */
  const known = new Set<string>();

  /** Outside the transaction, before it: a word without a unit is harmless, a unit without its words would not be found. */
  async function keepWords(kept: readonly Unit[]): Promise<void> {
    const fresh = [...new Set(kept.flatMap(unitWords))].filter((word) => !known.has(word));
    for (let at = 0; at < fresh.length; at += WORDS_BATCH) {
      const batch = fresh.slice(at, at + WORDS_BATCH).map((word) => ({ _id: word, tails: tailsOf(word) }));
      try {
        await words.insertMany(batch, { ordered: false });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    }
    for (const word of fresh) known.add(word);
  }

  const store: UnitStore = {
    ...base,
    async find(id) {
      const found = await units.findOne({ _id: id });
      return found && toUnit(found);
    },
    async get(id) {
      const found = await store.find(id);
      if (!found) throw new HubError('not_found');
      return found;
    },
    async list(filter, options = {}) {
      const cursor = units.find(filter, {
        projection: { words: 0 },
        ...(options.session ? { session: options.session } : {}),
      });
      if (options.sort) cursor.sort(options.sort);
      if (options.limit) cursor.limit(options.limit);
      return (await cursor.toArray()).map(toUnit);
    },
    async save(unit, session) {
      if (!session) throw new Error('a unit changes with its history: in a transaction');
      await store.saveMany([unit], session);
    },
    insertMany() {
      return Promise.reject(new Error('units are made with their history: saveMany'));
    },
    async saveMany(saved, session) {
      await keepWords(saved);
      const fresh = saved.filter(({ rev }) => rev === 1);
      const changed = saved.filter(({ rev }) => rev > 1);
      if (fresh.length > 0)
        try {
          await units.insertMany(fresh.map(toDocument), { session });
        } catch (error) {
          if (isDuplicateKey(error)) throw new HubError('unit_code_taken', { code: duplicateOf(error) });
          throw error;
        }
      if (changed.length === 0) return;
      const { matchedCount } = await units.bulkWrite(
        changed.map((unit) => {
          const { _id, ...replacement } = toDocument(unit);
          return { replaceOne: { filter: { _id, rev: unit.rev - 1 }, replacement } };
        }),
        { session },
      );
      if (matchedCount !== changed.length) throw new HubError('stale_write');
    },
    async *within(path) {
      const cursor = units.find({ path: startingWith(path) }, { projection: { words: 0 }, batchSize: READ_BATCH });
      for await (const document of cursor.sort({ path: 1 })) yield toUnit(document);
    },
    async childCounts(parents) {
      const counts = new Map<string, Partial<Record<Unit['kind'], number>>>();
      const found = await units
        .aggregate<{ _id: { parent: string; kind: Unit['kind'] }; count: number }>([
          { $match: { parent: { $in: [...parents] }, 'status.status': 'active' } },
          { $group: { _id: { parent: '$parent', kind: '$kind' }, count: { $sum: 1 } } },
        ])
        .toArray();
      for (const { _id, count } of found) counts.set(_id.parent, { ...counts.get(_id.parent), [_id.kind]: count });
      return counts;
    },
    async wordsWith(part, limit) {
      // A pattern, not a range: over an array a range has one bound only, and would be read to the end of the index. Words are
      // letters and digits, so there is nothing to escape.
      const found = await words
        .find({ tails: { $regex: `^${part}` } }, { projection: { _id: 1 } })
        .limit(limit)
        .toArray();
      return found.map(({ _id }) => _id);
    },
    async withWords(sought, territory, limit) {
      const filter = { words: { $in: [...sought] }, path: startingWith(territory) };
      return (await units.find(filter).limit(limit).toArray()).map(toFound);
    },
    async *scan(territory, limit) {
      const cursor = units.find({ path: startingWith(territory) }, { batchSize: 200 }).limit(limit);
      for await (const document of cursor) yield toFound(document);
    },
    async head() {
      const head = await trees.findOne({ _id: HEAD });
      return { rev: head?.rev ?? 0, importing: head?.importing ?? null };
    },
    async touch(session, { by, ifRev, importing } = {}) {
      const filter = { _id: HEAD, importing: by ?? null, ...(ifRev === undefined ? {} : { rev: ifRev }) };
      const { matchedCount } = await trees.updateOne(
        filter,
        { $inc: { rev: 1 }, ...(importing === undefined ? {} : { $set: { importing } }) },
        { session },
      );
      if (matchedCount === 1) return;
      const head = await trees.findOne({ _id: HEAD }, { session });
      throw new HubError((head?.importing ?? null) === (by ?? null) ? 'stale_write' : 'tree_importing');
    },
    changes: {
      async saveMany(saved, session) {
        if (saved.length > 0)
          await changes.insertMany(
            saved.map(({ id, ...rest }) => ({ _id: id, ...rest })),
            { session },
          );
      },
      async of(unit, limit) {
        const found = await changes.find({ unit }).sort({ rev: -1 }).limit(limit).toArray();
        return found.map(({ _id, ...rest }) => ({ id: _id, ...rest }));
      },
    },
  };
  return store;
}

/** The code that a duplicate-key error names. */
function duplicateOf(error: unknown): string {
  const key = (error as { keyValue?: { _id?: unknown } }).keyValue?._id;
  return typeof key === 'string' ? key : '';
}
