import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { AccountRequest } from './account-request.ts';

export const createAccountRequestStore = (connection: Connection): Promise<EntityStore<AccountRequest>> => {
  const schema = new Schema({
    _id: String,
    institution: String,
    region: String,
    status: String,
    submittedAtMs: Number,
    atMs: Number,
    ticketHash: String,
  });
  schema.index({ ticketHash: 1 }, { unique: true });
  schema.index({ region: 1, status: 1, submittedAtMs: 1 });
  schema.index({ region: 1, status: 1, atMs: -1 });
  return createEntityStore<AccountRequest>(connection, 'accountRequests', schema);
};
