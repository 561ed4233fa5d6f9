import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Attempts } from './attempts.ts';

export const createAttemptStore = (connection: Connection): Promise<EntityStore<Attempts>> => {
  const schema = new Schema({ _id: String, forgottenAtMs: Number });
  schema.index({ forgottenAtMs: 1 });
  return createEntityStore<Attempts>(connection, 'attempts', schema);
};
