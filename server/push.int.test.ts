/** Web push over a real store and a push service on a socket, whose devices read what they are sent. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AttentionInput } from '#models/forum/attention/attention.ts';
import type { Snapshot } from '#models/journal/journal.ts';
import type { Person } from '#models/people/person.ts';
import { pushDevicesStream } from '#models/journal/stream.ts';
import { applyPushDevicesFact, PUSH_DEVICES_MAX, type PushDevices, type PushDevicesFact } from '#models/push/push.ts';
import type { RunningHub } from './hub.ts';
import { until } from './processes.testing.ts';
import { senderOf, startPushStandIn, type PushedDevice, type PushStandIn } from './push.testing.ts';
import { PROCEDURE, startSecondNode, startTestHub, type TestHub } from './testing.ts';

const TITLE = 'Областной мониторинг посещаемости';
let service: PushStandIn;
let hub: TestHub;
let second: RunningHub;
let school: Person;
let other: Person;
let commands = 0;

beforeAll(async () => {
  service = await startPushStandIn();
  const environment = { PUSH_SERVICES: service.origin };
  hub = await startTestHub(environment);
  second = await startSecondNode(hub, {}, environment);
  school = await hub.enrol('i48-1');
  other = await hub.enrol('i48-3');
}, 300_000);
afterAll(async () => {
  await second.stop();
  await hub.stop();
  await service.close();
});
beforeEach(() => {
  service.answer = { status: 201 };
});

const FROM = { device: 'd', browser: 'b', agent: 'Firefox', language: 'ru' } as const;
const add = (person: Person, device: PushedDevice, from: Partial<{ [Key in keyof typeof FROM]: string }> = {}) =>
  hub.door.attention.addDevice(person, PROCEDURE, device.subscription, { ...FROM, ...from } as typeof FROM);
const post = (person: Person, input: Record<string, unknown>) =>
  hub.door.forum.post(person, PROCEDURE, {
    ...{ command: `push-command-${String((commands += 1)).padStart(8, '0')}`, ...input },
  });
const ask = async (text: string, mentions: unknown[] = [], person = school): Promise<string> =>
  (await post(person, { kind: 'question', text, mentions })).question;
const CHOSEN: AttentionInput = {
  ...{ isAll: false, parts: [], digest: 'none', quiet: null, zone: 'Europe/Moscow', language: 'ru', notifies: false },
  pushes: true,
};
const attend = (given: Partial<AttentionInput>, person = other) =>
  hub.door.attention.attend(person, PROCEDURE, { ...CHOSEN, ...given });
/** Both nodes look until neither finds anything to write or to send. */
async function settle(): Promise<void> {
  const look = async ({ models }: { models: TestHub['models'] }, node: string): Promise<boolean> =>
    (await models.attention.pushDue()) || (await models.pushes.sendNext(node));
  for (let found = true; found;) found = (await Promise.all([look(hub, 'a'), look(second, 'b')])).includes(true);
}
const reached = async (devices: readonly PushedDevice[], count: number): Promise<void> => {
  await until(`${count} on each device`, async () => {
    await settle();
    return devices.every((device) => service.read(device).length >= count);
  });
  await settle();
};

describe('a device that somebody connected', () => {
  it('[S1-42] is told within seconds, once, whichever of two nodes looks, of why and which, and never what was written', async () => {
    const [phone, desk] = [service.device('phone'), service.device('desk')];
    await ask('Этот вопрос был задан раньше: Иванова Анна, что с ним?');
    await add(other, phone, { device: 'phone', language: 'en' });
    await add(other, desk, { device: 'desk' });
    expect((await hub.door.pushes.devices(other)).map(({ agent }) => agent)).toEqual(['Firefox', 'Firefox']);

    await ask('Вопрос, который никого не касается, кроме спросившего?');
    const question = await ask('Есть ли такая ошибка у вас, Иванова Анна?', [{ kind: 'unit', unit: '48-m2' }]);
    await reached([phone, desk], 1);
    const [notice, ...more] = service.read(desk);
    expect(more).toEqual([]);
    expect(notice).toEqual({
      title: 'Обращение к вам',
      body: `Вопрос от 20 ноября в 12:00. ${TITLE}`,
      url: `/monitoring/${PROCEDURE}/forum?q=${question}`,
      tag: `svod-forum-${question}`,
      key: `${question} 1`,
    });
    expect(service.read(phone)).toMatchObject([{ title: 'A message to you', tag: notice?.tag }]);
    expect(service.taken).toHaveLength(2);
    const [sent] = service.taken;
    expect(sent?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '43200' });
    expect(sent && senderOf(sent)).toEqual({
      ...{ aud: service.origin, sub: 'mailto:nobody@svod.invalid' },
      key: await second.door.pushes.publicKey(),
    });
    expect(sent?.headers['topic']).toMatch(/^[\w-]{32}$/);

    // What is read, what he wrote himself, and what was told already is told no more.
    await post(other, { kind: 'followUp', question, text: 'У нас тоже.' });
    await settle();
    expect(service.taken).toHaveLength(2);
  });

  it('[S1-42] is told nothing in quiet hours, and at their end once of all that is still unread', async () => {
    const [phone, desk] = [service.device('phone'), service.device('desk')];
    // The same browsers again, with new keys: still the same two devices.
    await add(other, phone, { device: 'phone' });
    await add(other, desk, { device: 'desk' });
    expect(await hub.door.pushes.devices(other)).toHaveLength(2);
    service.taken.length = 0;
    hub.clock.nowMs += 15 * 60_000;
    await attend({ isAll: true, quiet: { fromMin: 11 * 60, toMin: 13 * 60 } });
    await ask('Первый вопрос в тихие часы: что делать?');
    const read = await ask('Второй вопрос в тихие часы: прочитан?');
    const last = await ask('Третий вопрос в тихие часы: что делать?');
    await hub.door.forum.read(other, PROCEDURE, read, { n: 1 });
    await settle();
    hub.clock.nowMs += 45 * 60_000 - 1;
    await settle();
    expect(service.taken).toEqual([]);
    hub.clock.nowMs += 1;
    await reached([phone, desk], 1);
    expect(service.read(desk)).toMatchObject([
      { title: 'Новое для вас в форуме поддержки', body: `Вопросов: 2. ${TITLE}`, tag: `svod-forum-${PROCEDURE}` },
    ]);
    expect(service.taken).toHaveLength(2);
    // The answer to one of them is new, and told by itself.
    const { token } = await hub.door.forum.claim(hub.coordinator, PROCEDURE, last, { deed: 'take' });
    await post(hub.coordinator, { kind: 'answer', question: last, text: 'Подождите.', token, seen: 1 });
    await attend({ isAll: true });
    await reached([phone, desk], 2);
    expect(service.read(desk)[1]).toMatchObject({ title: 'Новое в форуме поддержки', key: `${last} 2` });
    // His own question, answered, has a title of its own.
    await add(school, service.device('school'), { device: 'school', browser: 's' });
    await post(other, { kind: 'followUp', question: last, text: 'А сколько ждать?' });
    await settle();
    await hub.door.pushes.remove(school, (await hub.door.pushes.devices(school))[0]?.id ?? '');
    await attend({});
  });

  it('is let go when its service knows it no longer, and what waits for it with it', async () => {
    const [gone, stays] = [service.device('gone'), service.device('stays')];
    await add(school, gone, { device: 'gone' });
    service.answer = { status: 410 };
    await hub.door.pushes.test(school, (await hub.door.pushes.devices(school))[0]?.id ?? '', '/account');
    await settle();
    expect(await hub.door.pushes.devices(school)).toEqual([]);
    service.answer = { status: 201 };
    await add(school, stays, { device: 'stays' });
    const [device] = await hub.door.pushes.devices(school);
    // Twice asked for is once sent.
    service.answer = { status: 503 };
    for (let n = 0; n < 2; n += 1) await hub.door.pushes.test(school, device?.id ?? '', '/account');
    await settle();
    service.answer = { status: 201 };
    await settle();
    expect(service.read(stays)).toEqual([]);
    hub.clock.nowMs += 15_000;
    await reached([stays], 1);
    expect(service.read(stays)).toMatchObject([{ title: 'Пробное уведомление', url: '/account' }]);
  });

  it('is tried again as late as its service asks, and at last given up', async () => {
    const busy = service.device('stays');
    await add(school, busy, { device: 'stays' });
    const [device] = await hub.door.pushes.devices(school);
    service.answer = { status: 429, headers: { 'retry-after': '120' } };
    service.asked = 0;
    await hub.door.pushes.test(school, device?.id ?? '', '/account');
    await settle();
    hub.clock.nowMs += 120_000 - 1;
    await settle();
    expect(service.asked).toBe(1);
    hub.clock.nowMs += 1;
    await settle();
    expect(service.asked).toBe(2);
    for (let hour = 0; hour < 12; hour += 1) {
      hub.clock.nowMs += 60 * 60_000;
      await settle();
    }
    expect(service.asked).toBe(6);
    expect(await hub.door.pushes.devices(school)).toHaveLength(1);
    // A redirect leads out of the list of services, and is not followed.
    service.answer = { status: 307, headers: { location: `${service.origin}/elsewhere` } };
    await hub.door.pushes.test(school, device?.id ?? '', '/account');
    await settle();
    expect(service.asked).toBe(7);
  });
});

describe('devices', () => {
  it('are reached at push services of browsers only, and are not more than a person has', async () => {
    const subscription = service.device('x').subscription;
    for (const endpoint of [
      'https://fcm.googleapis.com.evil.example.org/fcm/send/x',
      'http://fcm.googleapis.com/fcm/send/x',
      'http://127.0.0.1:1/x',
      'https://169.254.169.254/latest',
    ])
      await expect(hub.door.pushes.add(school, { ...subscription, endpoint }, FROM)).rejects.toMatchObject({
        code: 'push_host',
      });
    await expect(hub.door.pushes.add(school, { ...subscription, keys: {} }, FROM)).rejects.toThrow();
    const before = (await hub.door.pushes.devices(school)).length;
    for (let n = before; n < PUSH_DEVICES_MAX; n += 1) await add(school, service.device(`many-${n}`));
    await expect(add(school, service.device('one-more'))).rejects.toMatchObject({ code: 'push_devices_max' });
    // One that he has already is none more.
    await add(school, service.device(`many-${before}`));
    const [first] = await hub.door.pushes.devices(school);
    // Another's is none of his.
    await hub.door.pushes.remove(other, first?.id ?? '');
    await expect(hub.door.pushes.test(other, first?.id ?? '', '/account')).rejects.toMatchObject({
      code: 'push_device_gone',
    });
    expect(await hub.door.pushes.devices(school)).toHaveLength(PUSH_DEVICES_MAX);
    for (const { id } of await hub.door.pushes.devices(school)) await hub.door.pushes.remove(school, id);
    const { entries } = await hub.door.deeds.page(hub.coordinator, {});
    expect(entries.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['push.added', 'push.removed']));
  });

  it('are nobody’s who looks through their owner’s eyes', async () => {
    const viewer = { id: hub.coordinator.id, name: hub.coordinator.name };
    const origin = { person: viewer, address: '', agent: '', device: '', session: '', viewing: 'v' };
    const { pushes } = hub.door;
    const deeds: (() => Promise<unknown>)[] = [
      () => add(school, service.device('viewed')),
      () => pushes.devices(school),
      () => pushes.test(school, 'any', '/account'),
      () => pushes.remove(school, 'any'),
      () => pushes.renew(school, { old: null, subscription: service.device('viewed').subscription }, FROM),
    ];
    for (const deed of deeds) await expect(hub.door.from(origin, deed)).rejects.toMatchObject({ code: 'viewing_only' });
    expect(await pushes.devices(school)).toEqual([]);
  });

  it('[S1-42] are seen live by their owner and by nobody else: connected, told, renewed, let go by whatever lets them go', async () => {
    const stream = pushDevicesStream(school.id);
    const see = async () =>
      (await hub.models.live.snapshot({ person: school, ticket: null }, stream)) as Snapshot<PushDevices>;
    const lawful = async (deed: () => Promise<unknown>): Promise<PushDevices> => {
      const before = await see();
      await deed();
      const after = await see();
      const events = await hub.models.journal.read(stream, before.position.seq, 100);
      const applied = (events as unknown as PushDevicesFact[]).reduce(applyPushDevicesFact, before.state);
      expect(applied).toEqual(after.state);
      expect((events as unknown as PushDevicesFact[]).reduce(applyPushDevicesFact, applied)).toEqual(applied);
      return after.state;
    };
    const [one, next] = [service.device('seen'), service.device('seen-next')];
    const from = { device: 'seen', browser: 'seen' };
    expect((await lawful(() => add(school, one, from))).devices).toMatchObject([{ toldAtMs: null }]);
    const test = async () => {
      await hub.door.pushes.test(school, (await see()).state.devices[0]?.id ?? '', '/account');
      await settle();
    };
    expect((await lawful(test)).devices).toMatchObject([{ toldAtMs: hub.clock.nowMs }]);
    const renew = () =>
      hub.door.pushes.renew(school, { old: null, subscription: next.subscription }, { ...FROM, ...from });
    expect((await lawful(renew)).devices).toMatchObject([{ endpoint: next.endpoint }]);
    // The same browser, and somebody else before it; then its service knows it no longer; then its session is ended; then he lets it go.
    expect((await lawful(() => add(other, next, from))).devices).toEqual([]);
    await lawful(() => add(school, next, from));
    service.answer = { status: 410 };
    expect((await lawful(test)).devices).toEqual([]);
    service.answer = { status: 201 };
    await lawful(() => add(school, next, from));
    expect((await lawful(() => hub.models.pushes.dismiss(school.id))).devices).toEqual([]);
    await lawful(() => add(school, next, from));
    const letGo = async () => hub.door.pushes.remove(school, (await see()).state.devices[0]?.id ?? '');
    expect((await lawful(letGo)).devices).toEqual([]);

    const hear = (person: Person | null, isViewing = false) =>
      hub.models.live.authorize({ person, ticket: null, isViewing }, stream);
    await expect(hear(other)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hear(null)).rejects.toMatchObject({ code: 'not_signed_in' });
    await expect(hear(school, true)).rejects.toMatchObject({ code: 'viewing_only' });
  });

  it('are let go with the sessions that are ended on them, and when somebody else signs in there', async () => {
    const begin = async (username: string, cookie = '') => {
      const headers = new Headers(cookie ? { cookie } : {});
      const { cookies } = await hub.door.signIn.begin({ username, password: 'long enough phrase' }, headers);
      const own = new Headers({ cookie: cookies.map((line) => line.split(';')[0]).join('; ') });
      const visit = await hub.door.signIn.use(own);
      return { headers: own, device: visit?.device ?? '', browser: hub.door.signIn.browserOf(own) };
    };
    const left = async (person: Person) => (await hub.door.pushes.devices(person)).map(({ endpoint }) => endpoint);
    const [here, there] = [await begin('i48-1'), await begin('i48-1')];
    const [desk, phone] = [service.device('desk-1'), service.device('phone-1')];
    await add(school, desk, here);
    await add(school, phone, there);
    await hub.door.signIn.signOut(here.headers);
    expect(await left(school)).toEqual([phone.endpoint]);
    await begin('i48-3', there.headers.get('cookie') ?? '');
    expect(await left(school)).toEqual([]);

    const again = await begin('i48-1');
    await add(school, desk, again);
    // The same browser, and another before it.
    await add(other, desk, again);
    expect(await left(school)).toEqual([]);
    await add(school, desk, again);
    expect(await left(other)).not.toContain(desk.endpoint);
    await hub.door.signIn.endAllSessions(school.id);
    expect(await left(school)).toEqual([]);
  });

  it('[S1-42] go on under the address that their browser has now, with what waits for them, and under no other', async () => {
    const [before, after, last] = [service.device('before'), service.device('after'), service.device('last')];
    const from = { device: 'renewed', browser: 'renewing', agent: 'Firefox' };
    const renew = (person: Person, device: PushedDevice, old: string | null, more: Partial<typeof from> = {}) =>
      hub.door.pushes.renew(person, { old, subscription: device.subscription }, { ...from, ...more });
    // Who is not told there is connected by nothing but his own wish.
    await expect(renew(school, after, null)).rejects.toMatchObject({ code: 'push_device_gone' });
    await add(school, before, from);
    const addedAtMs = (await hub.door.pushes.devices(school))[0]?.addedAtMs;
    hub.clock.nowMs += 60_000;
    service.answer = { status: 503 };
    await hub.door.pushes.test(school, (await hub.door.pushes.devices(school))[0]?.id ?? '', '/account');
    await settle();

    // Somebody else’s cookie, another’s address, a host that is none, another browser that knows no old address: refused, and all stays.
    await add(other, last, { browser: 'another' });
    const elsewhere = { old: null, subscription: { ...after.subscription, endpoint: 'https://x.example.org/' } };
    const refused: (readonly [() => Promise<void>, string])[] = [
      [() => renew(other, after, before.endpoint), 'push_device_gone'],
      [() => renew(school, last, before.endpoint), 'push_device_gone'],
      [() => renew(school, after, null, { browser: 'another' }), 'push_device_gone'],
      [() => hub.door.pushes.renew(school, elsewhere, from), 'push_host'],
    ];
    for (const [deed, code] of refused) await expect(deed()).rejects.toMatchObject({ code });
    const own = async () => (await hub.door.pushes.devices(school)).map((one) => [one.endpoint, one.addedAtMs]);
    expect(await own()).toEqual([[before.endpoint, addedAtMs]]);
    await hub.door.pushes.remove(
      other,
      (await hub.door.pushes.devices(other)).find(({ endpoint }) => endpoint === last.endpoint)?.id ?? '',
    );

    // The browser no longer knows its old address; then it does, on another node, and says so twice.
    await renew(school, after, null);
    expect(await own()).toEqual([[after.endpoint, addedAtMs]]);
    for (let n = 0; n < 2; n += 1)
      await second.door.pushes.renew(
        school,
        { old: after.endpoint, subscription: last.subscription },
        { ...from, browser: '' },
      );
    expect(await own()).toEqual([[last.endpoint, addedAtMs]]);
    service.answer = { status: 201 };
    hub.clock.nowMs += 15_000;
    await reached([last], 1);
    expect(service.read(last)).toMatchObject([{ title: 'Пробное уведомление' }]);
    expect([...service.read(before), ...service.read(after)]).toEqual([]);
    const { entries } = await hub.door.deeds.page(hub.coordinator, {});
    expect(entries.filter(({ kind }) => kind === 'push.renewed').length).toBeGreaterThanOrEqual(2);
  });

  it('of whoever may not read the forum any longer are told nothing', async () => {
    const phone = service.device('recalled');
    const recalled = await hub.enrol('i48-4');
    await add(recalled, phone, { device: 'recalled', browser: 'r' });
    await attend({ isAll: true }, recalled);
    await ask('Вопрос, о котором ещё расскажут?');
    await reached([phone], 1);
    await hub.recall(recalled.id, 'i48-4');
    await ask('Вопрос, о котором уже не расскажут?');
    await settle();
    expect(service.read(phone)).toHaveLength(1);
  });
});

describe('a look of a node', () => {
  it('finds what was written while no node looked, also when the events are kept no longer', async () => {
    const phone = service.device('late');
    await add(other, phone, { device: 'late', browser: 'late' });
    await attend({ isAll: true });
    const question = await ask('Вопрос с личными данными, который скроют позже?');
    await hub.models.journal.beginNewEpoch();
    await ask('Вопрос в новой жизни журнала: расскажут ли о нём?');
    await until('both are told', async () => {
      await settle();
      return service.read(phone).length >= 2 || service.read(phone).some(({ body }) => body.startsWith('Вопросов: 2'));
    });
    const told = service.read(phone).map(({ key }) => key);
    expect(new Set(told).size).toBe(told.length);
    await hub.door.forum.hide(hub.coordinator, PROCEDURE, question, question, { reason: 'личные данные' });
    await settle();
    expect(service.read(phone).map(({ key }) => key)).toEqual(told);
  });
});
