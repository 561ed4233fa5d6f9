import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Safeguard } from './safeguard.ts';

export const createSafeguardStore = (connection: Connection): Promise<EntityStore<Safeguard>> => {
  const schema = new Schema({ _id: String, links: [new Schema({ hash: String }, { _id: false, strict: false })] });
  schema.index({ 'links.hash': 1 });
  return createEntityStore<Safeguard>(connection, 'safeguards', schema);
};
