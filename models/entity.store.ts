/** How every entity is kept: loaded whole, saved only over the revision that was read. */
import type { ClientSession, Connection, Schema } from 'mongoose';
import { isDuplicateKey } from './duplicate-key.ts';
import { HubError } from './error.ts';

export interface Entity {
  id: string;
  /** Rises by one with every change; 1 for a new entity. */
  rev: number;
}

/** Filters and sorts are plain MongoDB documents: only what both databases document. */
export type Filter = Record<string, unknown>;

export interface EntityStore<T extends Entity> {
  find(id: string): Promise<T | null>;
  /** Like `find`, or HubError `not_found`. */
  get(id: string): Promise<T>;
  list(
    filter: Filter,
    options?: { sort?: Record<string, 1 | -1>; limit?: number; session?: ClientSession },
  ): Promise<T[]>;
  count(filter: Filter): Promise<number>;
  /** Inserts (rev 1) or replaces the revision before; HubError `stale_write` when someone else was faster. */
  save(entity: T, session?: ClientSession): Promise<void>;
  /** The same for many with one request: all of them or, with HubError `stale_write` and the session's transaction ended, none. */
  saveMany(entities: readonly T[], session: ClientSession): Promise<void>;
  insertMany(entities: readonly T[]): Promise<void>;
  /** For records that nobody asks about any more; what people did is never removed. */
  remove(filter: Filter, session?: ClientSession): Promise<void>;
}

/** The store of one collection. The schema names the fields that queries use; the type `T` is the whole truth. */
export async function createEntityStore<T extends Entity>(
  connection: Connection,
  name: string,
  schema: Schema,
): Promise<EntityStore<T>> {
  schema.set('versionKey', false);
  schema.set('strict', false);
  // What is empty is something: an entity comes back as it was saved.
  schema.set('minimize', false);
  schema.set('autoIndex', false);
  const model = connection.model(name, schema, name);
  await model.createIndexes();
  const documents = connection.collection<{ _id: string }>(name);

  const toEntity = (document: Record<string, unknown>): T => {
    const { _id, ...rest } = document;
    return { id: _id, ...rest } as unknown as T;
  };
  const toDocument = ({ id, ...rest }: T): Record<string, unknown> & { _id: string } => ({ _id: id, ...rest });

  const store: EntityStore<T> = {
    async find(id) {
      const found = await model.findOne({ _id: id }).lean();
      return found && toEntity(found);
    },
    async get(id) {
      const found = await store.find(id);
      if (!found) throw new HubError('not_found');
      return found;
    },
    async list(filter, options = {}) {
      const query = model.find(filter).lean();
      if (options.sort) query.sort(options.sort);
      if (options.limit) query.limit(options.limit);
      if (options.session) query.session(options.session);
      return (await query).map((document) => toEntity(document as Record<string, unknown>));
    },
    count: (filter) => model.countDocuments(filter),
    async save(entity, session) {
      const options = session ? { session } : {};
      if (entity.rev === 1) {
        try {
          await model.insertMany([toDocument(entity)], options);
        } catch (error) {
          if (isDuplicateKey(error)) throw new HubError('stale_write');
          throw error;
        }
        return;
      }
      const result = await model.replaceOne({ _id: entity.id, rev: entity.rev - 1 }, toDocument(entity), options);
      if (result.matchedCount !== 1) throw new HubError('stale_write');
    },
    async saveMany(entities, session) {
      const writes = entities.map((entity) => {
        const { _id, ...fields } = toDocument(entity);
        return entity.rev === 1
          ? { insertOne: { document: { _id, ...fields } } }
          : { replaceOne: { filter: { _id, rev: entity.rev - 1 }, replacement: fields } };
      });
      try {
        const { insertedCount, matchedCount } = await documents.bulkWrite(writes, { session });
        if (insertedCount + matchedCount !== entities.length) throw new HubError('stale_write');
      } catch (error) {
        if (isDuplicateKey(error)) throw new HubError('stale_write');
        throw error;
      }
    },
    async insertMany(entities) {
      await model.insertMany(entities.map(toDocument));
    },
    async remove(filter, session) {
      await model.deleteMany(filter, session ? { session } : {});
    },
  };
  return store;
}

/** Tries a deed again when someone else was faster: load, decide and record run anew on what is true now. */
export async function retryStale<T>(attempt: () => Promise<T>, attemptsMax = 5): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof HubError && error.code === 'stale_write') || tried >= attemptsMax) throw error;
    }
  }
}
