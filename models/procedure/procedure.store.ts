import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Procedure } from './procedure.ts';

export const createProcedureStore = (connection: Connection): Promise<EntityStore<Procedure>> => {
  const schema = new Schema({ _id: String, kind: String, region: String, path: String });
  schema.index({ path: 1 });
  return createEntityStore<Procedure>(connection, 'procedures', schema);
};
