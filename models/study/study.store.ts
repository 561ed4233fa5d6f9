import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { StudyCollege, StudyRegion } from './study.ts';

export const createStudyCollegeStore = (connection: Connection): Promise<EntityStore<StudyCollege>> => {
  const schema = new Schema({ _id: String, procedure: String, region: String, college: String });
  schema.index({ procedure: 1, region: 1 });
  schema.index({ college: 1 });
  return createEntityStore<StudyCollege>(connection, 'studyColleges', schema);
};

export const createStudyRegionStore = (connection: Connection): Promise<EntityStore<StudyRegion>> => {
  const schema = new Schema({ _id: String, procedure: String, region: String });
  schema.index({ procedure: 1 });
  return createEntityStore<StudyRegion>(connection, 'studyRegions', schema);
};
