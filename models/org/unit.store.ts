import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Unit } from './unit.ts';

export const createUnitStore = (connection: Connection): Promise<EntityStore<Unit>> => {
  const schema = new Schema({ _id: String, kind: String, parent: String, path: String, order: Number });
  schema.index({ path: 1 });
  schema.index({ parent: 1, order: 1 });
  return createEntityStore<Unit>(connection, 'units', schema);
};
