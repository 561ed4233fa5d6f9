/** How accesses are kept: handovers, the batches that make them, and what happened to each. No secret is among it. */
import type { ClientSession, Connection } from 'mongoose';
import { Schema } from 'mongoose';
import { createEntityStore, type EntityStore } from '../entity.store.ts';
import { BATCH_PART, type CredentialBatch } from './credential-batch.ts';
import type { CredentialHandover, TrailEntry } from './credential-handover.ts';

export const createHandoverStore = (connection: Connection): Promise<EntityStore<CredentialHandover>> => {
  const schema = new Schema({ _id: String, person: String });
  schema.index({ person: 1 }, { unique: true });
  return createEntityStore<CredentialHandover>(connection, 'credentialHandovers', schema);
};

export const createHandoverTrailStore = (connection: Connection): Promise<EntityStore<TrailEntry>> => {
  const schema = new Schema({ _id: String, institution: String, handoverRev: Number });
  schema.index({ institution: 1, handoverRev: -1 });
  return createEntityStore<TrailEntry>(connection, 'credentialTrail', schema);
};

export interface CredentialBatchStore extends EntityStore<CredentialBatch> {
  /** Keeps whom a batch is for, in parts; once, with the batch. */
  saveSample(batch: string, institutions: readonly string[], session: ClientSession): Promise<void>;
  part(batch: string, part: number): Promise<string[]>;
}

export async function createCredentialBatchStore(connection: Connection): Promise<CredentialBatchStore> {
  const schema = new Schema({ _id: String, status: String, unit: String, startedAtMs: Number });
  schema.index({ status: 1, startedAtMs: 1 });
  schema.index({ unit: 1, startedAtMs: -1 });
  const store = await createEntityStore<CredentialBatch>(connection, 'credentialBatches', schema);
  const parts = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; institutions: string[] }>('credentialBatchParts');
  return {
    ...store,
    async saveSample(batch, institutions, session) {
      const documents = Array.from({ length: Math.ceil(institutions.length / BATCH_PART) }, (_, part) => ({
        _id: `${batch}.${part}`,
        institutions: institutions.slice(part * BATCH_PART, (part + 1) * BATCH_PART),
      }));
      await parts.insertMany(documents, { session });
    },
    part: async (batch, part) => (await parts.findOne({ _id: `${batch}.${part}` }))?.institutions ?? [],
  };
}
