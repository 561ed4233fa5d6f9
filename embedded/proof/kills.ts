/** Writers at work, kill -9 in the middle, a new start, and a look at what is left. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { MongoClient, type Db } from 'mongodb';
import type { Chance } from '#chance/chance.ts';

export interface KillResult {
  kills: number;
  acknowledged: number;
  lostWrites: number;
  tornTransactions: number;
  indexErrors: number;
}

interface Counter {
  _id: number;
  n: number;
}

const accounts = 8;
const writers = 6;

interface Running {
  process: ChildProcess;
  client: MongoClient;
  db: Db;
}

async function start(dataDir: string): Promise<Running> {
  const main = fileURLToPath(new URL('../main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--data', dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Each start would compile the store anew.
    env: { ...process.env, NODE_COMPILE_CACHE: join(dirname(dataDir), 'compiled') },
  });
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the store did not start: exit code ${String(code)}`);
    }),
  ])) as [string];
  const client = await MongoClient.connect(line, { serverSelectionTimeoutMS: 10_000, retryWrites: true });
  return { process: child, client, db: client.db() };
}

/** What the writers were told is done. */
class Acknowledged {
  readonly inserted = new Set<number>();
  readonly counters = new Map<number, number>();
  readonly transfers = new Set<number>();
  nextId = 1;
  /** Of any kind, since the beginning. */
  count = 0;
}

export async function runKills(
  dataDir: string,
  random: Chance,
  kills: number,
  hear: (done: number) => void = () => undefined,
): Promise<KillResult> {
  const told = new Acknowledged();
  const result: KillResult = { kills, acknowledged: 0, lostWrites: 0, tornTransactions: 0, indexErrors: 0 };
  let running = await start(dataDir);
  await running.db.collection('inserts').createIndexes([{ key: { tag: 1 } }]);
  await running.db.collection('inserts').createIndexes([{ key: { unique: 1 }, unique: true }]);
  await running.db
    .collection<Counter>('accounts')
    .insertMany(Array.from({ length: accounts }, (_, _id) => ({ _id, n: 100 })));
  for (let round = 0; round < kills; round++) {
    const { process: child, client, db } = running;
    const signal = { stopped: false };
    const seeds = Array.from({ length: writers }, () => random.below(2 ** 31));
    const work = seeds.map((_, writer) => write(client, db, told, writer, random, signal));
    await busyFor(told, 3 + random.below(60));
    await new Promise((resolve) => setTimeout(resolve, random.below(10)));
    child.kill('SIGKILL');
    signal.stopped = true;
    await once(child, 'exit');
    // Closing first wakes the writers that wait for a server to select.
    await client.close(true);
    await Promise.all(work);
    running = await start(dataDir);
    await look(running.db, told, result);
    hear(round + 1);
  }
  result.acknowledged =
    told.inserted.size + told.transfers.size + [...told.counters.values()].reduce((sum, n) => sum + n, 0);
  await running.client.close();
  running.process.kill('SIGTERM');
  await once(running.process, 'exit');
  return result;
}

/** Until this many more writes were acknowledged. */
async function busyFor(told: Acknowledged, writes: number): Promise<void> {
  const start = told.count;
  while (told.count - start < writes) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Inserts, counts and transfers until the store is gone. */
async function write(
  client: MongoClient,
  db: Db,
  told: Acknowledged,
  writer: number,
  random: Chance,
  signal: { stopped: boolean },
): Promise<void> {
  const inserts = db.collection<{ _id: number; tag: number; unique: string }>('inserts');
  const counters = db.collection<Counter>('counters');
  try {
    while (!signal.stopped) {
      const kind = random.next();
      if (kind < 0.4) {
        const batch = Array.from({ length: 1 + random.below(4) }, () => told.nextId++);
        await inserts.insertMany(batch.map((_id) => ({ _id, tag: _id % 17, unique: `u${_id}` })));
        for (const id of batch) told.inserted.add(id);
        told.count += batch.length;
      } else if (kind < 0.7) {
        await counters.updateOne({ _id: writer }, { $inc: { n: 1 } }, { upsert: true });
        told.counters.set(writer, (told.counters.get(writer) ?? 0) + 1);
        told.count++;
      } else await transfer(client, db, told, random);
    }
  } catch {
    // The store was killed under this writer; what was not acknowledged may or may not be there.
  }
}

async function transfer(client: MongoClient, db: Db, told: Acknowledged, random: Chance): Promise<void> {
  const id = told.nextId++;
  const from = random.below(accounts);
  const to = (from + 1 + random.below(accounts - 1)) % accounts;
  const session = client.startSession();
  try {
    await session.withTransaction(
      async () => {
        const list = db.collection<Counter>('accounts');
        await list.updateOne({ _id: from }, { $inc: { n: -1 } }, { session });
        await list.updateOne({ _id: to }, { $inc: { n: 1 } }, { session });
        await db
          .collection<{ _id: number; from: number; to: number }>('ledger')
          .insertOne({ _id: id, from, to }, { session });
      },
      { timeoutMS: 5000 },
    );
    told.transfers.add(id);
    told.count++;
  } finally {
    await session.endSession();
  }
}

async function look(db: Db, told: Acknowledged, result: KillResult): Promise<void> {
  const there = new Set(
    (await db.collection<{ _id: number }>('inserts').find({}).project<{ _id: number }>({ _id: 1 }).toArray()).map(
      (row) => row._id,
    ),
  );
  for (const id of told.inserted) if (!there.has(id)) result.lostWrites++;
  const counters = new Map(
    (await db.collection<Counter>('counters').find({}).toArray()).map((row) => [row._id, row.n]),
  );
  for (const [writer, n] of told.counters) {
    const found = counters.get(writer) ?? 0;
    if (found < n) result.lostWrites++;
    // One more may have been done without its answer arriving.
    told.counters.set(writer, Math.max(n, found));
  }
  const ledger = await db.collection<{ _id: number; from: number; to: number }>('ledger').find({}).toArray();
  const booked = new Set(ledger.map((row) => row._id));
  for (const id of told.transfers) if (!booked.has(id)) result.lostWrites++;
  const wanted = Array.from({ length: accounts }, () => 100);
  for (const { from, to } of ledger) {
    wanted[from] = (wanted[from] ?? 0) - 1;
    wanted[to] = (wanted[to] ?? 0) + 1;
  }
  for (const { _id, n } of await db.collection<Counter>('accounts').find({}).toArray())
    if (wanted[_id] !== n) result.tornTransactions++;
  result.indexErrors += await indexErrors(db);
}

/** What `validate` finds wrong in all collections. */
export async function indexErrors(db: Db): Promise<number> {
  let errors = 0;
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    const told = await db.command({ validate: name });
    if (told['valid'] !== true) errors += Array.isArray(told['errors']) ? told['errors'].length : 1;
  }
  return errors;
}
