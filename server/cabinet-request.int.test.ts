/** Asking for a cabinet and filling it, through the composition root: real store, a clock that the test holds. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyQueueFact, applyTicketFact } from '#models/account-request/account-request.ts';
import { applyCabinetsFact, applyInstitutionFact, COUNTED_FIELDS } from '#models/contextual-data/contextual-data.ts';
import { cabinetsStream, institutionStream, requestQueueStream, requestTicketStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import { NOON_MS, ORGANIZER, startTestHub, type TestHub } from './testing.ts';

const PASSWORD = 'long enough phrase';
const request = (institution: string) => ({
  institution,
  headName: 'Тестов Иван Иванович',
  letter: { number: '01-12/7', date: '2013-11-19' },
  coordinator: ORGANIZER,
});

let hub: TestHub;
let school: Person;

const queue = async () => (await hub.door.accountRequests.queue(hub.coordinator, '48')).state.requests;
const waiting = async (institution: string): Promise<string> =>
  (await queue()).find((one) => one.institution === institution && one.status === 'submitted')?.id ?? '';
const page = async (person: Person, institution: string) =>
  (await hub.door.contextualData.page(person, institution)).snapshot.state;
const row = async (institution: string, person = hub.coordinator) =>
  (await hub.door.contextualData.overview(person)).parts
    .flatMap(({ state }) => state.rows)
    .find((one) => one.institution === institution);

/** Asks, grants and takes a cabinet. */
async function connect(institution: string, username: string): Promise<Person> {
  const { ticket } = await hub.door.accountRequests.submit(request(institution));
  const id = await waiting(institution);
  const present = await hub.door.contextualData.coordinator(hub.coordinator, institution);
  await hub.door.accountRequests.issue(hub.coordinator, id, present);
  await hub.door.accountRequests.activate(ticket, { username, password: PASSWORD });
  return hub.person(username);
}

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.stop());

describe('a request for a cabinet', () => {
  it('[S0-09] is found by a part of the name, the code or the municipality, every word of it', async () => {
    const names = async (sought: string) =>
      (await hub.door.accountRequests.choices('48', sought)).found.map(({ id }) => id);
    expect(await names('сош 103')).toEqual(['i48-3']);
    expect(await names('I48-2')).toEqual(['i48-2']);
    expect(await names('округ 104')).toEqual(['i48-4']);
    expect(await names('   ')).toEqual([]);
    expect(await names('нет такой')).toEqual([]);
  });

  it('[S0-09] [S0-10] waits for the centre, opens nothing before, and only one at a time', async () => {
    const { ticket } = await hub.door.accountRequests.submit(request('i48-1'));
    expect((await hub.door.accountRequests.ticket(ticket)).state).toMatchObject({
      status: 'submitted',
      institutionName: 'МБОУ СОШ № 101',
    });
    const access = { username: 'school1', password: PASSWORD };
    await expect(hub.door.accountRequests.activate(ticket, access)).rejects.toMatchObject({ code: 'access_awaited' });
    await expect(hub.door.accountRequests.submit(request('i48-1'))).rejects.toMatchObject({
      code: 'request_pending',
      params: { atMs: NOON_MS },
    });
    expect(await row('i48-1')).toMatchObject({ connection: 'requested', isAwaiting: true });

    await hub.door.accountRequests.issue(hub.coordinator, await waiting('i48-1'), null);
    expect((await hub.door.accountRequests.ticket(ticket)).state.status).toBe('issued');
    expect(await row('i48-1')).toMatchObject({ connection: 'issued', isAwaiting: false });
    await hub.door.accountRequests.activate(ticket, access);
    school = await hub.person('school1');
    expect(school.assignments).toMatchObject([{ role: 'institutionCoordinator', unit: 'i48-1' }]);
    expect(await row('i48-1')).toMatchObject({ connection: 'connected', filled: COUNTED_FIELDS.length - 1 });
  });

  it('two at the same moment become one', async () => {
    const both = await Promise.allSettled([1, 2].map(() => hub.door.accountRequests.submit(request('i48-3'))));
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await queue()).filter(({ institution }) => institution === 'i48-3')).toHaveLength(1);
  });

  it('declined with a reason, it may be sent anew', async () => {
    const id = await waiting('i48-3');
    await hub.door.accountRequests.decline(hub.coordinator, id, { reason: 'Письмо без подписи' });
    await expect(hub.door.accountRequests.issue(hub.coordinator, id, null)).rejects.toMatchObject({
      code: 'request_decided',
      params: { status: 'declined' },
    });
    expect(await row('i48-3')).toMatchObject({ connection: 'none', isAwaiting: false });
    await hub.door.accountRequests.submit(request('i48-3'));
  });

  it('a lost address is replaced by a new one, and the old one opens nothing', async () => {
    const { ticket } = await hub.door.accountRequests.submit(request('i48-4'));
    const id = await waiting('i48-4');
    const renewed = await hub.door.accountRequests.renewTicket(hub.coordinator, id);
    await expect(hub.door.accountRequests.ticket(ticket)).rejects.toMatchObject({ code: 'not_found' });
    expect((await hub.door.accountRequests.ticket(renewed.ticket)).state.id).toBe(id);
  });

  it('refuses a letter of tomorrow and one of long ago, by the region’s own day', async () => {
    const dated = (date: string) => ({ ...request('i48-2'), letter: { number: '1', date } });
    await expect(hub.door.accountRequests.submit(dated('2013-11-21'))).rejects.toMatchObject({
      code: 'letter_date_wrong',
      params: { reason: 'future' },
    });
    await expect(hub.door.accountRequests.submit(dated('2011-11-19'))).rejects.toMatchObject({
      code: 'letter_date_wrong',
      params: { reason: 'old' },
    });
    await hub.door.accountRequests.submit(dated('2011-11-20'));
    await hub.door.accountRequests.decline(hub.coordinator, await waiting('i48-2'), { reason: 'Проверка' });
  });

  it('is decided by the region only: neither a municipality nor an institution sees it', async () => {
    const id = await waiting('i48-3');
    for (const person of [hub.municipal[1], school]) {
      await expect(hub.door.accountRequests.queue(person, '48')).rejects.toMatchObject({ code: 'not_allowed' });
      await expect(hub.door.accountRequests.queues(person)).rejects.toMatchObject({ code: 'not_allowed' });
      await expect(hub.door.accountRequests.issue(person, id, null)).rejects.toMatchObject({ code: 'not_allowed' });
      await expect(hub.door.accountRequests.decline(person, id, { reason: 'нет' })).rejects.toMatchObject({
        code: 'not_allowed',
      });
    }
  });
});

describe('the information of an institution', () => {
  it('[S0-12] is filled by its coordinator; the territory sees how far, and who changed what', async () => {
    const { data } = await page(school, 'i48-1');
    hub.clock.nowMs += 60_000;
    const fields = { ...data.fields, site: 'school101.example.org' };
    await hub.door.contextualData.edit(school, 'i48-1', { rev: data.rev, fields });
    expect(await row('i48-1', hub.municipal[0])).toMatchObject({ filled: COUNTED_FIELDS.length });
    const { changes } = await page(hub.municipal[0], 'i48-1');
    expect(changes.map(({ kind }) => kind)).toEqual(['edited', 'appointed']);
    expect(changes[0]).toMatchObject({
      byName: 'Тестова Тест Тестовна',
      atMs: NOON_MS + 60_000,
      fields: [{ field: 'site', before: '', after: 'school101.example.org' }],
    });
  });

  it('refuses to write over what was changed meanwhile', async () => {
    const { data } = await page(school, 'i48-1');
    const edit = (position: string) => ({ rev: data.rev, fields: { ...data.fields, position } });
    await hub.door.contextualData.edit(school, 'i48-1', edit('Директор'));
    await expect(hub.door.contextualData.edit(school, 'i48-1', edit('Завуч'))).rejects.toMatchObject({
      code: 'stale_write',
    });
    expect((await page(school, 'i48-1')).data.fields.position).toBe('Директор');
  });

  it('refuses what no field can hold, and what is no field', async () => {
    const { data } = await page(school, 'i48-1');
    const bad = { ...data.fields, phone: 'позвоните' };
    await expect(hub.door.contextualData.edit(school, 'i48-1', { rev: data.rev, fields: bad })).rejects.toMatchObject({
      code: 'bad_input',
      params: { field: 'phone', reason: 'digits' },
    });
    const more = { ...data.fields, role: 'administrator' };
    await expect(hub.door.contextualData.edit(school, 'i48-1', { rev: data.rev, fields: more })).rejects.toMatchObject({
      name: 'ZodError',
    });
  });

  it('is closed to another institution and another municipality, and changed by nobody but its own', async () => {
    const other = await connect('i48-2', 'school2');
    for (const person of [other, hub.municipal[1]])
      await expect(page(person, 'i48-1')).rejects.toMatchObject({ code: 'not_allowed' });
    const { data } = await page(hub.coordinator, 'i48-1');
    for (const person of [other, hub.coordinator, hub.municipal[0]])
      await expect(hub.door.contextualData.edit(person, 'i48-1', data)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.contextualData.overview(other)).rejects.toMatchObject({ code: 'not_allowed' });
    const municipal = await hub.door.contextualData.overview(hub.municipal[0]);
    expect(municipal.parts.map(({ state }) => state.name)).toEqual(['Округ № 1']);
  });
});

describe('the law of live state', () => {
  const apply: Record<string, (state: never, fact: never) => unknown> = {
    requestQueue: applyQueueFact,
    requestTicket: applyTicketFact,
    institution: applyInstitutionFact,
    cabinets: applyCabinetsFact,
  };

  /** Over the real streams: the old snapshots and the facts of a deed make the new snapshots. */
  async function holdsOver(requestId: string, ticket: () => string, deed: () => Promise<unknown>): Promise<void> {
    const look = () =>
      Promise.all(
        [
          requestQueueStream('48'),
          requestTicketStream(requestId),
          institutionStream('i48-1'),
          cabinetsStream('48-m1'),
        ].map((stream) => hub.models.live.snapshot({ person: hub.coordinator, ticket: ticket() }, stream)),
      );
    const before = await look();
    await deed();
    const after = await look();
    for (const [index, { stream, position, state }] of before.entries()) {
      const facts = await hub.models.journal.read(stream, position.seq, 100);
      const applied = facts.reduce<unknown>(
        (shown, fact) => apply[stream.split(':')[0] ?? '']?.(shown as never, fact as never),
        state,
      );
      expect(applied, stream).toEqual(after[index]?.state);
    }
  }

  it('holds for a new address, an edit, a refusal, an issue and a coordinator who comes', async () => {
    const own = await hub.person('school1');
    let { ticket } = await hub.door.accountRequests.submit(request('i48-1'));
    let id = await waiting('i48-1');
    const holds = (deed: () => Promise<unknown>) => holdsOver(id, () => ticket, deed);
    await holds(async () => {
      ({ ticket } = await hub.door.accountRequests.renewTicket(hub.coordinator, id));
    });
    const { data } = await page(own, 'i48-1');
    const fields = { ...data.fields, position: 'Учитель' };
    await holds(() => hub.door.contextualData.edit(own, 'i48-1', { rev: data.rev, fields }));
    await holds(() => hub.door.accountRequests.decline(hub.coordinator, id, { reason: 'Проверка' }));

    ({ ticket } = await hub.door.accountRequests.submit(request('i48-1')));
    id = await waiting('i48-1');
    await holds(() => hub.door.accountRequests.issue(hub.coordinator, id, 'Тестова Тест Тестовна'));
    await holds(() => hub.door.accountRequests.activate(ticket, { username: 'third', password: PASSWORD }));
  });
});

describe('one coordinator', () => {
  it('[S0-11] a second request names whom it replaces, ends his rights when it is issued, and keeps his term', async () => {
    await hub.door.accountRequests.submit(request('i48-1'));
    const id = await waiting('i48-1');
    expect(await hub.door.contextualData.coordinator(hub.coordinator, 'i48-1')).toBe('Тестова Тест Тестовна');
    // The centre was shown nobody: it can't take a cabinet away unseen.
    await expect(hub.door.accountRequests.issue(hub.coordinator, id, null)).rejects.toMatchObject({
      code: 'coordinator_changed',
    });
    await hub.door.accountRequests.issue(hub.coordinator, id, 'Тестова Тест Тестовна');
    const before = await hub.person('third');
    expect(before.assignments).toEqual([]);
    await expect(page(before, 'i48-1')).rejects.toMatchObject({ code: 'not_allowed' });

    const { ticket } = await hub.door.accountRequests.renewTicket(hub.coordinator, id);
    await hub.door.accountRequests.activate(ticket, { username: 'successor', password: PASSWORD });
    const { data, changes } = await page(await hub.person('successor'), 'i48-1');
    expect(data.appointments.map(({ untilMs }) => untilMs === null)).toEqual([false, false, true]);
    expect(changes.map(({ kind }) => kind).slice(0, 2)).toEqual(['appointed', 'ended']);
  });

  it('[S0-11] also when he was let in by a monitoring', async () => {
    const second = await hub.person('school2');
    const organizer = await hub.enrol('i48-2');
    expect((await hub.door.people.load(second.id))?.assignments).toEqual([]);
    expect(organizer.assignments).toMatchObject([{ role: 'institutionCoordinator', unit: 'i48-2' }]);
    expect(await row('i48-2')).toMatchObject({ connection: 'connected' });
  });
});
