/** Appointments through the composition root: inviting, taking, replacing, ending, and a day that passes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appointmentsStream, boardStream } from '#models/journal/stream.ts';
import { INVITATION_LIFE_MS, type AppointmentsPart } from '#models/people/appointment.ts';
import type { Person } from '#models/people/person.ts';
import { TestPage, until } from '#realtime/hub/live-hub.testing.ts';
import { appointNewcomer } from './newcomer.ts';
import { NOON_MS, PROCEDURE, startTestHub, type TestHub } from './testing.ts';

const PASSWORD = 'long enough phrase';
/** The first moment of 21.11.2013 in Moscow (UTC+4 then). */
const MIDNIGHT_MS = Date.UTC(2013, 10, 20, 20);
let hub: TestHub;
const pages: TestPage[] = [];

const refusal = (deed: Promise<unknown>): Promise<unknown> =>
  deed.then(
    () => null,
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );
const appoint = (by: Person, more: Record<string, unknown>) =>
  hub.door.appointments.appoint(
    by,
    { role: 'municipalCoordinator', unit: '48-m1', name: 'Белова Ирина Сергеевна', channel: 'card', ...more },
    'ru',
  );
const part = async (unit: string): Promise<AppointmentsPart> =>
  (await hub.door.appointments.part(hub.coordinator, unit)).state;
const codeOf = ({ code }: { code: string | null }): string => code ?? '';

async function open(username: string): Promise<TestPage> {
  const { cookies } = await hub.door.signIn.begin({ username, password: PASSWORD }, new Headers());
  const page = new TestPage(hub.url, cookies.map((line) => line.split(';')[0]).join('; '));
  pages.push(page);
  return page.connected();
}

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(async () => {
  for (const { socket } of pages) socket.disconnect();
  await hub.stop();
});

describe('an invitation', () => {
  it('is taken once with a name and a password of one’s own, and then signs in with the right', async () => {
    const code = codeOf(await appoint(hub.coordinator, {}));
    expect(await hub.door.appointments.invitation(code)).toMatchObject({
      role: 'municipalCoordinator',
      unitName: 'Округ № 1',
    });
    expect(await refusal(hub.door.appointments.accept(code, { username: 'belova', password: 'short' }))).toBe(
      'password_short',
    );
    await hub.door.appointments.accept(code.toLowerCase().replaceAll('-', ' '), {
      username: 'belova',
      password: PASSWORD,
    });
    expect((await hub.person('belova')).assignments).toMatchObject([{ role: 'municipalCoordinator', unit: '48-m1' }]);
    expect(await refusal(hub.door.appointments.invitation(code))).toBe('invitation_used');
    expect(await refusal(hub.door.appointments.accept(code, { username: 'other', password: PASSWORD }))).toBe(
      'invitation_used',
    );
  });

  it('can be repeated after a crash between the account and the appointment', async () => {
    const made = await appoint(hub.coordinator, { name: 'Половинкина Анна' });
    // The account is there, as a crash after it would leave it: the same link finishes it, with the same owner.
    const once = hub.door.appointments.accept(codeOf(made), { username: 'half', password: PASSWORD });
    const twice = hub.door.appointments.accept(codeOf(made), { username: 'half', password: PASSWORD });
    const outcomes = await Promise.allSettled([once, twice]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
    expect((await hub.person('half')).assignments).toHaveLength(1);
  });

  it('says of itself that it was withdrawn, renewed or has expired', async () => {
    const first = await appoint(hub.coordinator, { name: 'Переменная Анна' });
    const second = await hub.door.appointments.inviteAgain(hub.coordinator, first.appointment, 'card', 'ru');
    expect(await refusal(hub.door.appointments.invitation(codeOf(first)))).toBe('invitation_revoked');
    hub.clock.nowMs += INVITATION_LIFE_MS;
    expect(await refusal(hub.door.appointments.invitation(codeOf(second)))).toBe('invitation_expired');
    const third = await hub.door.appointments.inviteAgain(hub.coordinator, first.appointment, 'card', 'ru');
    await hub.door.appointments.end(hub.coordinator, first.appointment, { reason: 'ошиблись' });
    expect(await refusal(hub.door.appointments.invitation(codeOf(third)))).toBe('invitation_revoked');
    expect(await refusal(hub.door.appointments.invitation('AAAA-AAAA'))).toBe('not_found');
    hub.clock.nowMs = NOON_MS;
  });

  it('goes by letter, which only those read who look after the territory', async () => {
    const made = await appoint(hub.coordinator, {
      ...{ name: 'Письменная Вера', email: 'vera@example.org', channel: 'letter' },
    });
    expect(made.code).toBeNull();
    const letter = (await hub.door.letters.list(hub.coordinator)).find(({ to }) => to === 'vera@example.org');
    const text = letter?.status === 'kept' ? letter.text : '';
    expect(letter?.subject).toContain('Муниципальный координатор');
    const code = /\/invitation\/([\w-]+)/.exec(text)?.[1] ?? '';
    expect(await hub.door.appointments.invitation(code)).toMatchObject({ name: 'Письменная Вера' });
  });

  it('is kept as a hash only', async () => {
    const code = codeOf(await appoint(hub.coordinator, { name: 'Тайная Анна' }));
    expect(JSON.stringify(await part('48-m1'))).not.toContain(code);
  });

  it('adds to the account of somebody who is signed in', async () => {
    const [first] = hub.municipal;
    const made = await appoint(hub.coordinator, { name: 'Тестов okrug1', unit: '48-m2' });
    await hub.door.appointments.takeOver(first, codeOf(made));
    expect((await hub.person('okrug1')).assignments.map(({ unit }) => unit).sort()).toEqual(['48-m1', '48-m2']);
    expect((await hub.door.appointments.own(first)).map(({ unit }) => unit).sort()).toEqual(['48-m1', '48-m2']);
    await hub.recall(first.id, '48-m2');
  });
});

describe('who appoints', () => {
  it('[G-04] is the authority for a region’s coordinator, once it is there; until then an administrator, the first', async () => {
    const contacts = { phone: '+7 000 000-00-00', email: 'new@example.org' };
    const regional = { role: 'regionalCoordinator', unit: '48', name: 'Новая Анна', procedure: PROCEDURE, ...contacts };
    const made = await appoint(hub.coordinator, regional);
    await hub.door.appointments.end(hub.coordinator, made.appointment, { reason: 'ошиблись' });
    await appointNewcomer(hub.door.appointments, hub.coordinator, {
      ...{ name: 'Ведомственная Анна', username: 'authority', password: PASSWORD },
      ...{ role: 'authoritySpecialist', unit: '48' },
    });
    expect(await refusal(appoint(hub.coordinator, regional))).toBe('first_only');
    const authority = await hub.person('authority');
    // [S1-01] One for the region: the present one is named, and goes when the new one comes.
    expect(await refusal(appoint(authority, { ...regional, procedure: null }))).toBe('seat_taken');
    const present = (await part('48')).rows.find(
      ({ role, status, procedure }) => role === 'regionalCoordinator' && status === 'appointed' && procedure === null,
    );
    const next = await appoint(authority, { ...regional, procedure: null, replaces: present?.id });
    expect((await hub.person('centre')).assignments.map(({ role }) => role)).toContain('regionalCoordinator');
    await hub.door.appointments.accept(codeOf(next), { username: 'successor', password: PASSWORD });
    expect((await hub.person('centre')).assignments.map(({ role }) => role)).toEqual(['administrator']);
    expect((await hub.person('successor')).assignments.map(({ role }) => role)).toEqual(['regionalCoordinator']);
    const gone = (await part('48')).rows.find(({ id }) => id === present?.id);
    expect(gone?.ended).toMatchObject({ cause: 'replaced', by: authority.name, reason: 'Новая Анна' });
  });

  it('appoints nobody beyond his territory, nor to what is not his matter', async () => {
    const [first] = hub.municipal;
    expect(await refusal(appoint(first, { unit: '48-m1' }))).toBe('not_allowed');
    expect(await refusal(appoint(first, { role: 'institutionHead', unit: 'i48-3', name: 'Чужой Иван' }))).toBe(
      'not_allowed',
    );
    expect(await refusal(appoint(first, { role: 'institutionHead', unit: 'i48-1', name: 'Свой Иван' }))).toBeNull();
  });

  it('[S0-11] the head appoints the coordinator, who is the one; a cabinet given later takes his place', async () => {
    const [, second] = hub.municipal;
    await appointNewcomer(hub.door.appointments, second, {
      ...{ name: 'Директорова Анна Ивановна', username: 'head', password: PASSWORD },
      ...{ role: 'institutionHead', unit: 'i48-4' },
    });
    const head = await hub.person('head');
    await appointNewcomer(hub.door.appointments, head, {
      ...{ name: 'Завучева Вера Павловна', username: 'own-coordinator', password: PASSWORD },
      ...{ role: 'institutionCoordinator', unit: 'i48-4' },
    });
    const { snapshot } = await hub.door.contextualData.page(head, 'i48-4');
    expect(snapshot.state.data.fields).toMatchObject({
      surname: 'Завучева',
      firstName: 'Вера',
      patronymic: 'Павловна',
    });
    await hub.enrol('i48-4');
    expect((await hub.person('own-coordinator')).assignments).toEqual([]);
    const { rows } = (await hub.door.appointments.part(head, 'i48-4')).state;
    const coordinators = rows.filter(({ role }) => role === 'institutionCoordinator');
    expect(coordinators.map(({ status }) => status).sort()).toEqual(['appointed', 'ended']);
    // Recalled, nobody coordinates, and the page of the institution says so.
    const present = coordinators.find(({ status }) => status === 'appointed');
    await hub.door.appointments.end(head, present?.id ?? '', { reason: 'перешла в другую школу' });
    const later = (await hub.door.contextualData.page(head, 'i48-4')).snapshot.state.data.appointments;
    expect(later.every(({ untilMs }) => untilMs !== null)).toBe(true);
  });

  it('never leaves the hub without an administrator', async () => {
    const administrator = await hub.person('centre');
    const own = (await hub.door.appointments.own(administrator)).find(
      ({ role, status }) => role === 'administrator' && status === 'appointed',
    );
    expect(await refusal(hub.door.appointments.end(administrator, own?.id ?? '', { reason: 'устал' }))).toBe(
      'administrator_last',
    );
  });
});

describe('the days of an appointment', () => {
  it('[A-2] end it by the clock: the open page goes dark, and nobody had to tell', async () => {
    const authority = await hub.person('successor');
    const made = await appoint(authority, { name: 'Временная Анна', to: '2013-11-20' });
    await hub.door.appointments.accept(codeOf(made), { username: 'temporary', password: PASSWORD });
    // A minute before midnight of the region: the session itself goes on.
    hub.clock.nowMs = MIDNIGHT_MS - 60_000;
    const page = await open('temporary');
    const streams = [boardStream(PROCEDURE, '48-m1'), appointmentsStream('48-m1')];
    expect(await page.subscribe(streams)).toMatchObject({ ok: true, refused: [] });
    hub.clock.nowMs = MIDNIGHT_MS;
    await until('both are revoked', () => page.revoked.length === 2);
    expect(page.revoked.map(({ code }) => code)).toEqual(['not_allowed', 'not_allowed']);
    expect((await hub.person('temporary')).assignments).toEqual([]);
    hub.clock.nowMs = NOON_MS;
  });

  it('begin it by the clock', async () => {
    const authority = await hub.person('successor');
    const made = await appoint(authority, { name: 'Будущая Анна', from: '2013-11-21' });
    await hub.door.appointments.accept(codeOf(made), { username: 'coming', password: PASSWORD });
    expect(await hub.person('coming')).toMatchObject({ assignments: [], changesAtMs: MIDNIGHT_MS });
    hub.clock.nowMs = MIDNIGHT_MS;
    expect((await hub.person('coming')).assignments).toHaveLength(1);
    hub.clock.nowMs = NOON_MS;
  });

  it('stand in one part each: what is read of a territory is what its facts make of nothing', async () => {
    const authority = await hub.person('successor');
    for (const { stream, position, state } of (await hub.door.appointments.overview(authority, null)).parts)
      expect((await hub.models.live.asAt({ person: authority, ticket: null }, stream, position)).state).toEqual(state);
  });

  it('are a fact like any other: the territory’s open page changes by it', async () => {
    const page = await open('successor');
    await page.subscribe([appointmentsStream('48-m1')]);
    const authority = await hub.person('successor');
    await appoint(authority, { name: 'Живая Анна' });
    await until('the fact', () => page.frames.length > 0);
    expect(JSON.stringify(page.frames)).toContain('Живая Анна');
  });
});
