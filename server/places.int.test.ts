/** Places of a study through a real store: the scanning centre of a region and who works there; the law of live state; what nobody may do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scanningCentreStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import {
  applyScanningCentreFact,
  REQUIREMENTS,
  type ScanningCentre,
  type ScanningCentreFact,
} from '#models/scanning-centre/scanning-centre.ts';
import { appointNewcomer } from './newcomer.ts';
import { startTestHub, type TestHub } from './testing.ts';

const PASSWORD = 'long enough phrase';
const REGION = 'r48';
const POINT = 's48-1';
const OTHER = 's48-2';

let hub: TestHub;
let federal: Person;
let authority: Person;
let regional: Person;
let foreign: Person;
let head: Person;

/** Whoever sets the tree up: its administrator, with the authority that appoints coordinators. */
const founder: Person = {
  ...{ id: 'founder', name: 'Администратор', username: 'founder' },
  assignments: [
    { role: 'administrator', unit: 'fed', path: '/fed/' },
    { role: 'authoritySpecialist', unit: 'fed', path: '/fed/' },
    { role: 'regionalCoordinator', unit: 'fed', path: '/fed/' },
  ],
};

beforeAll(async () => {
  hub = await startTestHub();
  await hub.door.units.createTop({ id: 'fed', kind: 'federation', name: 'Федерация', zone: 'Europe/Moscow' });
  const unit = (parent: string, id: string, kind: string, zone: string | null) =>
    hub.door.units.create(founder, parent, { id, kind, name: `Единица ${id}`, shortName: '', zone });
  for (const region of [REGION, 'r70']) await unit('fed', region, 'region', 'Europe/Moscow');
  await unit(REGION, 'c48-1', 'college', null);
  for (const point of [POINT, OTHER]) await unit(REGION, point, 'scanningCentre', null);
  await unit('r70', 's70-1', 'scanningCentre', null);
  const appoint = async (role: Parameters<typeof appointNewcomer>[2]['role'], at: string): Promise<Person> => {
    const username = `${role}-${at}`.toLowerCase();
    await appointNewcomer(hub.door.appointments, founder, {
      ...{ name: `Тестов ${username}`, username, password: PASSWORD, role, unit: at },
    });
    return hub.person(username);
  };
  federal = await appoint('federalCoordinator', 'fed');
  authority = await appoint('authoritySpecialist', REGION);
  regional = await appoint('regionalCoordinator', REGION);
  foreign = await appoint('regionalCoordinator', 'r70');
  head = await appoint('institutionHead', 'c48-1');
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
      ['r70', null],
    ]);
    expect((await centres().overview(foreign)).regions.map(({ id }) => id)).toEqual(['r70']);
    for (const other of [foreign, head]) await expect(snapshot(other)).rejects.toEqual(refused('not_allowed'));
    expect((await centres().region(federal, REGION)).points).toEqual([]);
    expect((await centres().region(regional, REGION)).points.map(({ id }) => id)).toEqual([POINT, OTHER]);
    const { entries } = await hub.door.deeds.page(regional, { unit: REGION, kind: 'scanning.confirmed' });
    expect(entries[0]).toMatchObject({ actor: authority.id, subject: REGION });
  });
});
