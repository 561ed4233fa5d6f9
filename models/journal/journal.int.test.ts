/** The journal over a real store: two connections stand for two nodes. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, MongoNetworkError, type ClientSession, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from '#embedded/index.ts';
import type { Deed, Fact, Hint } from './journal.ts';
import { createJournal, type Journal, type JournalOptions } from './journal.store.ts';
import { boardStream, cabinetStream, type StreamId } from './stream.ts';

let dataDir: string;
let store: EmbeddedStore;
const clients: MongoClient[] = [];
/** The database as each node's own connection sees it: a session works only there. */
const databases = new Map<Journal, Db>();
let nodes: [Journal, Journal];

const newId = (): string => randomBytes(12).toString('hex');
const deed = (): Deed => ({
  actor: 'test',
  atMs: 1,
  commandId: newId(),
  note: { kind: 'access.given', path: '/48/48-m1/', subject: 'i', subjectName: 'i' },
});
const fact = (stream: StreamId, entity: string): Fact => ({
  stream,
  type: 'rowChanged',
  entity,
  rev: 1,
  body: { entity },
});
const nothingElse = () => Promise.resolve();

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'svod-journal-'));
  store = await startEmbeddedStore({ dataDir });
  nodes = [await openNode(), await openNode()];
});
async function openNode(options: JournalOptions = {}, change: (client: MongoClient) => void = () => undefined) {
  const client = await new MongoClient(store.uri).connect();
  clients.push(client);
  change(client);
  const db = client.db('journal');
  const journal = await createJournal(client, db, newId, options);
  databases.set(journal, db);
  return journal;
}
function databaseOf(journal: Journal): Db {
  const db = databases.get(journal);
  if (!db) throw new Error('no such node');
  return db;
}
const database = (): Db => databaseOf(nodes[0]);
const countThings = (of: string): Promise<number> =>
  database()
    .collection<{ _id: string }>('things')
    .countDocuments({ _id: { $regex: `^${of}-` } });
async function countersOf(stream: StreamId): Promise<unknown> {
  const head = await database().collection<{ _id: string; counters?: unknown }>('heads').findOne({ _id: stream });
  return head?.counters;
}
const saveThing =
  (journal: Journal, id: string) =>
  async (session: ClientSession): Promise<void> => {
    await databaseOf(journal).collection<{ _id: string }>('things').insertOne({ _id: id }, { session });
  };
afterAll(async () => {
  for (const client of clients) await client.close();
  await store.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('the journal', () => {
  it('numbers what two nodes write at once without a hole, in the order of the commits', async () => {
    const stream = boardStream('p', 'hot');
    const hints: Hint[] = [];
    for (const node of nodes) node.onRecorded((hint) => hints.push(hint));
    await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        nodes[index % 2 === 0 ? 0 : 1].record(deed(), [fact(stream, `e${index}`)], nothingElse),
      ),
    );
    const events = await nodes[0].read(stream, 0, 1_000);
    expect(events.map(({ q }) => q)).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
    expect(new Set(events.map(({ entity }) => entity)).size).toBe(60);
    expect(
      hints
        .filter(({ s }) => s === stream)
        .map(({ q }) => q)
        .sort((a, b) => a - b),
    ).toEqual(events.map(({ q }) => q));
  });

  it('[J-2] keeps nothing of a deed that fails: no event, no hole, no hint', async () => {
    const stream = boardStream('p', 'failing');
    await nodes[0].record(deed(), [fact(stream, 'before')], nothingElse);
    const refused = nodes[0].record(deed(), [fact(stream, 'lost')], () => Promise.reject(new Error('stale')));
    await expect(refused).rejects.toThrow('stale');
    await nodes[1].record(deed(), [fact(stream, 'after')], nothingElse);
    const events = await nodes[0].read(stream, 0, 10);
    expect(events.map(({ q, entity }) => [q, entity])).toEqual([
      [1, 'before'],
      [2, 'after'],
    ]);
  });

  it('[J-2] appends one deed to several streams at once', async () => {
    const [board, cabinet] = [boardStream('p', 'm'), cabinetStream('p', 'i')];
    await nodes[0].record(deed(), [fact(board, 'e'), fact(cabinet, 'e'), fact(cabinet, 'f')], nothingElse);
    const heads = await nodes[1].heads([board, cabinet]);
    expect(heads.map(({ stream, seq }) => [stream, seq]).sort()).toEqual([
      [board, 1],
      [cabinet, 2],
    ]);
  });

  it('[J-3] refuses the same command twice, whole', async () => {
    const stream = boardStream('p', 'twice');
    const once = deed();
    await nodes[0].record(once, [fact(stream, 'e')], nothingElse);
    await expect(nodes[1].record(once, [fact(stream, 'e')], nothingElse)).rejects.toMatchObject({ code: 11000 });
    expect((await nodes[0].heads([stream]))[0]?.seq).toBe(1);
  });

  it('reads a range after a position, at most as much as asked', async () => {
    const stream = boardStream('p', 'range');
    for (let index = 1; index <= 7; index += 1) await nodes[0].record(deed(), [fact(stream, `e${index}`)], nothingElse);
    expect((await nodes[1].read(stream, 3, 2)).map(({ q }) => q)).toEqual([4, 5]);
    expect(await nodes[1].read(stream, 7, 2)).toEqual([]);
  });
});

describe('deeds in groups', () => {
  it('[J-1] of two nodes on one hot stream leave no hole, double nothing, and keep the order in which each node recorded', async () => {
    const hot = boardStream('p', 'group');
    const deeds = Array.from(
      { length: 300 },
      (_, index) => ({ node: index % 2 === 0 ? 0 : 1, name: `d${index}` }) as const,
    );
    await Promise.all(
      deeds.map(({ node, name }, index) =>
        nodes[node].record(
          deed(),
          [
            { ...fact(hot, name), counted: { all: 1, odd: index % 2 } },
            fact(cabinetStream('p', `c${index % 7}`), name),
          ],
          saveThing(nodes[node], `group-${name}`),
        ),
      ),
    );
    const events = await nodes[0].read(hot, 0, 1_000);
    expect(events.map(({ q }) => q)).toEqual(deeds.map((_, index) => index + 1));
    for (const node of [0, 1] as const)
      expect(
        events.map(({ entity }) => entity).filter((name) => deeds.find((one) => one.name === name)?.node === node),
      ).toEqual(deeds.filter((one) => one.node === node).map(({ name }) => name));
    expect(await countersOf(hot)).toEqual({ all: 300, odd: 150 });
    expect(await countThings('group')).toBe(300);
  });

  it('[J-5] lose only the one that fails: its neighbours, their order and the counters are as if it had never been', async () => {
    const stream = boardStream('p', 'neighbours');
    const outcomes = await Promise.allSettled(
      Array.from({ length: 40 }, (_, index) => {
        const node = nodes[index % 2 === 0 ? 0 : 1];
        return node.record(deed(), [{ ...fact(stream, `e${index}`), counted: { all: 1 } }], async (session) => {
          await saveThing(node, `neighbour-${index}`)(session);
          if (index % 5 === 3) throw new Error(`refused ${index}`);
        });
      }),
    );
    const refused = outcomes.flatMap(({ status }, index) => (status === 'rejected' ? [index] : []));
    expect(refused).toEqual([3, 8, 13, 18, 23, 28, 33, 38]);
    for (const index of refused) expect(outcomes[index]).toMatchObject({ reason: { message: `refused ${index}` } });
    const events = await nodes[1].read(stream, 0, 100);
    expect(events.map(({ q }) => q)).toEqual(Array.from({ length: 32 }, (_, index) => index + 1));
    expect(new Set(events.map(({ entity }) => entity)).size).toBe(32);
    expect(await countersOf(stream)).toEqual({ all: 32 });
    expect(await countThings('neighbour')).toBe(32);
  });

  it('refuse a command that stands twice in the same group once', async () => {
    const stream = boardStream('p', 'twice-together');
    const once = deed();
    const outcomes = await Promise.allSettled(
      [deed(), once, deed(), once, deed()].map((one, index) =>
        nodes[0].record(one, [fact(stream, index === 1 || index === 3 ? 'same' : `e${index}`)], nothingElse),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[3]).toMatchObject({ reason: { code: 11000 } });
    expect((await nodes[0].read(stream, 0, 10)).map(({ entity }) => entity)).toEqual(['e0', 'same', 'e2', 'e4']);
  });

  it('go on when a node dies in the middle of its transaction', async () => {
    const stream = boardStream('p', 'dying');
    await nodes[0].record(deed(), [fact(stream, 'before')], nothingElse);
    const dying = await new MongoClient(store.uri).connect();
    const session = dying.startSession();
    session.startTransaction();
    const heads = dying.db('journal').collection<{ _id: string; seq: number }>('heads');
    await heads.updateOne({ _id: stream }, { $inc: { seq: 1 } }, { session });
    const waiting = Promise.all(
      ['a', 'b', 'c'].map((name) => nodes[1].record(deed(), [fact(stream, name)], nothingElse)),
    );
    await dying.close(true);
    await waiting;
    expect((await nodes[0].read(stream, 0, 10)).map(({ q, entity }) => [q, entity])).toEqual([
      [1, 'before'],
      [2, 'a'],
      [3, 'b'],
      [4, 'c'],
    ]);
  });

  it('wait as long as a killed node may hold the stream, however many tries that takes', async () => {
    const stream = boardStream('p', 'long held');
    const holder = database().client;
    const session = holder.startSession();
    let tries = 0;
    const patient = await openNode({
      random: () => {
        tries += 1;
        if (tries === 150) void session.abortTransaction();
        return 0;
      },
    });
    await patient.record(deed(), [fact(stream, 'before')], nothingElse);
    session.startTransaction();
    const heads = holder.db('journal').collection<{ _id: string; seq: number }>('heads');
    await heads.updateOne({ _id: stream }, { $inc: { seq: 1 } }, { session });
    await patient.record(deed(), [fact(stream, 'after')], nothingElse);
    await session.endSession();
    expect(tries).toBeGreaterThanOrEqual(150);
    expect((await nodes[0].read(stream, 0, 10)).map(({ entity }) => entity)).toEqual(['before', 'after']);
  });

  it('are refused as busy when others hold the stream through every try, and nothing of them is kept', async () => {
    const stream = boardStream('p', 'held');
    const faults: string[] = [];
    const impatient = await openNode({
      ...{ random: () => 0, busyAfterMs: 500 },
      onFault: (_error, where) => faults.push(where),
    });
    await impatient.record(deed(), [fact(stream, 'before')], nothingElse);
    const holder = database().client;
    const session = holder.startSession();
    session.startTransaction();
    const heads = holder.db('journal').collection<{ _id: string; seq: number }>('heads');
    await heads.updateOne({ _id: stream }, { $inc: { seq: 1 } }, { session });
    await expect(impatient.record(deed(), [fact(stream, 'lost')], nothingElse)).rejects.toMatchObject({ code: 'busy' });
    await session.abortTransaction();
    await session.endSession();
    await impatient.record(deed(), [fact(stream, 'after')], nothingElse);
    expect((await nodes[0].read(stream, 0, 10)).map(({ entity }) => entity)).toEqual(['before', 'after']);
    expect(faults).toEqual(['journal.busy']);
  });

  it('are done once when the answer to their commit is lost on the way', async () => {
    const stream = boardStream('p', 'unanswered');
    let lost = 0;
    const deaf = await openNode({}, (client) => {
      const startSession = client.startSession.bind(client);
      client.startSession = () => {
        const session = startSession();
        const commit = session.commitTransaction.bind(session);
        session.commitTransaction = async () => {
          await commit();
          if (lost >= 4) return;
          lost += 1;
          const error = new MongoNetworkError('the answer is lost');
          error.addErrorLabel('UnknownTransactionCommitResult');
          throw error;
        };
        return session;
      };
    });
    const hints: Hint[] = [];
    deaf.onRecorded((hint) => hints.push(hint));
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        deaf.record(deed(), [{ ...fact(stream, name), counted: { all: 1 } }], saveThing(deaf, `unanswered-${name}`)),
      ),
    );
    expect(lost).toBe(4);
    expect((await nodes[0].read(stream, 0, 10)).map(({ q, entity }) => [q, entity])).toEqual([
      [1, 'a'],
      [2, 'b'],
      [3, 'c'],
    ]);
    expect(hints.map(({ q }) => q)).toEqual([1, 2, 3]);
    expect(await countersOf(stream)).toEqual({ all: 3 });
  });

  it('tell the other listeners when one of them breaks, and stay done', async () => {
    const faults: unknown[] = [];
    const node = await openNode({ onFault: (error) => faults.push(error) });
    const heard: number[] = [];
    node.onRecorded(() => {
      throw new Error('broken listener');
    });
    node.onRecorded(({ q }) => heard.push(q));
    await node.record(deed(), [fact(boardStream('p', 'listeners'), 'e')], nothingElse);
    expect([heard, faults.length]).toEqual([[1], 1]);
  });

  it('find a head that went away with a database that was replaced', async () => {
    const stream = boardStream('p', 'replaced');
    await nodes[0].record(deed(), [fact(stream, 'before')], nothingElse);
    await database()
      .collection('heads')
      .deleteOne({ _id: stream as never });
    await database().collection('events').deleteMany({ '_id.s': stream });
    await nodes[0].record(deed(), [fact(stream, 'after')], nothingElse);
    expect((await nodes[1].read(stream, 0, 10)).map(({ q, entity }) => [q, entity])).toEqual([[1, 'after']]);
  });
});

describe('a range of the journal', () => {
  it('[S-2] is not read as whole when its beginning is gone', async () => {
    const stream = boardStream('p', 'forgotten');
    for (const name of ['a', 'b', 'c']) await nodes[0].record(deed(), [fact(stream, name)], nothingElse);
    await database()
      .collection('events')
      .deleteMany({ '_id.s': stream, '_id.q': { $lte: 2 } });
    await expect(nodes[0].read(stream, 0, 10)).rejects.toMatchObject({ code: 'resnapshot' });
    expect((await nodes[0].read(stream, 2, 10)).map(({ q }) => q)).toEqual([3]);
  });
});
