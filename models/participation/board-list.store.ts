/** Whom each part of each board is about: one list a board stream, changed only together with its stream. */
import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import type { BoardStream } from '../journal/stream.ts';

export interface BoardList extends Entity {
  /** The board's stream. */
  id: BoardStream;
  procedure: string;
  municipality: string;
  /** Path of the municipality. */
  path: string;
  name: string;
  order: number;
  institutions: { id: string; name: string; order: number }[];
}

export const createBoardListStore = (connection: Connection): Promise<EntityStore<BoardList>> => {
  const schema = new Schema({ _id: String, procedure: String, path: String });
  schema.index({ procedure: 1, path: 1 });
  return createEntityStore<BoardList>(connection, 'boardLists', schema);
};
