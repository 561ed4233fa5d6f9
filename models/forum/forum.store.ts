import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import type { Reading } from './forum-state.ts';
import type { Cleansing, Message, Question } from './forum.ts';

export const createForumQuestionStore = (connection: Connection): Promise<EntityStore<Question>> => {
  const schema = new Schema({
    ...{ _id: String, procedure: String, status: String, about: Object, waitingSinceMs: Number, changedAtMs: Number },
  });
  schema.index({ procedure: 1, status: 1, waitingSinceMs: 1 });
  schema.index({ procedure: 1, changedAtMs: -1 });
  schema.index({ procedure: 1, _id: 1 });
  schema.index({ procedure: 1, 'about.code': 1 });
  // What concerns one reader: each way by an index of its own.
  schema.index({ procedure: 1, 'author.id': 1, changedAtMs: -1 });
  schema.index({ procedure: 1, 'author.path': 1 });
  schema.index({ procedure: 1, 'mentioned.mention.role': 1 });
  schema.index({ procedure: 1, 'mentioned.mention.path': 1 });
  schema.index({ procedure: 1, 'pinned.atMs': 1 });
  return createEntityStore<Question>(connection, 'forumQuestions', schema);
};

export const createForumMessageStore = (connection: Connection): Promise<EntityStore<Message>> => {
  const schema = new Schema({ _id: String, procedure: String, question: String, n: Number });
  // All of a forum, in pages.
  schema.index({ procedure: 1, _id: 1 });
  // One message a place: whoever is slower finds the thread changed.
  schema.index({ question: 1, n: 1 }, { unique: true });
  return createEntityStore<Message>(connection, 'forumMessages', schema);
};

export const createForumReadingStore = (connection: Connection): Promise<EntityStore<Reading>> => {
  const schema = new Schema({ _id: String, person: String, procedure: String });
  schema.index({ person: 1, procedure: 1 });
  return createEntityStore<Reading>(connection, 'forumReadings', schema);
};

export const createForumCleansingStore = (connection: Connection): Promise<EntityStore<Cleansing>> =>
  createEntityStore<Cleansing>(connection, 'forumCleansings', new Schema({ _id: String }));
