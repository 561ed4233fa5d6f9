import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import type { Assignment } from './rights.ts';

/** A person's role in a unit, as kept. */
export interface AssignmentRecord extends Entity, Assignment {
  person: string;
}

export const createAssignmentStore = (connection: Connection): Promise<EntityStore<AssignmentRecord>> => {
  const schema = new Schema({ _id: String, person: String, role: String, unit: String, path: String });
  schema.index({ person: 1 });
  schema.index({ path: 1 });
  return createEntityStore<AssignmentRecord>(connection, 'assignments', schema);
};
