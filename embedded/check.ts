/** `npm run embedded:check -- --seed N --ops 100000 --kills 200 [--json]`: the store against a naive model, and against kill -9. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { Chance } from '#chance/chance.ts';
import { startEmbeddedStore } from './index.ts';
import { runLane } from './proof/differential.ts';
import { indexErrors, runKills, type KillResult } from './proof/kills.ts';

const lanes = 8;
const killLanes = 4;

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
  const [differential, ...kills] = await Promise.all([
    compare(Number(values.ops)),
    ...Array.from({ length: killLanes }, (_, lane) => kill(lane, Number(values.kills))),
  ]);
  const total = (count: (result: KillResult) => number) => kills.reduce((sum, result) => sum + count(result), 0);
  for (const line of differential.mismatches.slice(0, 10)) say(line);
  const result = {
    mismatches: differential.mismatches.length,
    lostWrites: total((each) => each.lostWrites),
    tornTransactions: total((each) => each.tornTransactions),
    indexErrors: differential.indexErrors + total((each) => each.indexErrors),
  };
  say(
    `${values.ops} operations, ${total((each) => each.kills)} kills, ${total((each) => each.acknowledged)} acknowledged writes`,
  );
  const told = Object.entries(result).map(([name, count]) => `${name}: ${count}\n`);
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : told.join(''));
  process.exitCode = Object.values(result).every((count) => count === 0) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** One lane's share of the kills, on a store of its own. */
async function kill(lane: number, kills: number): Promise<KillResult> {
  const share = Math.floor((kills + lane) / killLanes);
  const random = new Chance(seed * killLanes + lane);
  return runKills(join(folder, `kills${lane}`), random, share, (done) => {
    if (done % 10 === 0) say(`lane ${lane}: ${done} of ${share} kills`);
  });
}

async function compare(operations: number): Promise<{ mismatches: string[]; indexErrors: number }> {
  const store = await startEmbeddedStore({ dataDir: join(folder, 'differential') });
  const client = await MongoClient.connect(store.uri);
  try {
    const runs = Array.from({ length: lanes }, (_, lane) =>
      runLane(client.db().collection(`lane${lane}`), new Chance(seed * lanes + lane), Math.ceil(operations / lanes)),
    );
    const results = await Promise.all(runs);
    say(`${operations} operations compared`);
    return { mismatches: results.flatMap((result) => result.mismatches), indexErrors: await indexErrors(client.db()) };
  } finally {
    await client.close();
    await store.stop();
  }
}
