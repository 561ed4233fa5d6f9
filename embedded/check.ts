/** `npm run embedded:check -- --seed N --ops 100000 --kills 200 [--json]`: the store against a naive model, and against kill -9. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { startEmbeddedStore } from './index.ts';
import { runLane } from './proof/differential.ts';
import { indexErrors, runKills } from './proof/kills.ts';
import { Random } from './proof/random.ts';

const lanes = 8;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    ops: { type: 'string', default: '100000' },
    kills: { type: 'string', default: '200' },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const say = (line: string) => process.stderr.write(`${line}\n`);

const folder = mkdtempSync(join(tmpdir(), 'embedded-check-'));
try {
  say(`seed ${seed}`);
  const differential = await compare(Number(values.ops));
  const kills = await runKills(join(folder, 'kills'), new Random(seed), Number(values.kills));
  for (const line of differential.mismatches.slice(0, 10)) say(line);
  const result = {
    mismatches: differential.mismatches.length,
    lostWrites: kills.lostWrites,
    tornTransactions: kills.tornTransactions,
    indexErrors: differential.indexErrors + kills.indexErrors,
  };
  process.stdout.write(
    values.json
      ? `${JSON.stringify(result)}\n`
      : `${values.ops} operations, ${kills.kills} kills, ${kills.acknowledged} acknowledged writes: ${JSON.stringify(result)}\n`,
  );
  process.exitCode = Object.values(result).every((count) => count === 0) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function compare(operations: number): Promise<{ mismatches: string[]; indexErrors: number }> {
  const store = await startEmbeddedStore({ dataDir: join(folder, 'differential') });
  const client = await MongoClient.connect(store.uri);
  try {
    const runs = Array.from({ length: lanes }, (_, lane) =>
      runLane(client.db().collection(`lane${lane}`), new Random(seed * lanes + lane), Math.ceil(operations / lanes)),
    );
    const results = await Promise.all(runs);
    return { mismatches: results.flatMap((result) => result.mismatches), indexErrors: await indexErrors(client.db()) };
  } finally {
    await client.close();
    await store.stop();
  }
}
