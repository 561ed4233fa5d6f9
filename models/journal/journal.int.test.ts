/** The journal over a real store: two connections stand for two nodes. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedStore, type EmbeddedStore } from '#embedded/index.ts';
import type { Fact, Hint } from './journal.ts';
import { createJournal, type Journal } from './journal.store.ts';
import { boardStream, cabinetStream, type StreamId } from './stream.ts';

let dataDir: string;
let store: EmbeddedStore;
const clients: MongoClient[] = [];
let nodes: [Journal, Journal];

const newId = (): string => randomBytes(12).toString('hex');
const deed = () => ({ actor: 'test', atMs: 1, commandId: newId() });
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
  const connect = async (): Promise<Journal> => {
    const client = await new MongoClient(store.uri).connect();
    clients.push(client);
    return createJournal(client, client.db('journal'), newId);
  };
  nodes = [await connect(), await connect()];
});
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

  it('keeps nothing of a deed that fails: no event, no hole, no hint', async () => {
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

  it('appends one deed to several streams at once', async () => {
    const [board, cabinet] = [boardStream('p', 'm'), cabinetStream('p', 'i')];
    await nodes[0].record(deed(), [fact(board, 'e'), fact(cabinet, 'e'), fact(cabinet, 'f')], nothingElse);
    const heads = await nodes[1].heads([board, cabinet]);
    expect(heads.map(({ stream, seq }) => [stream, seq]).sort()).toEqual([
      [board, 1],
      [cabinet, 2],
    ]);
  });

  it('refuses the same command twice, whole', async () => {
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
