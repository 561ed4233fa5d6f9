import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../../entity.store.ts';
import type { CannedAnswer } from './canned-answer.ts';

export const createCannedAnswerStore = (connection: Connection): Promise<EntityStore<CannedAnswer>> => {
  const schema = new Schema({ _id: String, procedure: String, unit: String });
  schema.index({ procedure: 1, unit: 1 });
  return createEntityStore<CannedAnswer>(connection, 'forumCannedAnswers', schema);
};
