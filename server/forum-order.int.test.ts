/** Order in the forum over a real store: what repeats, what is asked often, what is answered often, its figures and its export. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANNED_MAX } from '#models/forum/canned/canned-answer.ts';
import { applyForumFact, type ForumFact } from '#models/forum/forum-state.ts';
import type { Question } from '#models/forum/forum.ts';
import type { Person } from '#models/people/person.ts';
import { PROCEDURE, startSecondNode, startTestHub, type TestHub } from './testing.ts';

let hub: TestHub;
let school: Person;
let other: Person;
let commands = 0;

beforeAll(async () => {
  hub = await startTestHub();
  school = await hub.enrol('i48-1');
  other = await hub.enrol('i48-3');
});
afterAll(() => hub.stop());

const post = (person: Person, input: Record<string, unknown>) =>
  hub.door.forum.post(person, PROCEDURE, {
    command: `order-command-${String((commands += 1)).padStart(6, '0')}`,
    ...input,
  });
const ask = async (person: Person, text: string, about: unknown = null): Promise<string> =>
  (await post(person, { kind: 'question', text, about })).question;
async function answer(question: string, text = 'Нет, не нужно.'): Promise<void> {
  const { token } = await hub.door.forum.claim(hub.coordinator, PROCEDURE, question, { deed: 'take' });
  await post(hub.coordinator, { kind: 'answer', question, text, token, seen: 1 });
}
const questionNow = async (id: string): Promise<Question> =>
  (await hub.door.forum.thread(other, PROCEDURE, id)).question;
const stateNow = async () => (await hub.door.forum.snapshot(other, PROCEDURE)).state;
const similarTo = (text: string) => hub.door.forum.similar(school, PROCEDURE, { text });

/** The law of live state, over what is done meanwhile. */
async function holdsOver(work: () => Promise<unknown>): Promise<void> {
  const before = await hub.door.forum.snapshot(other, PROCEDURE);
  await work();
  const events = await hub.models.journal.read(before.stream, before.position.seq, 1_000);
  const applied = (events as unknown as ForumFact[]).reduce(applyForumFact, before.state);
  expect(applied).toEqual(await stateNow());
  expect((events as unknown as ForumFact[]).reduce(applyForumFact, applied)).toEqual(applied);
  const { position } = await hub.door.forum.snapshot(other, PROCEDURE);
  const past = await hub.models.live.asAt({ person: other, ticket: null }, before.stream, { seq: position.seq });
  expect(past.state).toEqual(applied);
}

describe('a question that repeats another', () => {
  it('[S1-42] is linked by whoever answers, shows the answer of the other where it is sought, and is undone; the law holds', async () => {
    const first = await ask(school, 'Нужно ли сканировать пустые бланки ответов?');
    await answer(first, 'Пустые бланки не сканируют.');
    const late = await ask(other, 'Пустые бланки ответов тоже нужно сканировать?');
    await expect(hub.door.forum.link(school, PROCEDURE, late, first)).rejects.toMatchObject({ code: 'not_allowed' });
    await holdsOver(() => hub.door.forum.link(hub.coordinator, PROCEDURE, late, first));
    expect(await questionNow(late)).toMatchObject({ status: 'closed', duplicateOf: { question: first } });
    expect(await questionNow(first)).toMatchObject({ duplicates: 1 });
    const found = await similarTo('сканировать ли пустые бланки ответов');
    expect(found.map(({ question, answer: shown }) => [question.id, shown?.text])).toEqual([
      [first, 'Пустые бланки не сканируют.'],
    ]);
    await holdsOver(() => hub.door.forum.unlink(hub.coordinator, PROCEDURE, late));
    expect(await questionNow(late)).toMatchObject({ status: 'open' });
    expect((await questionNow(late)).duplicateOf).toBeUndefined();
    expect(await questionNow(first)).toMatchObject({ duplicates: 0 });
  });

  it('makes no circle when two nodes link two questions with each other at once', async () => {
    const [a, b] = [await ask(school, 'Где взять ключ от архива?'), await ask(other, 'Где ключ от архива?')];
    const second = await startSecondNode(hub);
    try {
      const done = await Promise.allSettled([
        hub.door.forum.link(hub.coordinator, PROCEDURE, a, b),
        second.door.forum.link(hub.coordinator, PROCEDURE, b, a),
      ]);
      expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const [one, two] = [await questionNow(a), await questionNow(b)];
      expect([one.duplicateOf, two.duplicateOf].filter((link) => link !== undefined)).toHaveLength(1);
      expect((one.duplicates ?? 0) + (two.duplicates ?? 0)).toBe(1);
    } finally {
      await second.stop();
    }
  });
});

describe('a frequent question', () => {
  it('[S1-42] is pinned with a reason by whoever keeps the forum, stands before others that are similar, and is in the journal of deeds', async () => {
    const plain = await ask(school, 'Как заполнять графу «пропуски по болезни» в шаблоне?');
    const often = await ask(other, 'Как заполнять в шаблоне графу про пропуски?');
    const reason = 'Спрашивают каждый день';
    const pin = (person: Person, isPinned: boolean, why: unknown = reason) =>
      hub.door.forum.pin(person, PROCEDURE, often, { isPinned, reason: why });
    await expect(pin(hub.coordinator, true)).rejects.toMatchObject({ code: 'question_unanswered' });
    for (const id of [plain, often]) await answer(id, `Ответ на ${id === often ? 'частый' : 'обычный'}`);
    await expect(pin(school, true)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(pin(hub.coordinator, true, '')).rejects.toThrow();
    await holdsOver(() => pin(hub.coordinator, true));
    expect((await stateNow()).pinned.map(({ id }) => id)).toEqual([often]);
    const found = await similarTo('как заполнять графу «пропуски по болезни» в шаблоне');
    expect(found.map(({ question }) => question.id)).toEqual([often, plain]);
    expect(await hub.door.forum.frequent(other, PROCEDURE)).toMatchObject([
      {
        question: { id: often },
        text: 'Как заполнять в шаблоне графу про пропуски?',
        answer: { text: 'Ответ на частый' },
      },
    ]);
    await holdsOver(() => pin(hub.coordinator, false, 'Больше не спрашивают'));
    expect(await hub.door.forum.frequent(other, PROCEDURE)).toEqual([]);
    const { entries } = await hub.door.deeds.page(hub.coordinator, { kind: 'forum.pinned' });
    expect(entries[0]).toMatchObject({ subject: often, differences: [{ field: 'reason', after: reason }] });
  });
});

describe('a canned answer', () => {
  const keep = (person: Person, input: Record<string, unknown>) =>
    hub.door.cannedAnswers.keep(person, PROCEDURE, input);
  const list = () => hub.door.cannedAnswers.list(hub.coordinator, PROCEDURE);

  it('[S1-40] is kept, changed and thrown away by those who answer, and an answer with a place left in it is refused', async () => {
    await expect(list()).resolves.toEqual([]);
    await expect(hub.door.cannedAnswers.list(school, PROCEDURE)).rejects.toMatchObject({ code: 'not_allowed' });
    const input = { id: null, rev: 0, title: 'Срок приёма', text: 'Файл принимается до {deadline}, код {code}.' };
    await expect(keep(school, input)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(keep(hub.coordinator, { ...input, text: 'до {deadine}' })).rejects.toMatchObject({
      code: 'placeholder_unknown',
    });
    await keep(hub.coordinator, input);
    const [one] = await list();
    expect(one).toMatchObject({ title: 'Срок приёма', isOwn: true, unitName: 'Липецкая область' });
    await keep(hub.coordinator, { id: one?.id, rev: 1, title: 'Срок', text: 'До {deadline}.' });
    // Read before the change: what the other one wrote is not lost.
    await expect(keep(hub.coordinator, { id: one?.id, rev: 1, title: 'Иное', text: 'x' })).rejects.toMatchObject({
      code: 'stale_write',
    });
    const question = await ask(school, 'До какого числа принимают файл?');
    await expect(answer(question, 'До {deadline}.')).rejects.toMatchObject({
      code: 'placeholder_unfilled',
      params: { name: 'deadline' },
    });
    await hub.door.cannedAnswers.remove(hub.coordinator, PROCEDURE, one?.id ?? '');
    expect(await list()).toEqual([]);
  });

  it(`has room for ${CANNED_MAX} of one territory, and another territory's is neither seen nor changed from beside it`, async () => {
    for (let n = 0; n < CANNED_MAX; n += 1)
      await keep(hub.coordinator, { id: null, rev: 0, title: `Заготовка ${n}`, text: 'Да.' });
    await expect(keep(hub.coordinator, { id: null, rev: 0, title: 'Ещё одна', text: 'Да.' })).rejects.toMatchObject({
      code: 'canned_full',
    });
    const above: Person = {
      ...hub.coordinator,
      id: 'federal',
      assignments: [{ role: 'federalCoordinator', unit: '48-m1', path: '/48/48-m1/' }],
    };
    const [own] = await list();
    expect((await hub.door.cannedAnswers.list(above, PROCEDURE)).every(({ isOwn }) => !isOwn)).toBe(true);
    await expect(hub.door.cannedAnswers.remove(above, PROCEDURE, own?.id ?? '')).rejects.toMatchObject({
      code: 'not_allowed',
    });
  });
});

describe('the forum as a whole', () => {
  it('has figures by territory whose sums agree, of the first answer alone', async () => {
    const before = (await hub.door.forum.statistics(other, PROCEDURE)).statistics;
    const question = await ask(other, 'Сколько ждать первого ответа на вопрос?');
    hub.clock.nowMs += 5 * 60_000;
    await answer(question);
    hub.clock.nowMs += 60 * 60_000;
    await post(other, { kind: 'followUp', question, text: 'А второго?' });
    expect((await questionNow(question)).firstAnsweredAtMs).toBe((await questionNow(question)).askedAtMs + 5 * 60_000);
    const { statistics, territories } = await hub.door.forum.statistics(other, PROCEDURE);
    expect(statistics.all.asked).toBe(before.all.asked + 1);
    expect(statistics.territories.reduce((sum, { asked }) => sum + asked, 0)).toBe(statistics.all.asked);
    expect(territories.map(({ id }) => id)).toEqual(['48-m1', '48-m2']);
    const [municipal] = hub.municipal;
    await expect(hub.door.forum.statistics(municipal, PROCEDURE)).rejects.toMatchObject({ code: 'not_allowed' });
  });

  it('goes out whole, with what was hidden as hidden', async () => {
    const question = await ask(school, '=HYPERLINK("http://example.org") — что это в ячейке?');
    await post(school, { kind: 'followUp', question, text: 'Звоните Тестовой: 80000000003' });
    const { messages } = await hub.door.forum.thread(school, PROCEDURE, question);
    await hub.door.forum.hide(hub.coordinator, PROCEDURE, question, messages[1]?.id ?? '', { reason: 'Телефон' });
    const { threads, isCut } = await hub.door.forum.whole(other, PROCEDURE);
    expect(isCut).toBe(false);
    expect(threads.map(({ question: { askedAtMs } }) => askedAtMs)).toEqual(
      threads.map(({ question: { askedAtMs } }) => askedAtMs).toSorted((a, b) => a - b),
    );
    const taken = threads.find((thread) => thread.question.id === question);
    expect(taken?.messages.map(({ n, text }) => [n, text])).toEqual([
      [1, '=HYPERLINK("http://example.org") — что это в ячейке?'],
      [2, ''],
    ]);
    expect(JSON.stringify(threads)).not.toContain('80000000003');
    const [municipal] = hub.municipal;
    await expect(hub.door.forum.whole(municipal, PROCEDURE)).rejects.toMatchObject({ code: 'not_allowed' });
  });
});
