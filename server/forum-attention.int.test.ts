/** Attention in the forum over a real store: whom a message calls, what one follows on all of his pages, and one letter of what is unread. */
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concernOf, type AttentionInput } from '#models/forum/attention/attention.ts';
import { applyBellForumFact, applyBellReaderFact } from '#models/forum/attention/bell.ts';
import { applyReaderFact, type ForumFact, type ReaderFact } from '#models/forum/forum-state.ts';
import type { Person } from '#models/people/person.ts';
import { PROCEDURE, startSecondNode, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let school: Person;
let other: Person;
let commands = 0;
const EMAIL = 'other@example.org';
const HOUR_MS = 60 * 60_000;

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
  other = await hub.enrol('i48-3');
});
afterAll(() => hub.stop());

const post = (person: Person, input: Record<string, unknown>) =>
  hub.door.forum.post(person, PROCEDURE, {
    ...{ command: `attention-command-${String((commands += 1)).padStart(6, '0')}`, ...input },
  });
const ask = async (text: string, mentions: unknown[] = []): Promise<string> =>
  (await post(school, { kind: 'question', text, mentions })).question;
const CHOSEN: AttentionInput = {
  ...{ isAll: false, parts: [], digest: 'none', quiet: null, zone: 'Europe/Moscow', language: 'ru', notifies: false },
  pushes: false,
};
const attend = (given: Partial<AttentionInput>, person = other) =>
  hub.door.attention.attend(person, PROCEDURE, { ...CHOSEN, ...given });
const readerOf = (person: Person) => hub.door.forum.reader(person, { procedure: PROCEDURE, person: person.id });
async function concernsOf(person: Person, question: string) {
  const { read, attention } = (await readerOf(person)).state;
  const thread = await hub.door.forum.thread(person, PROCEDURE, question);
  const reader = { id: person.id, holds: person.assignments };
  return concernOf(thread.question, reader, attention, read[question] ?? 0);
}
const lettersTo = async (email: string) =>
  (await hub.door.letters.list(hub.coordinator)).filter(({ to, kind }) => to === email && kind === 'forum_digest');

describe('a mention', () => {
  it('[S1-42] is of a role or a territory of the procedure, kept with its name, and concerns whoever holds it', async () => {
    const question = await ask('Есть ли у вас такая же ошибка? @Округ № 2', [
      { kind: 'unit', unit: '48-m2' },
      { kind: 'unit', unit: 'nowhere' },
    ]);
    const { messages } = await hub.door.forum.thread(other, PROCEDURE, question);
    expect(messages[0]?.mentions).toEqual([{ kind: 'unit', unit: '48-m2', name: 'Округ № 2', path: '/48/48-m2/' }]);
    expect(await concernsOf(other, question)).toBe('mention');
    expect(await concernsOf(hub.coordinator, question)).toBeNull();
    await hub.door.forum.read(other, PROCEDURE, question, { n: 1 });
    expect(await concernsOf(other, question)).toBeNull();
  });
});

describe('what one follows', () => {
  it('is told to all of his own pages as a fact, and the law of live state holds', async () => {
    const question = await ask('Вопрос, за которым следят соседи?');
    const before = await readerOf(other);
    await hub.door.attention.follow(other, PROCEDURE, question, true);
    expect(await concernsOf(other, question)).toBe('followed');
    await attend({ parts: ['48-m1'] });
    await hub.door.attention.follow(other, PROCEDURE, question, false);
    await hub.door.forum.read(other, PROCEDURE, question, { n: 1 });
    const events = await hub.models.journal.read(before.stream, before.position.seq, 100);
    const applied = (events as unknown as ReaderFact[]).reduce(applyReaderFact, before.state);
    expect(applied).toEqual((await readerOf(other)).state);
    expect((events as unknown as ReaderFact[]).reduce(applyReaderFact, applied)).toEqual(applied);
    await expect(attend({ parts: ['48-m1', 'nowhere'] })).rejects.toMatchObject({ code: 'bad_input' });
    await expect(attend({}, hub.municipal[0])).rejects.toMatchObject({ code: 'not_allowed' });
    await attend({});
  });
});

describe('the bell', () => {
  it('[S1-42] knows questions of before their territory was kept, once a round of upkeep has filled them in', async () => {
    const question = await ask('Вопрос прежней версии: где его территория?');
    const { token } = await hub.door.forum.claim(hub.coordinator, PROCEDURE, question, { deed: 'take' });
    await post(hub.coordinator, { kind: 'answer', question, text: 'В округе.', token, seen: 1 });
    const kept = (await hub.door.forum.thread(school, PROCEDURE, question)).question;
    const client = await new MongoClient(hub.storeUri).connect();
    try {
      const questions = client.db().collection<{ _id: string }>('forumQuestions');
      await questions.updateOne({ _id: question }, { $unset: { 'author.path': '', firstAnsweredAtMs: '' } });
      await attend({ parts: ['48-m1'] });
      expect(await concernsOf(other, question)).toBeNull();
      hub.clock.nowMs += HOUR_MS;
      await hub.models.forum.fillOld();
      await hub.models.forum.fillOld();
      const filled = (await hub.door.forum.thread(school, PROCEDURE, question)).question;
      expect(filled).toEqual({ ...kept, rev: kept.rev + 1 });
      expect(await concernsOf(other, question)).toBe('part');
    } finally {
      await client.close();
      await attend({});
    }
  });

  const bellOf = async (person: Person) => {
    const { owner, places } = await hub.door.forum.bell(person);
    const place = places.find(({ forum }) => forum.procedure === PROCEDURE);
    if (!place) throw new Error('no forum');
    return { owner, ...place };
  };

  it('[S1-42] begins with what concerns its owner in any of the ways, and the facts of his streams keep it true', async () => {
    await hub.door.forum.readAll(other, PROCEDURE);
    const own = await post(other, { kind: 'question', text: 'Вопрос второй школы: когда срок?' });
    const followed = await ask('Вопрос, за которым следят: что с ним?');
    await hub.door.attention.follow(other, PROCEDURE, followed, true);
    await attend({ parts: ['48-m1'] });
    const before = await bellOf(other);
    expect(before.forum.rung.map(({ question, concern }) => [question.id, concern])).toEqual([[followed, 'followed']]);

    const role = await ask('Есть ли такая ошибка у координаторов?', [{ kind: 'role', role: 'institutionCoordinator' }]);
    const unit = await ask('Есть ли такая ошибка в вашем округе?', [{ kind: 'unit', unit: '48-m2' }]);
    const part = await ask('Вопрос из округа, который выбран: что делать?');
    await post(school, { kind: 'followUp', question: followed, text: 'И ещё одно.' });
    await hub.door.forum.read(other, PROCEDURE, role, { n: 1 });
    const { token } = await hub.door.forum.claim(hub.coordinator, PROCEDURE, own.question, { deed: 'take' });
    await post(hub.coordinator, { kind: 'answer', question: own.question, text: 'Завтра.', token, seen: 1 });

    const after = await bellOf(other);
    expect(new Map(after.forum.rung.map(({ question, concern }) => [question.id, concern]))).toEqual(
      new Map([
        [followed, 'followed'],
        [unit, 'mention'],
        [part, 'part'],
        [own.question, 'mine'],
      ]),
    );
    const { owner, forumAt, readerAt } = before;
    const since = ({ stream, position }: typeof forumAt | typeof readerAt) =>
      hub.models.journal.read(stream, position.seq, 100);
    const [facts, readings] = await Promise.all([since(forumAt), since(readerAt)]);
    const heard = (facts as unknown as ForumFact[]).reduce(
      (state, fact) => applyBellForumFact(state, owner, fact),
      (readings as unknown as ReaderFact[]).reduce(
        (state, fact) => applyBellReaderFact(state, owner, fact),
        before.forum,
      ),
    );
    expect(heard).toEqual(after.forum);
    // Whoever reads no forum has none in his bell.
    expect((await hub.door.forum.bell(hub.municipal[0])).places).toEqual([]);
    await hub.door.forum.readAll(other, PROCEDURE);
    expect((await bellOf(other)).forum.rung).toEqual([]);
    await hub.door.attention.follow(other, PROCEDURE, followed, false);
    await attend({});
  });
});

describe('the letter of what is unread', () => {
  it('comes to a confirmed address only, once, however many nodes look at once, and not in quiet hours', async () => {
    await attend({ isAll: true, digest: 'hourly' });
    await ask('Первый вопрос для письма: что делать?');
    hub.clock.nowMs += HOUR_MS;
    await hub.models.attention.writeDue();
    expect(await lettersTo(EMAIL)).toEqual([]);

    await hub.door.safeguards.nameEmail(other.id, { email: EMAIL, present: 'long enough phrase' }, 'ru');
    const [confirming] = (await hub.door.letters.list(hub.coordinator)).filter(({ to }) => to === EMAIL);
    const token = /\/(?:address|link)\/(\S+)/.exec(confirming?.status === 'kept' ? confirming.text : '')?.[1] ?? '';
    await hub.door.safeguards.confirmEmail(token);
    const question = await ask('Второй вопрос для письма: а теперь?');
    await hub.models.attention.writeDue();
    expect(await lettersTo(EMAIL)).toEqual([]);
    const second = await startSecondNode(hub);
    try {
      hub.clock.nowMs += HOUR_MS;
      await Promise.all([hub, second, hub, second].map(({ models }) => models.attention.writeDue()));
      const [letter, ...more] = await lettersTo(EMAIL);
      expect(more).toEqual([]);
      const text = letter?.status === 'kept' ? letter.text : '';
      expect(text).toContain('Второй вопрос для письма: а теперь?');
      expect(text).toContain(`/monitoring/${PROCEDURE}/forum?q=${question}`);
      // It was told of once, although it is still unread.
      hub.clock.nowMs += HOUR_MS;
      await Promise.all([hub, second].map(({ models }) => models.attention.writeDue()));
      expect(await lettersTo(EMAIL)).toHaveLength(1);
    } finally {
      await second.stop();
    }

    const local = new Date(hub.clock.nowMs + 4 * HOUR_MS);
    const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
    // Quiet for two hours from now on: the next letter waits for their end.
    await attend({ isAll: true, digest: 'hourly', quiet: { fromMin: minute, toMin: (minute + 120) % 1_440 } });
    await ask('Третий вопрос для письма: можно ли подождать?');
    hub.clock.nowMs += HOUR_MS;
    await hub.models.attention.writeDue();
    hub.clock.nowMs += HOUR_MS - 1;
    await hub.models.attention.writeDue();
    expect(await lettersTo(EMAIL)).toHaveLength(1);
    hub.clock.nowMs += 1;
    await hub.models.attention.writeDue();
    expect(await lettersTo(EMAIL)).toHaveLength(2);

    // What was read before it was due is in no letter; whoever has left the letters gets none.
    const last = await ask('Четвёртый вопрос для письма: прочитан?');
    await hub.door.forum.read(other, PROCEDURE, last, { n: 1 });
    hub.clock.nowMs += HOUR_MS;
    await hub.models.attention.writeDue();
    await attend({});
    await ask('Пятый вопрос для письма: нужен ли?');
    hub.clock.nowMs += 24 * HOUR_MS;
    await hub.models.attention.writeDue();
    expect(await lettersTo(EMAIL)).toHaveLength(2);
  });
});
