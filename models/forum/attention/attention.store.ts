import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../../entity.store.ts';
import type { Attention } from './attention.ts';

export const createAttentionStore = (connection: Connection): Promise<EntityStore<Attention>> => {
  const schema = new Schema({ _id: String, person: String, procedure: String, nextAtMs: Number });
  schema.index({ nextAtMs: 1 });
  return createEntityStore<Attention>(connection, 'forumAttention', schema);
};
