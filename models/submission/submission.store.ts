import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Submission } from './submission.ts';

export const createSubmissionStore = (connection: Connection): Promise<EntityStore<Submission>> => {
  const schema = new Schema({
    _id: String,
    procedure: String,
    institution: String,
    path: String,
    number: Number,
    status: String,
    leaseUntilMs: Number,
  });
  // One number per institution: two uploads in the same moment can't both be the third.
  schema.index({ procedure: 1, institution: 1, number: -1 }, { unique: true });
  schema.index({ status: 1, leaseUntilMs: 1 });
  // A unit that moves takes its own with it.
  schema.index({ path: 1 });
  return createEntityStore<Submission>(connection, 'submissions', schema);
};
