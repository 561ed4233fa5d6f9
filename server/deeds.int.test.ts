/** The journal of deeds over a real store: every deed with its entry, sealed, read by the right eyes, and what a forger leaves behind. */
import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { MongoClient, type Db } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Anchor } from '#models/deeds/chain.ts';
import type { DeedKind, Origin } from '#models/deeds/deed.ts';
import { DEEDS_KEPT_DAYS } from '#models/deeds/deed.actions.ts';
import { createDeedStore, type DeedStore } from '#models/deeds/deed.store.ts';
import { verifyDeeds, type Verification } from '#models/deeds/verification.ts';
import { deedsStream } from '#models/journal/stream.ts';
import { DEADLINE_MS, NOON_MS, ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const SECRET = 'a secret that is only used in this test, long enough';
const DAY_MS = 86_400_000;

let hub: TestHub;
let client: MongoClient;
let db: Db;
let store: DeedStore;

beforeAll(async () => {
  hub = await startTestHub({ SVOD_SECRET: SECRET });
  client = await new MongoClient(hub.storeUri).connect();
  db = client.db();
  store = await createDeedStore(db);
});
afterAll(async () => {
  await client.close();
  await hub.stop();
});

const originOf = (id: string, name: string): Origin => ({
  person: { id, name },
  address: '192.0.2.7',
  agent: 'Firefox/130',
  device: 'desk',
  session: 'session-1',
});

/** Until nothing waits, whoever of the node's clock and this one seals it. */
async function sealed(): Promise<void> {
  while ((await store.unsealedCount()) > 0) await hub.models.deeds.sealNext();
}

const check = (anchors: readonly Anchor[] = []): Promise<Verification> =>
  verifyDeeds(db, store, {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    sign: (text) => createHmac('sha256', SECRET).update(text).digest('hex'),
    anchors,
  });

const kinds = async (): Promise<DeedKind[]> =>
  (await hub.door.deeds.page(hub.coordinator, {})).entries.map(({ kind }) => kind);

type Planted = Record<string, unknown> & { _id: unknown };
/** Plants something, looks, and puts everything back as it was. */
async function planted(plant: () => Promise<unknown>, anchors: readonly Anchor[] = []): Promise<Verification> {
  await sealed();
  const names = ['deeds', 'deedHead'] as const;
  const before = await Promise.all(names.map((name) => db.collection<Planted>(name).find().toArray()));
  await plant();
  const found = await check(anchors);
  for (const [index, name] of names.entries()) {
    await db.collection(name).deleteMany({});
    await db.collection<Planted>(name).insertMany(before[index] ?? []);
  }
  return found;
}
const deeds = () => db.collection<Planted>('deeds');

describe('every deed', () => {
  it('has its entry with who, from where, before and after, in the transaction that did it', async () => {
    const { coordinator, door } = hub;
    await door.from(originOf(coordinator.id, coordinator.name), () =>
      door.units.edit(coordinator, 'i48-1', { name: 'МБОУ СОШ № 101 имени Теста', shortName: '', zone: null }),
    );
    const { entries } = await door.deeds.page(coordinator, { kind: 'unit.edited' });
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({
      actor: coordinator.id,
      actorName: coordinator.name,
      address: '192.0.2.7',
      agent: 'Firefox/130',
      device: 'desk',
      session: 'session-1',
      within: ['48', '48-m1', 'i48-1'],
      differences: [{ field: 'name', before: 'МБОУ СОШ № 101', after: 'МБОУ СОШ № 101 имени Теста' }],
    });
  });

  it('leaves none when it is refused', async () => {
    const before = await kinds();
    await expect(
      hub.door.units.create(hub.coordinator, '48-m1', {
        id: 'i48-1',
        kind: 'institution',
        name: 'Ещё одна',
        shortName: '',
        zone: null,
      }),
    ).rejects.toThrow();
    expect(await kinds()).toEqual(before);
  });

  it('is told of an institution’s way through a monitoring, and of the people around it', async () => {
    const { coordinator, door } = hub;
    await hub.enrol('i48-2');
    const place = { procedure: PROCEDURE, institution: 'i48-3' };
    await door.participations.register({ ...place, organizer: ORGANIZER });
    await door.participations.declineAccess(coordinator, place, { reason: 'Не тот организатор' });
    const told = await kinds();
    for (const kind of [
      'registration.sent',
      'access.given',
      'access.taken',
      'access.declined',
      'session.opened',
      'role.given',
      'procedure.opened',
      'units.changed',
    ] satisfies DeedKind[])
      expect(told, kind).toContain(kind);
    const [declined] = (await door.deeds.page(coordinator, { kind: 'access.declined' })).entries;
    expect(declined?.differences).toContainEqual({ field: 'reason', before: null, after: 'Не тот организатор' });
  });

  it('that announces nothing is told too: a password by another, a second factor reset, guesses over the limit, ended sessions', async () => {
    const { coordinator, door, municipal } = hub;
    const [person] = municipal;
    const before = new Set((await door.deeds.page(coordinator, {})).entries.map(({ id }) => id));
    await door.safeguards.giveNewPassword(coordinator, person.id, 'ru');
    await door.safeguards.resetSecondFactor(coordinator, person.id, 'ru');
    await door.signIn.endAllSessions(person.id);
    for (let tries = 0; tries < 4; tries += 1)
      await door.signIn.begin({ username: person.username, password: 'guessed' }, new Headers()).catch(() => undefined);
    expect(await kinds()).not.toContain('session.refused');
    await door.signIn.begin({ username: person.username, password: 'guessed' }, new Headers()).catch(() => undefined);
    const { entries } = await door.deeds.page(coordinator, {});
    const told = entries.filter(({ id }) => !before.has(id));
    expect(told.map(({ kind, actor, subject }) => [kind, actor, subject]).sort()).toEqual(
      [
        ['password.given', coordinator.id, person.id],
        ['secondFactor.reset', coordinator.id, person.id],
        ['session.ended', person.id, person.id],
        ['session.refused', 'public', person.id],
      ].sort(),
    );
  });
});

describe('the journal of deeds', () => {
  it('is read by those who answer for a territory, and there only', async () => {
    const { door, municipal, coordinator } = hub;
    const { entries, unit } = await door.deeds.page(municipal[1], {});
    expect(unit.id).toBe('48-m2');
    expect(entries.length).toBeGreaterThan(0);
    expect(entries.filter(({ within }) => !within.includes('48-m2'))).toEqual([]);
    await expect(door.deeds.page(municipal[1], { unit: '48-m1' })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(door.deeds.page(municipal[1], { unit: 'nowhere' })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(door.deeds.page(await hub.person('i48-2'), {})).rejects.toMatchObject({ code: 'not_allowed' });
    const [foreign] = (await door.deeds.page(coordinator, { unit: '48-m1' })).entries;
    await expect(door.deeds.entry(municipal[1], foreign?.id ?? '')).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('is paged without a gap or a repetition, newest first, though moments are the same', async () => {
    const { door, coordinator } = hub;
    for (let count = 0; count < 60; count += 1) await door.deeds.noteExport(coordinator, ['48'], 'units', count);
    const seen: string[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await door.deeds.page(coordinator, { kind: 'export.taken', ...(after ? { after } : {}) });
      seen.push(...page.entries.map(({ id }) => id));
      after = page.next;
    }
    expect(seen).toHaveLength(60);
    expect(new Set(seen).size).toBe(60);
  });

  it('is narrowed by who, kind, unit and whole days of the territory’s zone', async () => {
    const { door, coordinator } = hub;
    const day = { from: '2013-11-20', to: '2013-11-20' };
    const all = async (search: object) => (await door.deeds.page(coordinator, search)).entries.length;
    expect(await all({ ...day, kind: 'unit.edited' })).toBe(1);
    expect(await all({ from: '2013-11-21', kind: 'unit.edited' })).toBe(0);
    expect(await all({ to: '2013-11-19', kind: 'unit.edited' })).toBe(0);
    expect(await all({ unit: '48-m2', kind: 'unit.edited' })).toBe(0);
    expect(await all({ who: coordinator.name.slice(0, 6).toLowerCase(), kind: 'unit.edited' })).toBe(1);
    expect(await all({ who: '.*', kind: 'unit.edited' })).toBe(0);
  });

  it('tells every territory above how many it has, after they were sealed', async () => {
    const { models, door, coordinator, municipal } = hub;
    await sealed();
    const total = async (unit: string) => (await models.deeds.total(unit)).state.total;
    const before = await total('48');
    const beforeOther = await total('48-m2');
    await door.deeds.noteExport(coordinator, ['48-m1'], 'units', 1);
    await sealed();
    expect([await total('48'), await total('48-m2')]).toEqual([before + 1, beforeOther]);
    const listener = { person: municipal[0], ticket: null };
    await expect(models.live.authorize(listener, deedsStream('48-m1'))).resolves.toBeUndefined();
    await expect(models.live.authorize(listener, deedsStream('48'))).rejects.toMatchObject({ code: 'not_allowed' });
  });
});

describe('the verification', () => {
  it('finds the journal whole, every event with its deed', async () => {
    await sealed();
    const found = await check();
    expect(found).toMatchObject({ broken: 0, first: null, unsealed: 0 });
    expect(found.entries).toBeGreaterThan(60);
    expect(found.events).toBeGreaterThan(5);
  });

  it('sees a changed entry', async () => {
    const found = await planted(() => deeds().updateOne({ n: 3 }, { $set: { actorName: 'Другой' } }));
    expect(found).toMatchObject({ broken: 1, first: { kind: 'entry_changed', at: '3' } });
  });

  it('sees a deleted entry', async () => {
    const found = await planted(() => deeds().deleteOne({ n: 3 }));
    expect(found.first).toEqual({ kind: 'entry_missing', at: '3' });
  });

  it('sees entries that changed places', async () => {
    const found = await planted(async () => {
      await deeds().updateOne({ n: 3 }, { $set: { n: -1 } });
      await deeds().updateOne({ n: 4 }, { $set: { n: 3 } });
      await deeds().updateOne({ n: -1 }, { $set: { n: 4 } });
    });
    expect(found.first?.at).toBe('3');
    expect(found.broken).toBeGreaterThan(1);
  });

  it('sees a tail that was cut off', async () => {
    const { head } = await check();
    const found = await planted(() => deeds().deleteMany({ n: { $gt: (head?.n ?? 0) - 2 } }));
    expect(found.first).toEqual({ kind: 'tail_missing', at: String((head?.n ?? 0) - 1) });
  });

  it('sees a tail that was cut off together with a head of the forger’s own', async () => {
    await sealed();
    const { head } = await check();
    const found = await planted(async () => {
      const n = (head?.n ?? 0) - 2;
      const last = await deeds().findOne({ n });
      await deeds().deleteMany({ n: { $gt: n } });
      await db.collection('deedHead').updateOne({}, { $set: { n, hash: last?.['hash'] } });
    });
    expect(found.first).toEqual({ kind: 'head_forged', at: String((head?.n ?? 0) - 2) });
  });

  it('misses a tail that was cut off together with an old head of the hub’s own: by the events, and by what was noted elsewhere', async () => {
    await sealed();
    const old = await db.collection<Planted>('deedHead').findOne({});
    const { n: oldN } = old as unknown as { n: number };
    await hub.door.participations.register({ procedure: PROCEDURE, institution: 'i48-4', organizer: ORGANIZER });
    await hub.door.deeds.noteExport(hub.coordinator, ['48'], 'units', 1);
    await sealed();
    const { head } = await check();
    if (!head || !old) throw new Error('no head');
    const cut = async (): Promise<void> => {
      await deeds().deleteMany({ n: { $gt: oldN } });
      await db.collection<Planted>('deedHead').replaceOne({}, old);
    };
    expect((await planted(cut)).first?.kind).toBe('deed_unwritten');
    expect((await planted(cut, [head])).first).toEqual({ kind: 'anchor_lost', at: String(head.n) });
  });

  it('sees an entry that was taken away before it had its place, by the events of its deed', async () => {
    await sealed();
    const command = await db.collection('events').findOne({ actor: 'public' });
    const found = await planted(async () => {
      // As if it had never been sealed: a chain without it is whole in itself.
      await deeds().updateMany(
        { n: { $gt: 0 } },
        { $unset: { n: true, prev: true, hash: true }, $set: { unsealed: true } },
      );
      await deeds().deleteOne({ _id: command?.['commandId'] as never });
      await db.collection<Planted>('deedHead').updateOne({}, { $set: { n: 0, hash: '0'.repeat(64) } });
    });
    expect(found.broken).toBeGreaterThan(0);
  });

  it('holds after old entries were forgotten, and what the floor of the events takes away breaks nothing', async () => {
    const keptMs = DEEDS_KEPT_DAYS * DAY_MS;
    hub.clock.nowMs = NOON_MS + 1;
    await hub.door.deeds.noteExport(hub.coordinator, ['48'], 'units', 2);
    await sealed();
    hub.clock.nowMs = NOON_MS + keptMs;
    await hub.models.deeds.forgetOld();
    expect((await check()).broken).toBe(0);
    hub.clock.nowMs = NOON_MS + 1 + keptMs;
    const before = await check();
    await hub.models.deeds.forgetOld();
    const after = await check();
    expect([after.broken, after.entries]).toEqual([0, 1]);
    expect(before.entries).toBeGreaterThan(after.entries);
    hub.clock.nowMs = DEADLINE_MS + 900 * DAY_MS;
    await hub.models.retention.forgetOld();
    expect((await check()).broken).toBe(0);
  });

  it('is a command that says where it broke and ends with 1', async () => {
    await sealed();
    const run = (...rest: string[]): Promise<{ code: number; said: Verification }> =>
      new Promise((resolve) => {
        const environment = { ...process.env, MONGODB_URI: hub.storeUri, SVOD_SECRET: SECRET, LOG_LEVEL: 'silent' };
        execFile(process.execPath, ['server/audit.ts', '--json', ...rest], { env: environment }, (error, stdout) => {
          resolve({ code: error ? Number(error.code) : 0, said: JSON.parse(stdout || '{}') as Verification });
        });
      });
    const whole = await run();
    expect(whole).toMatchObject({ code: 0, said: { broken: 0 } });
    const broken = await run('--anchor', `${(whole.said.head?.n ?? 0) + 1}:${'0'.repeat(64)}`);
    expect(broken).toMatchObject({ code: 1, said: { broken: 1, first: { kind: 'anchor_lost' } } });
  });
});
