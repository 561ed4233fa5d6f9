import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { ViewedPage, Viewing } from './viewing.ts';

export const createViewingStore = (connection: Connection): Promise<EntityStore<Viewing>> => {
  const schema = new Schema({
    ...{ _id: String, session: String, viewer: String, owner: String, status: String },
    begunAtMs: Number,
  });
  schema.index({ session: 1, status: 1 });
  schema.index({ status: 1 });
  schema.index({ owner: 1, begunAtMs: -1 });
  schema.index({ viewer: 1, begunAtMs: -1 });
  return createEntityStore<Viewing>(connection, 'viewings', schema);
};

/** Pages looked at in views: each is written once, so that pages read at the same time never wait for one another. */
export const createViewedPageStore = (connection: Connection): Promise<EntityStore<ViewedPage>> => {
  const schema = new Schema({ _id: String, viewing: String, atMs: Number });
  schema.index({ viewing: 1 });
  schema.index({ atMs: 1 });
  return createEntityStore<ViewedPage>(connection, 'viewedPages', schema);
};
