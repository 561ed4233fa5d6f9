import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import type { ContextualChange, ContextualData } from './contextual-data.ts';

export const createContextualDataStore = (connection: Connection): Promise<EntityStore<ContextualData>> =>
  createEntityStore<ContextualData>(connection, 'contextualData', new Schema({ _id: String }));

/** A change as kept: written once, never changed. */
export type ContextualChangeRecord = ContextualChange & Entity;

export const createContextualChangeStore = (connection: Connection): Promise<EntityStore<ContextualChangeRecord>> => {
  const schema = new Schema({ _id: String, institution: String, dataRev: Number });
  schema.index({ institution: 1, dataRev: -1 });
  return createEntityStore<ContextualChangeRecord>(connection, 'contextualChanges', schema);
};
