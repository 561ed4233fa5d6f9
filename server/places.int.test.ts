/**
 * Places of a study through real stores: the scanning centre of a region and who works there; the rooms of a college and who answers for each, on
 * two nodes; the law of live state; what nobody may do.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { roomsStream, scanningCentreStream, studyStream, type StreamId } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import {
  applyScanningCentreFact,
  REQUIREMENTS,
  type ScanningCentre,
  type ScanningCentreFact,
} from '#models/scanning-centre/scanning-centre.ts';
import { applyRoomsFact, countRooms, type RoomsFact, type RoomsPart } from '#models/room/room.ts';
import { applyStudyFact, type StudyFact, type StudyPart } from '#models/study/study.ts';
import {
  FOREIGN_REGION,
  openStudy,
  PASSWORD,
  publishSample,
  REGION,
  setUpFederation,
  STUDY,
} from './federation.testing.ts';
import type { RunningHub } from './hub.ts';
import { startSecondNode, startTestHub, type TestHub } from './testing.ts';

const POINT = 's48-1';
const OTHER = 's48-2';
const COLLEGES = ['c48-1', 'c48-2', 'c48-3'];

let hub: TestHub;
let federal: Person;
let authority: Person;
let regional: Person;
let foreign: Person;
let head: Person;
let otherHead: Person;

beforeAll(async () => {
  hub = await startTestHub();
  const { appoint } = await setUpFederation(hub, {
    ...{ colleges: COLLEGES, points: [POINT, OTHER], foreignPoints: ['s70-1'] },
  });
  federal = await appoint('federalCoordinator', 'fed');
  authority = await appoint('authoritySpecialist', REGION);
  regional = await appoint('regionalCoordinator', REGION);
  foreign = await appoint('regionalCoordinator', FOREIGN_REGION);
  head = await appoint('institutionHead', 'c48-1');
  otherHead = await appoint('institutionHead', 'c48-2');
  await openStudy(hub, federal, { subjects: ['Физика', 'Химия'] });
  await publishSample(hub, { federal, regional }, { colleges: COLLEGES, sample: ['c48-1', 'c48-2'], students: 20 });
  await hub.door.study.inform(regional, { procedure: STUDY, region: REGION }, null);
});
afterAll(() => hub.stop());

const refused = (code: string, params: object = {}): unknown =>
  expect.objectContaining({ code, params: expect.objectContaining(params) as unknown });

describe('the scanning centre of a region', () => {
  const stream = scanningCentreStream(REGION);
  const centres = () => hub.door.scanningCentres;
  const snapshot = (person: Person) => hub.models.live.snapshot({ person, ticket: null }, stream);
  const now = async (person = federal): Promise<ScanningCentre | null> =>
    (await snapshot(person)).state as ScanningCentre | null;
  const choose = async (by: Person, unit: string, rev?: number) =>
    centres().choose(by, REGION, { unit, sort: 'other', rev: rev ?? (await now())?.rev ?? 0 });
  const check = (by: Person, requirement: string, isMet = true, unit = POINT) =>
    centres().check(by, REGION, { requirement, isMet, unit });

  /** What a deed tells, applied to the state before, gives the state after; the journal alone gives it too. */
  async function holdsOver(act: () => Promise<unknown>): Promise<void> {
    const before = await snapshot(federal);
    await act();
    const events = await hub.models.journal.read(stream, before.position.seq, 1_000);
    const after = await snapshot(federal);
    const facts = events as unknown as ScanningCentreFact[];
    expect(facts.reduce(applyScanningCentreFact, before.state as ScanningCentre | null)).toEqual(after.state);
    const past = await hub.models.live.asAt({ person: federal, ticket: null }, stream, { seq: after.position.seq });
    expect(past.state).toEqual(after.state);
  }

  it('[S1-03] is named by its region among its own scanning points, and by nobody else', async () => {
    for (const other of [federal, foreign, head])
      await expect(choose(other, POINT, 0)).rejects.toEqual(refused('not_allowed'));
    await expect(check(authority, 'line')).rejects.toEqual(refused('scanning_unnamed'));
    for (const unfit of ['s70-1', 'c48-1', REGION])
      await expect(choose(authority, unfit)).rejects.toEqual(refused('bad_input', { field: 'unit' }));
    await holdsOver(() => choose(authority, POINT));
    await expect(choose(regional, OTHER, 0)).rejects.toEqual(refused('stale_write'));
    expect(await now()).toMatchObject({ unit: POINT, unitName: `Единица ${POINT}`, status: 'chosen' });
  });

  it('[S1-04] [G-04] has specialists whom the ОИВ alone appoints, there and nowhere else', async () => {
    const appoint = (by: Person, unit: string) =>
      hub.door.appointments.appoint(
        by,
        { role: 'scanningSpecialist', unit, name: 'Сканов Илья Петрович', channel: 'card' },
        'ru',
      );
    await expect(appoint(regional, POINT)).rejects.toEqual(refused('not_allowed'));
    for (const elsewhere of [OTHER, REGION])
      await expect(appoint(authority, elsewhere)).rejects.toEqual(
        refused('scanning_elsewhere', { name: `Единица ${POINT}` }),
      );
    await expect(check(regional, 'specialist')).rejects.toEqual(refused('scanning_specialist_absent'));
    const { code } = await appoint(authority, POINT);
    await expect(check(regional, 'specialist')).rejects.toEqual(refused('scanning_specialist_absent'));
    await hub.door.appointments.accept(code ?? '', { username: 'scanner', password: PASSWORD });
    await holdsOver(() => check(regional, 'specialist'));
  });

  it('[S1-03] is fit when every requirement is met and somebody of the region says so; with one less it is not', async () => {
    await expect(check(federal, 'line')).rejects.toEqual(refused('not_allowed'));
    await check(regional, 'line');
    await expect(centres().confirm(regional, REGION, POINT)).rejects.toEqual(refused('scanning_unmet', { count: 4 }));
    // Two people look at different things at the same moment: neither loses.
    await Promise.all(
      REQUIREMENTS.map((requirement, index) => check(index % 2 === 0 ? authority : regional, requirement)),
    );
    await holdsOver(() => centres().confirm(authority, REGION, POINT));
    expect(await now()).toMatchObject({ status: 'fit', confirmed: { byName: authority.name } });
    await holdsOver(() => check(regional, 'line', false));
    expect(await now()).toMatchObject({ status: 'chosen' });
    await holdsOver(() => choose(authority, OTHER));
    expect((await now())?.met).toEqual([]);
    await expect(check(regional, 'line')).rejects.toEqual(refused('stale_write'));
  });

  it('[S1-03] is seen by those above for all regions, by the region for itself; its deeds are told', async () => {
    const seen = (await centres().overview(federal)).regions.map(({ id, centre }) => [id, centre.state?.unit ?? null]);
    expect(seen).toEqual([
      [REGION, OTHER],
      [FOREIGN_REGION, null],
    ]);
    expect((await centres().overview(foreign)).regions.map(({ id }) => id)).toEqual([FOREIGN_REGION]);
    for (const other of [foreign, head]) await expect(snapshot(other)).rejects.toEqual(refused('not_allowed'));
    expect((await centres().region(federal, REGION)).points).toEqual([]);
    expect((await centres().region(regional, REGION)).points.map(({ id }) => id)).toEqual([POINT, OTHER]);
    const { entries } = await hub.door.deeds.page(regional, { unit: REGION, kind: 'scanning.confirmed' });
    expect(entries[0]).toMatchObject({ actor: authority.id, subject: REGION });
  });
});

describe('the rooms of a college', () => {
  const at = (college = 'c48-1') => ({ procedure: STUDY, college });
  const rooms = () => hub.door.rooms;
  const streams: StreamId[] = [roomsStream(STUDY, 'c48-1'), studyStream(STUDY, REGION)];
  const snapshot = (name: StreamId, person = federal) => hub.models.live.snapshot({ person, ticket: null }, name);
  const part = async (): Promise<RoomsPart> => (await rooms().part(federal, STUDY, 'c48-1')).state;
  const counts = async (college = 'c48-1'): Promise<number[]> => {
    const { state } = await hub.door.study.part(regional, STUDY, REGION);
    const line = state.rooms.find((one) => one.college === college);
    const { rooms: all, organized, invited } = countRooms(line?.rooms ?? [], hub.clock.nowMs);
    return [all, organized, invited];
  };
  const add = async (name: string, more: object = {}, by = head, college = 'c48-1'): Promise<string> =>
    (await rooms().add(by, at(college), { name, isConditional: false, subject: 'Физика', seats: 12, ...more })).room;
  const roomCalled = async (name: string) => {
    const found = (await part()).rooms.find((room) => room.name === name);
    if (!found) throw new Error(`no room ${name}`);
    return found;
  };
  const asking = (room: string, name: string, more: object = {}) => ({
    ...{ role: 'roomOrganizer', unit: 'c48-1', procedure: STUDY, room, name, channel: 'card' },
    ...{ isEmployee: true, subjects: [] as string[], ...more },
  });
  const appoint = (room: string, name: string, more: object = {}, by = head) =>
    hub.door.appointments.appoint(by, asking(room, name, more), 'ru');
  const join = async (room: string, name: string, username: string, more: object = {}): Promise<string> => {
    const { appointment, code } = await appoint(room, name, more);
    await hub.door.appointments.accept(code ?? '', { username, password: PASSWORD });
    return appointment;
  };

  /** What a deed tells, applied to the states before, gives the states after; the journal alone gives them too. */
  async function holdsOver(act: () => Promise<unknown>): Promise<void> {
    const before = await Promise.all(streams.map((name) => snapshot(name)));
    await act();
    for (const { stream, position, state } of before) {
      const events = await hub.models.journal.read(stream, position.seq, 1_000);
      const applied = stream.startsWith('rooms:')
        ? (events as unknown as RoomsFact[]).reduce(applyRoomsFact, state as RoomsPart)
        : (events as unknown as StudyFact[]).reduce(applyStudyFact, state as StudyPart);
      const after = await snapshot(stream);
      expect(applied, stream).toEqual(after.state);
      const past = await hub.models.live.asAt({ person: federal, ticket: null }, stream, { seq: after.position.seq });
      expect(past.state, `replay of ${stream}`).toEqual(after.state);
    }
  }

  it('[S1-08] are stated by the college itself, once it was told of the study', async () => {
    for (const other of [federal, regional, foreign, otherHead])
      await expect(add('101', {}, other)).rejects.toEqual(refused('not_allowed'));
    await expect(rooms().part(federal, STUDY, 'c48-3')).rejects.toEqual(refused('not_found'));
    await expect(add('101', { subject: 'Пение' })).rejects.toEqual(refused('bad_input', { field: 'subject' }));
    await holdsOver(() => add('101'));
    await add('Условная 1', { isConditional: true });
    await add('204', { subject: 'Химия' });
    await expect(add('101')).rejects.toEqual(refused('room_name_taken', { room: '101' }));
    expect(await counts()).toEqual([3, 0, 0]);
    await expect(snapshot(roomsStream(STUDY, 'c48-1'), otherHead)).rejects.toEqual(refused('not_allowed'));
    const { id, rev } = await roomCalled('204');
    await holdsOver(() =>
      rooms().edit(head, at(), id, { name: '205', isConditional: false, subject: 'Химия', seats: 9, rev }),
    );
    await expect(
      rooms().edit(head, at(), id, { name: '206', isConditional: false, subject: 'Химия', seats: 9, rev }),
    ).rejects.toEqual(refused('stale_write'));
  });

  it('[S1-08] [S1-09] [S1-10] [G-01] refuse whoever is no employee, has a room already, or is a specialist, by name', async () => {
    const { id: physics } = await roomCalled('101');
    const { id: conditional } = await roomCalled('Условная 1');
    const { id: chemistry } = await roomCalled('205');
    await expect(appoint(physics, 'Чужая Вера', {}, regional)).rejects.toEqual(refused('not_allowed'));
    await expect(appoint(physics, 'Чужая Вера', { isEmployee: false })).rejects.toEqual(
      refused('room_not_employee', { name: 'Чужая Вера' }),
    );
    await hub.door.appointments.appoint(
      regional,
      {
        ...{ role: 'independentObserver', unit: 'c48-1', name: 'Смотров Пётр', channel: 'card' },
        category: 'qualityCentre',
      },
      'ru',
    );
    await expect(appoint(physics, 'Смотров Петр')).rejects.toEqual(refused('room_not_employee'));
    await expect(appoint(physics, 'Физикова Анна', { subjects: ['Физика'] })).rejects.toEqual(
      refused('room_specialist', { name: 'Физикова Анна', room: '101', subject: 'Физика' }),
    );
    for (const wanting of [{ procedure: null }, { room: null }])
      await expect(appoint(physics, 'Никто', wanting)).rejects.toEqual(refused('bad_input', { reason: 'missing' }));
    await expect(appoint('absent', 'Никто')).rejects.toEqual(refused('room_gone'));
    await holdsOver(() => join(chemistry, 'Физикова Анна', 'fizikova', { subjects: ['Физика'] }));
    await expect(appoint(conditional, 'Физикова Анна')).rejects.toEqual(
      refused('room_second', { name: 'Физикова Анна', room: '205' }),
    );
    await expect(appoint(chemistry, 'Другая Анна')).rejects.toEqual(
      refused('room_taken', { room: '205', name: 'Физикова Анна' }),
    );
    expect(await counts()).toEqual([3, 1, 0]);
    // What is studied there changes only for who is no specialist in it.
    const { rev } = await roomCalled('205');
    await expect(
      rooms().edit(head, at(), chemistry, { name: '205', isConditional: false, subject: 'Физика', seats: 9, rev }),
    ).rejects.toEqual(refused('room_specialist'));
  });

  it('[S1-09] let one of two appointments in, whichever node they come to; nobody takes a second room by another way', async () => {
    const second: RunningHub = await startSecondNode(hub);
    try {
      const { id: physics } = await roomCalled('101');
      const { id: conditional } = await roomCalled('Условная 1');
      const outcome = (deeds: Promise<unknown>[]) =>
        Promise.allSettled(deeds).then((all) =>
          all.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as { code: string }).code)).toSorted(),
        );
      const on = (door: RunningHub['door'], room: string, name: string) =>
        door.appointments.appoint(head, asking(room, name), 'ru');
      // Two people to one room.
      expect(await outcome([on(hub.door, physics, 'Первая Вера'), on(second.door, physics, 'Вторая Вера')])).toEqual([
        'done',
        'seat_invited',
      ]);
      // One person to two rooms.
      const { id: spare } = { id: await add('301') };
      expect(await outcome([on(hub.door, conditional, 'Третья Вера'), on(second.door, spare, 'Третья Вера')])).toEqual([
        'done',
        'room_second',
      ]);
      // A room goes while somebody is appointed to it: whoever is second is told.
      const third = await add('302');
      const removing = rooms().remove(head, at(), third, { organizer: 'none' });
      const [one, two] = await Promise.allSettled([removing, on(second.door, third, 'Четвёртая Вера')]);
      expect([one.status, two.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      // The same account takes a room of another college, by whatever name it was invited.
      const elsewhere = await add('11', {}, otherHead, 'c48-2');
      const { code } = await hub.door.appointments.appoint(
        otherHead,
        { ...asking(elsewhere, 'Совсем Другая'), unit: 'c48-2' },
        'ru',
      );
      const person = await hub.person('fizikova');
      await expect(second.door.appointments.takeOver(person, code ?? '')).rejects.toEqual(refused('room_second'));
    } finally {
      await second.stop();
    }
  });

  it('[S1-09] [S1-36] follow their organizers: replaced, recalled, moved with the room that goes', async () => {
    const { id: chemistry, organizers } = await roomCalled('205');
    const [present] = organizers;
    await holdsOver(() => join(chemistry, 'Сменова Анна', 'smenova', { replaces: present?.appointment }));
    expect((await roomCalled('205')).organizers.map(({ name }) => name)).toEqual(['Сменова Анна']);
    const { rows } = (await hub.door.appointments.part(head, 'c48-1')).state;
    const past = rows
      .filter(({ room }) => room?.id === chemistry)
      .map(({ name, ended }) => [name, ended?.cause ?? null]);
    expect(past.toSorted()).toEqual([
      ['Сменова Анна', null],
      ['Физикова Анна', 'replaced'],
    ]);
    await expect(rooms().remove(head, at(), chemistry, { organizer: 'none' })).rejects.toEqual(
      refused('room_occupied', { room: '205', name: 'Сменова Анна' }),
    );
    // Its own: of two who raced above, either may have got the other.
    const spare = await add('303');
    await holdsOver(() => rooms().remove(head, at(), chemistry, { organizer: 'move', to: spare }));
    expect((await roomCalled('303')).organizers.map(({ name, isTaken }) => [name, isTaken])).toEqual([
      ['Сменова Анна', true],
    ]);
    const moved = (await hub.door.appointments.part(head, 'c48-1')).state.rows.find(
      ({ name }) => name === 'Сменова Анна',
    );
    expect(moved?.room).toMatchObject({ id: spare, name: '303' });
    await holdsOver(() => hub.door.appointments.end(head, moved?.id ?? '', { reason: 'заболела' }));
    expect((await roomCalled('303')).organizers).toEqual([]);
    await join(spare, 'Последняя Анна', 'last');
    const kept = (await counts()).slice(0, 2);
    await holdsOver(() => rooms().remove(head, at(), spare, { organizer: 'recall', reason: 'класс закрыт' }));
    expect((await counts()).slice(0, 2)).toEqual(kept.map((count) => count - 1));
    const { entries } = await hub.door.deeds.page(regional, { unit: 'c48-1', kind: 'room.removed' });
    expect(JSON.stringify(entries)).toContain('Последняя Анна');
  });
});

describe('access data of a study', () => {
  it('[S1-32] are made for the sample that is published, and for no other college', async () => {
    const start = (by: Person, more: object = {}) =>
      hub.door.credentialBatches.start(by, {
        ...{
          unit: REGION,
          title: 'Исследование СПО',
          route: 'survey',
          instructions: '',
          codes: null,
          study: STUDY,
          ...more,
        },
      });
    await expect(start(foreign)).rejects.toEqual(refused('not_allowed'));
    await expect(start(foreign, { unit: FOREIGN_REGION })).rejects.toEqual(refused('sample_empty'));
    await expect(start(regional, { study: 'attendance-48-2012' })).rejects.toEqual(refused('not_found'));
    // Whatever codes come along, the sample decides.
    const { batch } = await start(regional, { codes: 'c48-3' });
    const { state } = await hub.door.credentials.batch(regional, batch);
    expect(state).toMatchObject({ route: 'study', total: 2 });
    for (let tried = 0; (await hub.door.credentials.batch(regional, batch)).state.status !== 'written'; tried += 1) {
      if (tried > 600) throw new Error('the accesses were not made');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { rows } = (await hub.door.credentials.part(regional, REGION)).state;
    expect(rows.map(({ institution }) => institution)).toEqual(['c48-1', 'c48-2']);
  });
});
