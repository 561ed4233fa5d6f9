import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Result } from './result.ts';

export const createResultStore = (connection: Connection): Promise<EntityStore<Result>> => {
  const schema = new Schema({
    _id: String,
    kind: String,
    procedure: String,
    academicYear: Number,
    institution: String,
    path: String,
  });
  schema.index({ path: 1, academicYear: -1 });
  schema.index({ procedure: 1, path: 1 });
  schema.index({ institution: 1, academicYear: -1 });
  return createEntityStore<Result>(connection, 'results', schema);
};
