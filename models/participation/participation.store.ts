import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Participation } from './participation.ts';

export const createParticipationStore = (connection: Connection): Promise<EntityStore<Participation>> => {
  const schema = new Schema({
    _id: String,
    procedure: String,
    institution: String,
    path: String,
    municipality: String,
    ticketHash: String,
  });
  schema.index({ procedure: 1, path: 1 });
  schema.index({ procedure: 1, municipality: 1 });
  schema.index({ institution: 1 });
  schema.index({ ticketHash: 1 }, { unique: true });
  // A unit that moves takes its own with it.
  schema.index({ path: 1 });
  return createEntityStore<Participation>(connection, 'participations', schema);
};
