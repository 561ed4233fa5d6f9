import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Letter } from './letter.ts';

export const createLetterStore = (connection: Connection): Promise<EntityStore<Letter>> => {
  const schema = new Schema({
    _id: String,
    status: String,
    nextAtMs: Number,
    leaseUntilMs: Number,
    createdAtMs: Number,
  });
  schema.index({ status: 1, nextAtMs: 1 });
  schema.index({ createdAtMs: -1 });
  return createEntityStore<Letter>(connection, 'letters', schema);
};
