/** The forum over a real store: asked once however often it is sent, answered by one at a time, heard by all organizers, read forward only. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { applyForumFact, type ForumFact, type ForumState } from '#models/forum/forum-state.ts';
import type { Message } from '#models/forum/forum.ts';
import { forumReaderStream, forumStream } from '#models/journal/stream.ts';
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import { FORUM_POSTS_PER_MINUTE } from './limits.ts';
import { appointNewcomer } from './newcomer.ts';
import { PROCEDURE, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let school: Person;
let other: Person;
let room: Person;
let commands = 0;
const command = (): string => `command-number-${String((commands += 1)).padStart(6, '0')}`;

const asHolder = (person: Person, role: Role, path: string): Person => ({
  ...person,
  assignments: [{ role, unit: path.split('/').at(-2) ?? '', path }],
});

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
  other = await hub.enrol('i48-3');
  await appointNewcomer(hub.door.appointments, school, {
    ...{ name: 'Аудиторный Тест', username: 'room', password: 'long enough phrase' },
    ...{ role: 'roomOrganizer', unit: 'i48-1' },
  });
  room = await hub.person('room');
});
afterAll(() => hub.stop());

const post = (person: Person, input: Record<string, unknown>) =>
  hub.door.forum.post(person, PROCEDURE, { command: command(), ...input });
const ask = async (person: Person, text = 'Нужно ли сканировать пустые бланки?'): Promise<string> =>
  (await post(person, { kind: 'question', text })).question;
const take = (person: Person, question: string) => hub.door.forum.claim(person, PROCEDURE, question, { deed: 'take' });
const threadOf = async (question: string): Promise<Message[]> =>
  (await hub.door.forum.thread(other, PROCEDURE, question)).messages;
const stateFor = async (person: Person): Promise<ForumState> =>
  (await hub.door.forum.snapshot(person, PROCEDURE)).state;
const questionNow = async (id: string) => (await hub.door.forum.thread(other, PROCEDURE, id)).question;
async function answer(person: Person, question: string, text = 'Нет, не нужно.'): Promise<void> {
  const { token } = await take(person, question);
  await post(person, { kind: 'answer', question, text, token, seen: (await threadOf(question)).length });
}

describe('a question in the forum', () => {
  it('[S1-41] [S1-42] is asked as text, answered as text, and both are read by every organizer with author, role and territory', async () => {
    const question = await ask(school);
    await answer(hub.coordinator, question);
    for (const person of [school, other, room, hub.coordinator]) {
      const { messages } = await hub.door.forum.thread(person, PROCEDURE, question);
      expect(messages.map(({ kind, author }) => [kind, author.role, author.unitName])).toEqual([
        ['question', 'institutionCoordinator', 'МБОУ СОШ № 101'],
        ['answer', 'regionalCoordinator', 'Липецкая область'],
      ]);
    }
    expect(await questionNow(question)).toMatchObject({ status: 'answered', answers: 1 });
  });

  it('[S1-41] is asked by regional coordinators and responsible organizers and by nobody else; room organizers read only', async () => {
    await expect(ask(room)).rejects.toMatchObject({ code: 'not_allowed' });
    const [municipal] = hub.municipal;
    await expect(ask(municipal)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.forum.snapshot(municipal, PROCEDURE)).rejects.toMatchObject({ code: 'not_allowed' });
    const question = await ask(hub.coordinator);
    await expect(take(school, question)).rejects.toMatchObject({ code: 'not_allowed' });
    const answering = { kind: 'answer', question, text: 'x', token: 1, seen: 1 };
    await expect(post(school, answering)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('keeps the role and the territory that its author had then', async () => {
    const question = await ask(school);
    const renamed = { ...school, name: 'Другая Фамилия', assignments: [] };
    await expect(post(renamed, { kind: 'followUp', question, text: 'И ещё' })).rejects.toMatchObject({
      code: 'not_allowed',
    });
    expect((await threadOf(question))[0]?.author).toMatchObject({ name: school.name, unit: 'i48-1' });
  });

  it('sent twice, also at the same moment, arrives once', async () => {
    const same = { kind: 'question', text: 'Один вопрос, отправленный много раз', command: command() };
    const sent = await Promise.all(Array.from({ length: 8 }, () => post(school, same)));
    expect(new Set(sent.map(({ question }) => question)).size).toBe(1);
    const question = sent[0]?.question ?? '';
    const more = { kind: 'followUp', question, text: 'Уточнение', command: command() };
    await Promise.all([post(school, more), post(school, more), post(other, { ...more, text: 'Чужое' })]);
    const texts = (await threadOf(question)).map(({ text }) => text).sort();
    expect(texts).toEqual(['Один вопрос, отправленный много раз', 'Уточнение', 'Чужое'].sort());
    const events = await hub.models.journal.read(forumStream(PROCEDURE), 0, 1_000);
    expect(events.filter(({ entity }) => entity === question)).toHaveLength(3);
  });

  it('takes the messages of many writers in one order without a hole', async () => {
    const question = await ask(school);
    await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        post(index % 2 ? school : other, { kind: 'followUp', question, text: `Уточнение ${index}` }),
      ),
    );
    expect((await threadOf(question)).map(({ n }) => n)).toEqual(Array.from({ length: 13 }, (_, index) => index + 1));
  });

  it('is closed and opened again, and corrected by a message of its own', async () => {
    const question = await ask(school);
    const close = (person: Person) => hub.door.forum.close(person, PROCEDURE, question);
    await expect(close(school)).rejects.toMatchObject({ code: 'question_unanswered' });
    await answer(hub.coordinator, question, 'Да');
    const wrong = (await threadOf(question)).at(-1);
    await post(hub.coordinator, { kind: 'correction', question, corrects: wrong?.id, text: 'Нет' });
    expect((await threadOf(question)).map(({ text, corrects }) => [text, corrects])).toEqual([
      ['Нужно ли сканировать пустые бланки?', null],
      ['Да', null],
      ['Нет', wrong?.id],
    ]);
    await expect(close(other)).rejects.toMatchObject({ code: 'not_allowed' });
    await close(school);
    await expect(take(hub.coordinator, question)).rejects.toMatchObject({ code: 'question_closed' });
    await hub.door.forum.reopen(school, PROCEDURE, question);
    expect(await questionNow(question)).toMatchObject({ status: 'open' });
    await answer(hub.coordinator, question);
    await close(school);
    await post(other, { kind: 'followUp', question, text: 'А у нас?' });
    expect(await questionNow(question)).toMatchObject({ status: 'open' });
  });

  it('gets an official answer from whoever answers for the territory, and from nobody else', async () => {
    const question = await ask(school);
    await answer(hub.coordinator, question);
    const id = (await threadOf(question)).at(-1)?.id ?? '';
    const mark = (person: Person, message: string | null) =>
      hub.door.forum.makeOfficial(person, PROCEDURE, question, message);
    await expect(mark(school, id)).rejects.toMatchObject({ code: 'not_allowed' });
    await mark(asHolder(room, 'authoritySpecialist', '/48/'), id);
    expect((await questionNow(question)).official).toBe(id);
    await mark(hub.coordinator, null);
    expect((await questionNow(question)).official).toBeNull();
  });
});

describe('a question about a code', () => {
  const about = { stage: 'send', code: 'file_repeated' };

  it('has its official answer told to everybody who meets the code, until the mark is taken off', async () => {
    const text = 'Файл не принят: он тот же самый. Что делать?';
    const { question } = await post(school, { kind: 'question', text, about });
    const known = (person: Person) => hub.door.forum.known(person, PROCEDURE, ['file_repeated', 'window_closed']);
    await answer(hub.coordinator, question, 'Исправьте ошибки в самом файле.');
    expect(await known(other)).toEqual([]);
    const id = (await threadOf(question)).at(-1)?.id ?? '';
    await hub.door.forum.makeOfficial(hub.coordinator, PROCEDURE, question, id);
    expect(await known(other)).toMatchObject([
      { code: 'file_repeated', question, text: 'Исправьте ошибки в самом файле.', by: hub.coordinator.name },
    ]);
    expect(await known(hub.municipal[0])).toEqual([]);
    await hub.door.forum.makeOfficial(hub.coordinator, PROCEDURE, question, null);
    expect(await known(other)).toEqual([]);
  });
});

describe('a message that should not stand there', () => {
  it('[S0-01] is hidden from everybody: from the thread, the list, the journal and whoever catches up', async () => {
    const secret = 'Позвоните Тестовой по номеру 80000000001';
    const question = await ask(school, secret);
    const behind = await hub.door.forum.snapshot(school, PROCEDURE);
    await post(school, { kind: 'followUp', question, text: 'Это я зря написала' });
    const hideIt = (person: Person) =>
      hub.door.forum.hide(person, PROCEDURE, question, question, { reason: 'Номер телефона' });
    await expect(hideIt(school)).rejects.toMatchObject({ code: 'not_allowed' });
    await hideIt(hub.coordinator);
    await expect(hideIt(hub.coordinator)).rejects.toMatchObject({ code: 'stale_write' });
    const [message] = await threadOf(question);
    expect(message).toMatchObject({ text: '', hidden: { by: hub.coordinator.name, reason: 'Номер телефона' } });
    expect(JSON.stringify(await stateFor(school))).not.toContain(secret);
    const stream = forumStream(PROCEDURE);
    const [head] = await hub.models.journal.heads([stream]);
    const { seq } = (await hub.door.forum.snapshot(school, PROCEDURE)).position;
    expect(head?.floor).toBeGreaterThan(behind.position.seq);
    expect(JSON.stringify(await hub.models.journal.read(stream, head?.floor ?? 0, 1_000))).not.toContain(secret);
    expect(JSON.stringify(await hub.models.journal.base(stream))).not.toContain(secret);
    // The stream goes on from there.
    await post(school, { kind: 'followUp', question, text: 'Теперь без номера' });
    expect((await hub.models.journal.read(stream, seq, 10)).length).toBe(1);
    expect((await hub.models.live.asAt({ person: school, ticket: null }, stream, { seq: seq + 1 })).state).toEqual(
      await stateFor(school),
    );
  });
});

describe('a node that dies while a message is being hidden', () => {
  it('[S0-01] leaves its text hidden, and the journal to be cleansed by the next look', async () => {
    const secret = 'Позвоните Пробной по номеру 80000000002';
    const question = await ask(school, secret);
    const dying = vi.spyOn(hub.models.journal, 'raiseFloor').mockRejectedValue(new Error('the node is dead'));
    await hub.door.forum.hide(hub.coordinator, PROCEDURE, question, question, { reason: 'Номер телефона' });
    const stream = forumStream(PROCEDURE);
    const events = async (): Promise<string> => {
      const [head] = await hub.models.journal.heads([stream]);
      return JSON.stringify(await hub.models.journal.read(stream, head?.floor ?? 0, 1_000));
    };
    expect((await threadOf(question))[0]?.text).toBe('');
    expect(await events()).toContain(secret);
    dying.mockRestore();
    // Two that look at once do no harm to each other.
    await Promise.all([hub.models.forum.cleanse(), hub.models.forum.cleanse()]);
    await hub.models.forum.cleanse();
    expect(await events()).not.toContain(secret);
    expect(JSON.stringify(await hub.models.journal.base(stream))).not.toContain(secret);
  });
});

describe('the rate of posts', () => {
  it(`lets ${FORUM_POSTS_PER_MINUTE} messages of one person through within a minute, and then says how long to wait`, async () => {
    const once = () => hub.door.limits.forumPost('somebody who writes');
    for (let n = 0; n < FORUM_POSTS_PER_MINUTE; n += 1) await once();
    await expect(once()).rejects.toMatchObject({ code: 'rate_limited' });
    // Of one person only.
    await hub.door.limits.forumPost('somebody else');
  });
});

describe('answering', () => {
  it('[P-2] is one’s who has taken the question; the others are told who has it', async () => {
    const question = await ask(school);
    const second = { ...hub.coordinator, id: 'second', name: 'Вторая Проба Тестовна' };
    const { token } = await take(hub.coordinator, question);
    await expect(take(second, question)).rejects.toMatchObject({
      code: 'claim_held',
      params: { by: hub.coordinator.name },
    });
    await expect(
      post(second, { kind: 'answer', question, text: 'x', token: token + 1, seen: 1 }),
    ).rejects.toMatchObject({
      code: 'claim_lost',
    });
    expect((await threadOf(question)).length).toBe(1);
  });

  it('[P-2] late shows what was answered meanwhile, and goes through once it was seen and the question taken anew', async () => {
    const question = await ask(school);
    const second = { ...hub.coordinator, id: 'second', name: 'Вторая Проба Тестовна' };
    const late = await take(hub.coordinator, question);
    hub.clock.nowMs = late.untilMs;
    await answer(second, question, 'Ответ второй');
    const answering = { kind: 'answer', question, text: 'Ответ первой', command: command() };
    await expect(post(hub.coordinator, { ...answering, token: late.token, seen: 1 })).rejects.toMatchObject({
      code: 'answered_meanwhile',
      params: { by: 'Вторая Проба Тестовна' },
    });
    await expect(post(hub.coordinator, { ...answering, token: late.token, seen: 2 })).rejects.toMatchObject({
      code: 'claim_lost',
    });
    const { token } = await take(hub.coordinator, question);
    await post(hub.coordinator, { ...answering, token, seen: 2 });
    // Sent once more, because the answer to it was lost on the way.
    await post(hub.coordinator, { ...answering, token, seen: 2 });
    expect((await threadOf(question)).map(({ text }) => text)).toEqual([
      'Нужно ли сканировать пустые бланки?',
      'Ответ второй',
      'Ответ первой',
    ]);
  });

  it('gives the question back, so that the next one can take it', async () => {
    const question = await ask(school);
    await answer(hub.coordinator, question);
    const state = await stateFor(school);
    expect(state.claims.find(({ id }) => id.endsWith(question))?.holder).toBeNull();
  });
});

describe('what has been read', () => {
  it('is kept for the person, moves forward only, and is told to all of his devices', async () => {
    const question = await ask(school);
    await post(school, { kind: 'followUp', question, text: 'И ещё одно' });
    const read = (n: number) => hub.door.forum.read(other, PROCEDURE, question, { n });
    const readNow = async (): Promise<number | undefined> =>
      (await hub.door.forum.reader(other, { procedure: PROCEDURE, person: other.id })).state.read[question];
    expect(await readNow()).toBeUndefined();
    await Promise.all([read(2), read(1), read(2)]);
    await read(1);
    expect(await readNow()).toBe(2);
    const events = await hub.models.journal.read(forumReaderStream(PROCEDURE, other.id), 0, 1_000);
    const told = events.filter(({ entity }) => entity === question).map(({ body }) => (body as { n: number }).n);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(2);
    await hub.door.forum.readAll(other, PROCEDURE);
    const { read: all } = (await hub.door.forum.reader(other, { procedure: PROCEDURE, person: other.id })).state;
    for (const { id, messages } of (await stateFor(other)).questions) expect(all[id]).toBe(messages);
  });

  it('is nobody else’s to see', async () => {
    await expect(hub.door.forum.reader(other, { procedure: PROCEDURE, person: school.id })).rejects.toMatchObject({
      code: 'not_allowed',
    });
  });

  it('holds one’s own message, unless others wrote before it what one has not read', async () => {
    const question = await ask(school);
    const readBy = async (person: Person): Promise<number | undefined> =>
      (await hub.door.forum.reader(person, { procedure: PROCEDURE, person: person.id })).state.read[question];
    expect(await readBy(school)).toBe(1);
    await post(other, { kind: 'followUp', question, text: 'У нас так же' });
    expect(await readBy(other)).toBeUndefined();
  });
});

describe('the live forum', () => {
  it('[S1-42] is heard by every organizer of the procedure and by nobody else', async () => {
    const stream = forumStream(PROCEDURE);
    const authorize = (person: Person) => hub.models.live.authorize({ person, ticket: null }, stream);
    const federal = asHolder(room, 'federalCoordinator', '/');
    for (const person of [school, other, room, hub.coordinator, federal]) await authorize(person);
    const foreign = asHolder(school, 'institutionCoordinator', '/70/i70-1/');
    for (const person of [hub.municipal[0], foreign, { ...school, assignments: [] }])
      await expect(authorize(person)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.models.live.authorize({ person: school, ticket: null }, 'forum:absent')).rejects.toMatchObject({
      code: 'not_allowed',
    });
    expect(await hub.models.live.presence(room, stream)).toEqual({ role: 'roomOrganizer', knowsNames: true });
  });

  it('is, after every deed, the old one with its facts', async () => {
    const before = await hub.door.forum.snapshot(school, PROCEDURE);
    const question = await ask(school);
    await answer(hub.coordinator, question);
    const last = (await threadOf(question)).at(-1)?.id ?? '';
    await post(hub.coordinator, { kind: 'correction', question, corrects: last, text: 'Исправлено' });
    await hub.door.forum.makeOfficial(hub.coordinator, PROCEDURE, question, last);
    await hub.door.forum.close(school, PROCEDURE, question);
    await hub.door.forum.reopen(school, PROCEDURE, question);
    await post(other, { kind: 'followUp', question, text: 'И у нас' });
    await take(hub.coordinator, question);
    const events = await hub.models.journal.read(before.stream, before.position.seq, 1_000);
    const facts = events as unknown as ForumFact[];
    const applied = facts.reduce(applyForumFact, before.state);
    expect(applied).toEqual(await stateFor(school));
    expect(facts.reduce(applyForumFact, applied)).toEqual(applied);
  });

  it('is what the journal alone makes of it', async () => {
    const { position, state, stream } = await hub.door.forum.snapshot(school, PROCEDURE);
    const past = await hub.models.live.asAt({ person: school, ticket: null }, stream, { seq: position.seq });
    expect(past.state).toEqual(state);
  });
});
