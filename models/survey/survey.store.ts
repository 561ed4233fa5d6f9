import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { SurveyList, SurveyResponse } from './survey.ts';

export const createSurveyListStore = (connection: Connection): Promise<EntityStore<SurveyList>> => {
  const schema = new Schema({ _id: String, procedure: String, path: String });
  schema.index({ procedure: 1, path: 1 });
  return createEntityStore<SurveyList>(connection, 'surveyLists', schema);
};

export const createSurveyResponseStore = (connection: Connection): Promise<EntityStore<SurveyResponse>> => {
  const schema = new Schema({
    ...{ _id: String, procedure: String, institution: String, municipality: String, path: String },
  });
  schema.index({ procedure: 1, municipality: 1 });
  schema.index({ path: 1 });
  return createEntityStore<SurveyResponse>(connection, 'surveyResponses', schema);
};
