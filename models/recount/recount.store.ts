import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Recount } from './recount.ts';

export const createRecountStore = (connection: Connection): Promise<EntityStore<Recount>> => {
  const schema = new Schema({ _id: String, isDrifting: Boolean, atMs: Number });
  schema.index({ isDrifting: 1 });
  return createEntityStore<Recount>(connection, 'recounts', schema);
};
