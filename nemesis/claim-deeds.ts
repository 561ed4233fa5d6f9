/**
 * What contenders do on a node: taking, renewing and releasing through the hub's own claims, and a save that only the holder may
 * do, guarded in its transaction as every such save of the hub is. The saves are kept in the order in which they were committed.
 */
import mongoose from 'mongoose';
import { z } from 'zod';
import { createClaimStore } from '#models/claim/claim.store.ts';
import type { HubModels } from '#models/hub.ts';

/** Saves under one subject: `seq` says in which order they were committed. */
export interface GuardedSave {
  _id: string;
  subject: string;
  seq: number;
  token: number;
}

const holding = z.object({ subject: z.string(), by: z.string(), leaseMs: z.number().int(), token: z.number().int() });

export async function createClaimDeeds(uri: string, claims: () => HubModels['claims']) {
  const connection = await mongoose.createConnection(uri).asPromise();
  const store = await createClaimStore(connection);
  const client = connection.getClient();
  const heads = connection.collection<{ _id: string; seq: number }>('nemesisHeads');
  const saves = connection.collection<GuardedSave>('nemesisSaves');
  await heads.createIndex({ seq: 1 }, {}, {});
  await saves.createIndex({ subject: 1, seq: 1 }, {}, {});

  const options = ({ subject, by, leaseMs }: Omit<z.infer<typeof holding>, 'token'>) => ({
    subject,
    holder: { id: by, name: by },
    leaseMs,
    stream: null,
  });
  return {
    takeClaim: async (input: Record<string, unknown>) =>
      (await claims().take(options(holding.omit({ token: true }).parse(input)))).token,
    async renewClaim(input: Record<string, unknown>) {
      const held = holding.parse(input);
      await claims().renew(options(held), held.token);
    },
    async releaseClaim(input: Record<string, unknown>) {
      const held = holding.parse(input);
      await claims().release(options(held), held.token);
    },
    async saveUnderClaim({ id, ...input }: Record<string, unknown>) {
      const { subject, token } = holding.parse(input);
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await store.guard(subject, token, session);
          const head = await heads.findOneAndUpdate(
            { _id: subject },
            { $inc: { seq: 1 } },
            { upsert: true, returnDocument: 'after', session },
          );
          await saves.insertOne({ _id: String(id), subject, seq: head?.seq ?? 0, token }, { session });
        }),
      );
    },
  };
}
