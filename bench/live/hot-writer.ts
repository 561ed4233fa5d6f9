/** One node's share of a hot stream: as the journal commits it, or each deed in a transaction of its own. */
import { randomBytes } from 'node:crypto';
import { MongoClient, WriteConcern } from 'mongodb';
import type { StreamId } from '#models/journal/stream.ts';
import { createRecorder, factOf } from './recorder.ts';

export type ToWriter = { how: 'journal' | 'alone'; stream: StreamId; count: number; atOnce: number };
export type FromWriter = { did: 'ready' } | { did: 'written'; tookMs: number };

const [, , storeUri = '', redisUrl = ''] = process.argv;
const recorder = await createRecorder(storeUri, redisUrl);
const client = await new MongoClient(storeUri).connect();

interface HeadDocument {
  _id: StreamId;
  epoch: string;
  seq: number;
}

/** What the journal does, without its queue: the head first, then the event, one deed after another. */
async function writeAlone(stream: StreamId, count: number): Promise<void> {
  const heads = client.db().collection<HeadDocument>('heads');
  const events = client.db().collection<{ _id: { s: StreamId; q: number } }>('events');
  for (let written = 0; written < count; written += 1)
    await client.withSession((session) =>
      session.withTransaction(
        async () => {
          const head = await heads.findOneAndUpdate(
            { _id: stream },
            { $inc: { seq: 1 } },
            { session, returnDocument: 'after' },
          );
          if (!head) throw new Error(`no head of ${stream}`);
          const { type, entity, rev, body } = factOf(stream, written % 60, written + 1);
          const document = {
            _id: { s: stream, q: head.seq },
            epoch: head.epoch,
            commandId: randomBytes(18).toString('base64url'),
            ...{ type, entity, rev, body, actor: 'bench', atMs: Date.now() },
          };
          await events.insertOne(document, { session });
        },
        { readConcern: { level: 'snapshot' }, writeConcern: new WriteConcern('majority') },
      ),
    );
}

process.on('message', ({ how, stream, count, atOnce }: ToWriter) => {
  const beganAtMs = performance.now();
  const writing =
    how === 'alone' ? writeAlone(stream, count) : recorder.record({ stream, count, entities: 60, atOnce });
  writing.then(
    () => process.send?.({ did: 'written', tookMs: performance.now() - beganAtMs } satisfies FromWriter),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(1));
process.send?.({ did: 'ready' } satisfies FromWriter);
