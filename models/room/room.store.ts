import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { CollegeRooms } from './room.ts';

export const createCollegeRoomsStore = (connection: Connection): Promise<EntityStore<CollegeRooms>> => {
  const schema = new Schema({ _id: String, procedure: String, region: String });
  schema.index({ procedure: 1, region: 1 });
  return createEntityStore<CollegeRooms>(connection, 'collegeRooms', schema);
};
