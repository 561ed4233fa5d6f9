/** `npm run audit:verify`: whether the journal of deeds is whole; reads the database and changes nothing. */
import { createHash, createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { startEmbeddedStore } from '#embedded/index.ts';
import type { Anchor } from '#models/deeds/chain.ts';
import { createDeedStore } from '#models/deeds/deed.store.ts';
import { verifyDeeds, type Verification } from '#models/deeds/verification.ts';
import { ConfigError, readConfig, type Config } from './config.ts';

const USAGE = `npm run audit:verify [-- [--json] [--anchor <n>:<hash>]…]

Walks every entry of the journal of deeds and every event against it. It reads MONGODB_URI, or DATA_DIR with the embedded
store (its hub stopped), and SVOD_SECRET as the hub does. An anchor is what a node has logged as "deeds sealed": with it an end
that was cut off together with its head is missed. Exit code: 0 whole, 1 broken, 2 it could not be asked.`;

async function secretOf(config: Config): Promise<string> {
  if (config.secret) return config.secret;
  try {
    return (await readFile(join(config.dataDir, 'secret'), 'utf8')).trim();
  } catch {
    throw new ConfigError(`there is no secret in ${config.dataDir}: the signature of the chain can't be checked`);
  }
}

async function verify(config: Config, anchors: readonly Anchor[]): Promise<Verification> {
  const secret = await secretOf(config);
  const store = config.mongodbUri ? null : await startEmbeddedStore({ dataDir: join(config.dataDir, 'store') });
  try {
    const client = await new MongoClient(config.mongodbUri ?? store?.uri ?? '', {
      serverSelectionTimeoutMS: 15_000,
    }).connect();
    try {
      const db = client.db();
      return await verifyDeeds(db, await createDeedStore(db), {
        sha256: (text) => createHash('sha256').update(text).digest('hex'),
        sign: (text) => createHmac('sha256', secret).update(text).digest('hex'),
        anchors,
      });
    } finally {
      await client.close();
    }
  } finally {
    await store?.stop();
  }
}

function anchorOf(text: string): Anchor {
  const [, n, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (n === undefined || hash === undefined) throw new ConfigError(`${text} is no anchor`);
  return { n: Number(n), hash };
}

function words({ entries, unsealed, events, broken, first, head }: Verification): string {
  const tail = unsealed > 0 ? `; ${unsealed} wait for their place` : '';
  const end = head ? `, ends at ${head.n}:${head.hash}` : '';
  if (!first) return `whole: ${entries} entries, ${events} events with their deeds${tail}${end}`;
  return `BROKEN in ${broken} places, first ${first.kind} at ${first.at}: ${entries} entries, ${events} events${tail}`;
}

try {
  const { values } = parseArgs({
    options: { json: { type: 'boolean' }, help: { type: 'boolean' }, anchor: { type: 'string', multiple: true } },
  });
  if (values.help) console.log(USAGE);
  else {
    const result = await verify(readConfig(process.env), (values.anchor ?? []).map(anchorOf));
    console.log(values.json ? JSON.stringify(result) : words(result));
    process.exitCode = result.broken > 0 ? 1 : 0;
  }
} catch (error) {
  console.error(error instanceof ConfigError ? error.message : error);
  console.error(USAGE);
  process.exitCode = 2;
}
