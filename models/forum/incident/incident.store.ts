import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../../entity.store.ts';
import type { Incident } from './incident.ts';

export const createIncidentStore = (connection: Connection): Promise<EntityStore<Incident>> => {
  const schema = new Schema({ _id: String, procedure: String, status: String, lastAskedAtMs: Number });
  schema.index({ procedure: 1, status: 1 });
  schema.index({ status: 1, lastAskedAtMs: 1 });
  return createEntityStore<Incident>(connection, 'forumIncidents', schema);
};
