/** What the hub does for itself: forgetting, recounting, another epoch; through the composition root over a real store. */
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boardStream, rollupStream, STREAM_KINDS } from '#models/journal/stream.ts';
import type { BoardPart } from '#models/participation/board.ts';
import { startUpkeep } from './upkeep.ts';
import { DEADLINE_MS, NOON_MS, ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let database: MongoClient;
const board = boardStream(PROCEDURE, '48-m1');
const region = rollupStream(PROCEDURE, '48');
const KEPT_MS = STREAM_KINDS.board.daysKept * 86_400_000;
const heads = () => database.db('svod').collection<{ _id: string; seq: number; epoch: string; floor: number }>('heads');
const register = (institution: string) =>
  hub.door.participations.register({ procedure: PROCEDURE, institution, organizer: ORGANIZER });
const listener = () => ({ person: hub.coordinator, ticket: null });
const part = async (at: { seq: number } | { atMs: number }) =>
  (await hub.models.live.asAt(listener(), board, at)).state as BoardPart;

beforeAll(async () => {
  hub = await startTestHub();
  database = await new MongoClient(hub.storeUri).connect();
});
afterAll(async () => {
  await database.close();
  await hub.stop();
});

describe('recounting', () => {
  it('finds nothing while every change was counted', async () => {
    await register('i48-1');
    await hub.models.rollups.createSweeper()();
    expect(await hub.models.recounts.recountAll()).toBe(0);
    expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain('svod_counter_drift 0');
  });

  it('finds counters that were changed behind its back, tells the metrics and the administrator, and mends on his word', async () => {
    await heads().updateOne({ _id: board }, { $inc: { 'counters.registered': 2, 'counters.all': -1 } });
    expect(await hub.models.recounts.recountAll()).toBe(1);
    expect(await (await fetch(`${hub.url}/metrics`)).text()).toContain('svod_counter_drift 1');
    const { drifts } = await hub.models.recounts.drifts(hub.coordinator);
    expect(
      drifts.map(({ id, unitName, kept, counted }) => [id, unitName, kept.registered, counted.registered]),
    ).toEqual([[board, 'Округ № 1', 3, 1]]);
    expect((await hub.models.recounts.drifts(hub.municipal[0])).drifts).toEqual([]);
    await expect(hub.models.recounts.mend(hub.municipal[0], board)).rejects.toMatchObject({ code: 'not_allowed' });

    await hub.models.recounts.mend(hub.coordinator, board);
    expect((await hub.models.recounts.drifts(hub.coordinator)).drifts).toEqual([]);
    expect(await hub.models.recounts.recountAll()).toBe(0);
    expect((await hub.models.journal.counted([board]))[0]?.counters).toMatchObject({ all: 2, registered: 1 });
    const events = await hub.models.journal.read(board, 0, 100);
    expect(events.at(-1)?.type).toBe('countersMended');
  });

  it('stays true while deeds go on, and a mending in the midst of them loses none', async () => {
    await heads().updateOne({ _id: board }, { $inc: { 'counters.awaitingAccess': 5 } });
    await Promise.all([
      register('i48-2'),
      hub.models.recounts.mend(hub.coordinator, board),
      hub.models.recounts.recountAll(),
    ]);
    await hub.models.rollups.createSweeper()();
    expect(await hub.models.recounts.recountAll()).toBe(0);
    expect((await hub.models.journal.counted([board]))[0]?.counters).toMatchObject({
      registered: 2,
      awaitingAccess: 2,
    });
  });

  it('covers the rollups', async () => {
    await heads().updateOne({ _id: region }, { $inc: { 'counters.report': 1 } });
    expect(await hub.models.recounts.recountAll()).toBe(1);
    await hub.models.recounts.mend(hub.coordinator, region);
    expect(await hub.models.recounts.recountAll()).toBe(0);
  });
});

describe('upkeep', () => {
  it('is done by one node at a time, and by another when that one is gone', async () => {
    const rounds: string[] = [];
    const models = {
      ...hub.models,
      recounts: { ...hub.models.recounts, recountAll: () => Promise.resolve(rounds.push('round')) },
    };
    const fault = (error: unknown): never => {
      throw error;
    };
    const [one, other] = [startUpkeep(models, 'one', fault), startUpkeep(models, 'other', fault)];
    await hub.models.claims.take({
      subject: 'upkeep',
      holder: { id: 'dead', name: 'dead' },
      leaseMs: 1_000,
      stream: null,
    });
    expect([await one.round(), await other.round()]).toEqual([false, false]);
    hub.clock.nowMs += 1_000;
    expect([await one.round(), await other.round()]).toEqual([true, true]);
    expect(rounds).toEqual(['round', 'round']);
    await Promise.all([one.stop(), other.stop()]);
  });
});

describe('forgetting', () => {
  it('begins when the procedure has been over for the days of its kind, and not a moment before', async () => {
    hub.clock.nowMs = DEADLINE_MS + KEPT_MS - 1;
    // How many deeds there were is no procedure's, and of use for days only.
    await hub.models.retention.forgetOld();
    expect(await hub.models.retention.forgetOld()).toBe(0);
    expect((await hub.models.journal.heads([board]))[0]?.floor).toBe(0);
  });

  it('[J-7, S-3] keeps the state at the new floor: the past from there on is what it was, what lies before is refused by name', async () => {
    const [before] = await hub.models.journal.heads([board]);
    const lastSeq = before?.seq ?? 0;
    const last = await part({ seq: lastSeq });
    // What happens after the deadline is kept as long as the rest: one deed a day later.
    hub.clock.nowMs = DEADLINE_MS + 86_400_000;
    await hub.door.participations.declineAccess(
      hub.coordinator,
      { procedure: PROCEDURE, institution: 'i48-1' },
      { reason: 'номер' },
    );
    hub.clock.nowMs = DEADLINE_MS + KEPT_MS + 1;
    const municipal = boardStream(PROCEDURE, '48-m2');
    expect(await hub.models.retention.forgetOld()).toBeGreaterThan(1);

    const [head] = await hub.models.journal.heads([board]);
    expect([head?.floor, head?.seq]).toEqual([lastSeq, lastSeq + 1]);
    expect(await part({ seq: lastSeq })).toEqual(last);
    const now = (await hub.models.live.snapshot(listener(), board)).state;
    expect(await part({ seq: lastSeq + 1 })).toEqual(now);
    await expect(part({ seq: lastSeq - 1 })).rejects.toMatchObject({ code: 'past_gone' });
    await expect(part({ atMs: NOON_MS })).rejects.toMatchObject({
      code: 'past_gone',
      params: { sinceMs: DEADLINE_MS + 86_400_000 },
    });
    // A reader below the floor takes a snapshot instead of a range with a hole.
    await expect(hub.models.journal.read(board, lastSeq - 1, 10)).rejects.toMatchObject({ code: 'resnapshot' });
    expect((await hub.models.journal.read(board, lastSeq, 10)).map(({ q }) => q)).toEqual([lastSeq + 1]);
    expect((await hub.models.journal.heads([municipal]))[0]?.floor).toBeGreaterThan(0);
    expect(await hub.models.retention.forgetOld()).toBe(0);
  });

  it('finishes what a node that died had begun: a raised floor whose events are still there', async () => {
    const events = database.db('svod').collection('events');
    const left = {
      _id: { s: board, q: 1 },
      epoch: 'x',
      commandId: 'left',
      type: 'rowChanged',
      entity: 'e',
      rev: 1,
      atMs: 1,
    };
    await events.insertOne(left as never);
    await hub.models.retention.forgetOld();
    expect(await events.countDocuments({ '_id.s': board, '_id.q': 1 })).toBe(0);
  });
});

describe('a new epoch', () => {
  it('[J-6] voids every position, and the figures above are rolled up again', async () => {
    await hub.models.rollups.createSweeper()();
    const before = await heads().find({}).toArray();
    expect(await hub.models.journal.beginNewEpoch()).toBe(before.length);
    const after = await heads().find({}).toArray();
    expect(after.filter(({ _id, epoch }) => before.find((head) => head._id === _id)?.epoch === epoch)).toEqual([]);
    expect(after.map(({ seq }) => seq)).toEqual(before.map(({ seq }) => seq));
    const { position } = await hub.models.live.snapshot(listener(), board);
    expect(after.find(({ _id }) => _id === board)?.epoch).toBe(position.epoch);
    expect(await hub.models.rollups.createSweeper()()).toBeGreaterThan(0);
    expect(await hub.models.recounts.recountAll()).toBe(0);
  });
});

describe('a row that a dead node left behind', () => {
  it('is found by the call after the one that saw its stream stand still; what moves is left to the node that moves it', async () => {
    const quiet = await startTestHub();
    const store = await new MongoClient(quiet.storeUri).connect();
    try {
      await quiet.door.participations.register({ procedure: PROCEDURE, institution: 'i48-1', organizer: ORGANIZER });
      // The node has brought the row up to date by itself: nothing waits any more that could do what the sweep is to do.
      await expect
        .poll(async () => (await quiet.models.journal.counted([region]))[0]?.counters['registered'], {
          timeout: 20_000,
        })
        .toBe(1);
      const sweep = quiet.models.rollups.createSweeper();
      await sweep();
      // As a node does that commits and dies: the head is there, the row above is not.
      await store
        .db('svod')
        .collection<{ _id: string }>('heads')
        .updateOne({ _id: board }, { $inc: { seq: 1 } });
      expect(await sweep()).toBe(0);
      expect(await sweep()).toBeGreaterThan(0);
      expect(await sweep()).toBe(0);
    } finally {
      await store.close();
      await quiet.stop();
    }
  });
});
