/** `npm run journal -- new-epoch`: after the database was replaced by a backup, so that no open page takes new events for old ones. */
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import mongoose from 'mongoose';
import { startEmbeddedStore } from '#embedded/index.ts';
import { createJournal } from '#models/journal/journal.store.ts';
import { ConfigError, readConfig } from './config.ts';

const USAGE = `npm run journal -- new-epoch

Begins a new epoch of every stream. Run it with the nodes stopped, after a backup was restored and before they start:
pages that stayed open then take everything anew. It reads MONGODB_URI, or DATA_DIR with the embedded store.`;

async function beginNewEpoch(): Promise<number> {
  const config = readConfig(process.env);
  const store = config.mongodbUri ? null : await startEmbeddedStore({ dataDir: join(config.dataDir, 'store') });
  const database = new mongoose.Mongoose();
  try {
    await database.connect(config.mongodbUri ?? store?.uri ?? '', { serverSelectionTimeoutMS: 15_000, w: 'majority' });
    const client = database.connection.getClient();
    const journal = await createJournal(client, client.db(database.connection.name), () =>
      randomBytes(18).toString('base64url'),
    );
    return await journal.beginNewEpoch();
  } finally {
    await database.disconnect();
    await store?.stop();
  }
}

if (process.argv[2] !== 'new-epoch' || process.argv.length > 3) {
  console.error(USAGE);
  process.exit(2);
}
try {
  console.log(`new epoch: ${await beginNewEpoch()} streams`);
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
}
