import { Schema, type Connection } from 'mongoose';
import { createEntityStore, type Entity, type EntityStore } from '../entity.store.ts';
import type { BoardStream, RollupStream } from '../journal/stream.ts';
import type { RollupRow } from './rollup.ts';

/** A row as kept: its id is the stream it is counted from. */
export interface KeptRollupRow extends Entity, RollupRow {
  id: BoardStream | RollupStream;
  /** The rollup it stands in. */
  stream: RollupStream;
}

export const createRollupRowStore = (connection: Connection): Promise<EntityStore<KeptRollupRow>> => {
  const schema = new Schema({ _id: String, stream: String });
  schema.index({ stream: 1 });
  return createEntityStore<KeptRollupRow>(connection, 'rollupRows', schema);
};

export function rollupRow({ unit, name, order, isRollup, rev, counts, epoch, seq }: KeptRollupRow): RollupRow {
  return { unit, name, order, isRollup, rev, counts, epoch, seq };
}
