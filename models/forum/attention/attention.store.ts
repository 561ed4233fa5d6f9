import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../../entity.store.ts';
import type { Attention, PushCursor } from './attention.ts';

export const createAttentionStore = (connection: Connection): Promise<EntityStore<Attention>> => {
  const schema = new Schema({ _id: String, person: String, procedure: String, nextAtMs: Number, pushes: Boolean });
  schema.index({ nextAtMs: 1 });
  schema.index({ 'push.nextAtMs': 1 });
  schema.index({ procedure: 1, pushes: 1, _id: 1 });
  return createEntityStore<Attention>(connection, 'forumAttention', schema);
};

export const createPushCursorStore = (connection: Connection): Promise<EntityStore<PushCursor>> =>
  createEntityStore<PushCursor>(connection, 'forumPushCursors', new Schema({ _id: String }));
