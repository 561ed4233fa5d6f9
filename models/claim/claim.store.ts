import { Schema, type ClientSession, type Connection } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import { HubError } from '../error.ts';
import type { Claim } from './claim.ts';

export interface ClaimStore extends EntityStore<Claim> {
  /**
   * To be called in the transaction of a save that only the holder may do. It writes: a reader's check would let a later taker
   * commit in between. HubError `claim_lost` when the token is not the latest.
   */
  guard(subject: string, token: number, session: ClientSession): Promise<void>;
}

export async function createClaimStore(connection: Connection): Promise<ClaimStore> {
  const store = await createEntityStore<Claim>(connection, 'claims', new Schema({ _id: String, token: Number }));
  const claims = connection.model('claims');
  return {
    ...store,
    async guard(subject, token, session) {
      const filter = { _id: subject, token, holder: { $ne: null } };
      const { matchedCount } = await claims.updateOne(filter, { $inc: { guarded: 1 } }, { session });
      if (matchedCount !== 1) throw new HubError('claim_lost');
    },
  };
}
