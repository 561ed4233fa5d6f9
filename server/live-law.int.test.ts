/**
 * The law of live state, for every action: applying its facts to the old snapshot gives the new one; the journal alone gives it
 * too; and the counters of the head are those of the rows. With rollups, lists and the past, which all stand on it.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '#models/journal/journal.ts';
import {
  boardStream,
  cabinetStream,
  parseStream,
  registrationStream,
  rollupStream,
  type StreamId,
  type StreamKind,
} from '#models/journal/stream.ts';
import type { Listener } from '#models/live.ts';
import { headCounts, readHeadCounts, type BoardPart } from '#models/participation/board.ts';
import { participationId } from '#models/participation/participation.ts';
import type { Person } from '#models/people/person.ts';
import { sumCounts, type Rollup } from '#models/rollup/rollup.ts';
import { createStreamSources, type StreamSource } from '#models/streams.ts';
import { DEADLINE_MS, NOON_MS, ORGANIZER, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let school: Person;
const tickets = new Map<string, string>();
const place = (institution: string) => ({ procedure: PROCEDURE, institution });
const file = (name: string, isAttested: boolean) => {
  const content: Uint8Array = readFileSync(new URL(`../exchange/fixtures/${name}`, import.meta.url));
  return { name, bytes: content.length, content, isAttested };
};
const access = (username: string) => ({ username, password: 'long enough phrase' });

const board = (municipality: string) => boardStream(PROCEDURE, municipality);
const region = rollupStream(PROCEDURE, '48');
const registration = (institution: string) => registrationStream(participationId(PROCEDURE, institution));

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

const listenerOf = (stream: StreamId): Listener => ({
  person: hub.coordinator,
  ticket: tickets.get(stream) ?? null,
});
const snapshotOf = (stream: StreamId) => hub.models.live.snapshot(listenerOf(stream), stream);

/** What is looked at while nothing is written: the hub rolls up by itself meanwhile. */
async function undisturbed<T>(look: () => Promise<T>): Promise<T> {
  const heads = async () =>
    JSON.stringify(
      await Promise.all((['board', 'rollup', 'cabinet'] as const).map((kind) => hub.models.journal.countedOf(kind))),
    );
  for (;;) {
    const before = await heads();
    const seen = await look();
    if ((await heads()) === before) return seen;
  }
}

/** Everything that can be seen now: a cabinet or a registration only exists once somebody registered. */
async function everything(): Promise<Snapshot<unknown>[]> {
  const streams: StreamId[] = [board('48-m1'), board('48-m2'), region];
  for (const [stream] of tickets) {
    streams.push(stream as StreamId, cabinetStream(PROCEDURE, stream.split('/')[1] ?? ''));
  }
  return Promise.all(streams.map(snapshotOf));
}

async function holdsOver(act: () => Promise<unknown>): Promise<void> {
  const sources = createStreamSources({
    deeds: hub.models.deeds,
    participation: hub.models.participations,
    submission: hub.models.submissions,
    pushes: hub.models.pushes,
    rollups: hub.models.rollups,
    units: hub.models.units,
    accountRequest: hub.models.accountRequests,
    contextualData: hub.models.contextualData,
    credentials: hub.models.credentials,
    appointments: hub.models.appointments,
    publications: hub.models.publications,
    study: hub.models.study,
    scanningCentres: hub.models.scanningCentres,
    surveys: hub.models.surveys,
    rooms: hub.models.rooms,
    forum: hub.models.forum,
    scanning: hub.models.scanning,
    uploads: hub.models.uploads,
  });
  const before = await undisturbed(everything);
  await act();
  for (const old of before) {
    const { stream } = old;
    const parsed = parseStream(stream);
    if (!parsed) throw new Error(stream);
    const { apply } = sources[parsed.kind] as StreamSource<StreamKind>;
    const { events, now } = await undisturbed(async () => ({
      events: await hub.models.journal.read(stream, old.position.seq, 1_000),
      now: await snapshotOf(stream),
    }));
    const applied = events.reduce(apply, old.state);
    expect(applied, `facts over the old snapshot of ${stream}`).toEqual(now.state);
    expect(events.reduce(apply, applied), `facts applied twice in ${stream}`).toEqual(now.state);
  }
  const after = await undisturbed(async () => {
    const snapshots = await everything();
    return { snapshots, heads: await hub.models.journal.counted(snapshots.map(({ stream }) => stream)) };
  });
  for (const { stream, position, state } of after.snapshots) {
    const past = await hub.models.live.asAt(listenerOf(stream), stream, { seq: position.seq });
    expect(past.state, `replay of ${stream}`).toEqual(state);
    const kept = readHeadCounts(after.heads.find((head) => head.stream === stream)?.counters ?? {});
    if (stream.startsWith('board:'))
      expect(kept, `counters of ${stream}`).toEqual(headCounts((state as BoardPart).rows));
    if (stream.startsWith('rollup:')) expect(kept, `counters of ${stream}`).toEqual(sumCounts((state as Rollup).rows));
  }
}

async function register(institution: string): Promise<void> {
  const { ticket } = await hub.door.participations.register({ ...place(institution), organizer: ORGANIZER });
  tickets.set(registration(institution), ticket);
}
async function rolledUp(): Promise<Rollup> {
  while ((await hub.models.rollups.createSweeper()()) > 0);
  return (await hub.models.rollups.rollup(PROCEDURE, '48')).state;
}
async function submissionOf(institution: string, status: string): Promise<string> {
  const { state } = await hub.door.submissions.cabinet(hub.coordinator, place(institution));
  return state.submissions.find((submission) => submission.status === status)?.id ?? '';
}
async function processed(institution: string): Promise<void> {
  for (;;) {
    const { state } = await hub.door.submissions.cabinet(hub.coordinator, place(institution));
    if (['processed', 'failed'].includes(state.participation.progress.phase)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('the facts of a deed over the old snapshot give the new one', () => {
  it('of opening a monitoring, whose boards begin with their lists', async () => {
    expect((await rolledUp()).rows.map(({ unit, counts }) => [unit, counts.all])).toEqual([
      ['48-m1', 2],
      ['48-m2', 2],
    ]);
    await holdsOver(() => Promise.resolve());
  });

  it('[J-4] of registering, declining, giving access, a new link and taking the access', async () => {
    for (const institution of ['i48-1', 'i48-2', 'i48-3']) await holdsOver(() => register(institution));
    await holdsOver(() => hub.door.participations.declineAccess(hub.coordinator, place('i48-2'), { reason: 'номер' }));
    await holdsOver(() => hub.door.participations.giveAccess(hub.coordinator, place('i48-1')));
    await holdsOver(async () => {
      const { ticket } = await hub.door.participations.renewTicket(hub.coordinator, place('i48-1'));
      tickets.set(registration('i48-1'), ticket);
    });
    const ticket = tickets.get(registration('i48-1')) ?? '';
    await holdsOver(() => hub.door.participations.activate(ticket, access('i48-1')));
    school = await hub.person('i48-1');
  });

  it('of the template, a file, a refused one, one in its place, the tick, and the reading', async () => {
    await holdsOver(() => hub.door.submissions.template(school, place('i48-1'), 'xls'));
    await holdsOver(() => hub.door.submissions.send(school, place('i48-1'), file('good.xls', false)));
    await holdsOver(() =>
      hub.door.submissions.send(school, place('i48-1'), file('good.xls', false)).catch(() => undefined),
    );
    await holdsOver(() => hub.door.submissions.send(school, place('i48-1'), file('messy-good.xls', false)));
    await holdsOver(async () => {
      await hub.door.submissions.attest(school, place('i48-1'), await submissionOf('i48-1', 'uploaded'));
      await processed('i48-1');
    });
    await holdsOver(async () => {
      await hub.door.submissions.send(school, place('i48-1'), file('good.xls', true));
      await processed('i48-1');
    });
  });

  it('of rolling up', async () => {
    await holdsOver(rolledUp);
    const { rows } = await rolledUp();
    expect(rows.map(({ unit, counts }) => [unit, counts.registered, counts.report])).toEqual([
      ['48-m1', 2, 1],
      ['48-m2', 1, 0],
    ]);
  });

  it('of institutions that are added and renamed, and of a new municipality', async () => {
    await holdsOver(() =>
      hub.door.units.addInstitutionLines(
        hub.coordinator,
        '48',
        'Округ № 1;i48-1;МБОУ Гимназия № 101\nОкруг № 1;i48-5;МБОУ СОШ № 105\nОкруг № 3;i48-6;МБОУ СОШ № 106',
      ),
    );
    expect((await rolledUp()).rows.map(({ unit, counts }) => [unit, counts.all])).toEqual([
      ['48-m1', 3],
      ['48-m2', 2],
      ['48-m3', 1],
    ]);
    const { parts } = await hub.door.participations.board(hub.coordinator, PROCEDURE);
    expect(parts.map(({ state }) => [state.name, state.rows.map(({ name }) => name)])).toEqual([
      ['Округ № 1', ['МБОУ Гимназия № 101', 'МБОУ СОШ № 102', 'МБОУ СОШ № 105']],
      ['Округ № 2', ['МБОУ СОШ № 103', 'МБОУ СОШ № 104']],
      ['Округ № 3', ['МБОУ СОШ № 106']],
    ]);
  });
});

describe('a rollup', () => {
  it('is written once by two nodes that notice the same', async () => {
    await rolledUp();
    await register('i48-4');
    const [before] = await hub.models.journal.heads([region]);
    await Promise.all([1, 2, 3].map(() => hub.models.rollups.rollUp([board('48-m2')])));
    const [after] = await hub.models.journal.heads([region]);
    expect((after?.seq ?? 0) - (before?.seq ?? 0)).toBe(1);
  });

  it('[J-8] says at which sequence of the board it is true: a replay up to there counts the same', async () => {
    for (const row of (await rolledUp()).rows) {
      const { state } = await hub.models.live.asAt(listenerOf(region), board(row.unit), { seq: row.seq });
      expect(headCounts((state as BoardPart).rows)).toEqual(row.counts);
    }
  });

  it('is heard by the region, not by a municipality', async () => {
    const municipal: Listener = { person: hub.municipal[0], ticket: null };
    await expect(hub.models.live.authorize(municipal, region)).rejects.toMatchObject({ code: 'not_allowed' });
    await hub.models.live.authorize(listenerOf(region), region);
  });
});

describe('the past', () => {
  it('[S-3] shows every state the board went through, as it was then', async () => {
    const stream = board('48-m2');
    const { position } = await snapshotOf(stream);
    const registeredAt = await Promise.all(
      Array.from({ length: position.seq + 1 }, async (_, seq) => {
        const { state } = await hub.models.live.asAt(listenerOf(stream), stream, { seq });
        return headCounts((state as BoardPart).rows).registered;
      }),
    );
    expect(registeredAt).toEqual([0, 0, 1, 2]);
  });

  it('of a moment is after the last event recorded by then', async () => {
    const stream = board('48-m1');
    hub.clock.nowMs = NOON_MS + 60_000;
    await register('i48-5');
    const at = async (atMs: number) =>
      ((await hub.models.live.asAt(listenerOf(stream), stream, { atMs })).state as BoardPart).rows.find(
        ({ institution }) => institution === 'i48-5',
      )?.registeredAtMs;
    expect([await at(NOON_MS + 59_999), await at(NOON_MS + 60_000), await at(DEADLINE_MS)]).toEqual([
      null,
      NOON_MS + 60_000,
      NOON_MS + 60_000,
    ]);
    const { state } = await hub.models.live.asAt(listenerOf(stream), stream, { atMs: NOON_MS - 1 });
    expect((state as BoardPart).rows).toEqual([]);
  });

  it('is shown by the rights of now', async () => {
    const other: Listener = { person: hub.municipal[1], ticket: null };
    await expect(hub.models.live.asAt(other, board('48-m1'), { seq: 1 })).rejects.toMatchObject({
      code: 'not_allowed',
    });
    await expect(
      hub.models.live.asAt({ person: null, ticket: null }, board('48-m1'), { seq: 1 }),
    ).rejects.toMatchObject({ code: 'not_signed_in' });
  });
});
