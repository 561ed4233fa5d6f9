/** Finding in a forum over a real store: what was committed is found at once, on every node, by whoever reads the forum. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Person } from '#models/people/person.ts';
import { PROCEDURE, startTestHub, type TestHub } from './testing.ts';

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
    command: `search-command-${String((commands += 1)).padStart(6, '0')}`,
    ...input,
  });
const ask = async (text: string, person = school): Promise<string> =>
  (await post(person, { kind: 'question', text })).question;
async function answer(question: string, text: string): Promise<void> {
  const { token } = await hub.door.forum.claim(hub.coordinator, PROCEDURE, question, { deed: 'take' });
  await post(hub.coordinator, { kind: 'answer', question, text, token, seen: 1 });
}
const search = (input: Record<string, unknown>, person = other) => hub.door.forum.search(person, PROCEDURE, input);
const idsOf = async (input: Record<string, unknown>, person = other): Promise<string[]> =>
  (await search(input, person)).map(({ question }) => question.id);

describe('a search in the forum', () => {
  it('[S1-42] finds what another organizer asked, by other forms of its words and through a misspelling, with the words marked', async () => {
    const question = await ask('Нужно ли сканировать пустые бланки участников?');
    const [found] = await search({ text: 'сканированье пустых блаков' });
    expect(found?.question).toMatchObject({ id: question, status: 'open' });
    expect(found?.passage.filter(({ isFound }) => isFound).map(({ text }) => text)).toEqual([
      'сканировать',
      'пустые',
      'бланки',
    ]);
  });

  it('knows every message that was committed before it was asked', async () => {
    await search({ text: 'прогревает указатель' });
    const question = await ask('Где взять ведомость приёмки пакетов?');
    expect(await idsOf({ text: 'ведомость приемки' })).toEqual([question]);
    await post(other, { kind: 'followUp', question, text: 'Нужна ли на ней гербовая печать?' });
    expect(await idsOf({ text: 'гербовая печать' })).toEqual([question]);
    await answer(question, 'Распечатайте её из раздела доставки, печать не требуется.');
    expect(await idsOf({ text: 'раздел доставки' })).toEqual([question]);
  });

  it('asks of each question what the filters ask', async () => {
    const mine = await ask('Как перенести исследование на резервный день?', other);
    const theirs = await ask('Как согласовать резервный день для второй смены?');
    await answer(theirs, 'Напишите в региональный центр.');
    expect((await idsOf({ text: 'резервный день' })).sort()).toEqual([mine, theirs].sort());
    expect(await idsOf({ text: 'резервный день', isMine: true })).toEqual([mine]);
    expect(await idsOf({ text: 'резервный день', status: 'answered' })).toEqual([theirs]);
    expect(await idsOf({ text: 'резервный день', isOfficial: true })).toEqual([]);
    const { messages } = await hub.door.forum.thread(other, PROCEDURE, theirs);
    await hub.door.forum.makeOfficial(hub.coordinator, PROCEDURE, theirs, messages[1]?.id ?? '');
    expect(await idsOf({ text: 'резервный день', isOfficial: true })).toEqual([theirs]);
    expect(await idsOf({ text: 'резервный день', territory: 'i48-3' })).toEqual([mine]);
    expect((await idsOf({ text: 'резервный день', territory: '48' })).sort()).toEqual([mine, theirs].sort());
    expect(await idsOf({ text: 'резервный день', territory: 'nowhere' })).toEqual([]);
    expect(await idsOf({ text: 'резервный день', sinceMs: hub.clock.nowMs + 1 })).toEqual([]);
  });

  it('does not find what was hidden, neither where it was known nor where the index is made anew', async () => {
    const question = await ask('Мой номер телефона для секретаря экзамена, звоните вечером');
    expect(await idsOf({ text: 'секретарь вечером' })).toEqual([question]);
    await hub.door.forum.hide(hub.coordinator, PROCEDURE, question, question, { reason: 'Номер телефона' });
    expect(await idsOf({ text: 'секретарь вечером' })).toEqual([]);
    await hub.restart();
    expect(await idsOf({ text: 'секретарь вечером' })).toEqual([]);
  });

  it('says nothing to whoever does not read the forum', async () => {
    const [municipal] = hub.municipal;
    await expect(search({ text: 'бланки' }, municipal)).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(hub.door.forum.similar(municipal, PROCEDURE, { text: 'бланки' })).rejects.toMatchObject({
      code: 'not_allowed',
    });
  });

  it('refuses an empty search, and finds nothing by words that say nothing', async () => {
    await expect(search({ text: '   ' })).rejects.toMatchObject({ name: 'ZodError' });
    expect(await search({ text: 'как же так' })).toEqual([]);
  });
});

describe('a question that is being typed', () => {
  it('[S1-42] is shown what was asked before, with the official answer', async () => {
    const question = await ask('Не открывается шаблон Excel: пишет, что файл повреждён');
    await answer(question, 'Скачайте шаблон ещё раз: ссылка обновлена.');
    await answer(question, 'Уточнение: старую ссылку не используйте.').catch(() => undefined);
    const { messages } = await hub.door.forum.thread(other, PROCEDURE, question);
    await hub.door.forum.makeOfficial(hub.coordinator, PROCEDURE, question, messages[1]?.id ?? '');
    const [first] = await hub.door.forum.similar(other, PROCEDURE, {
      text: 'Файл шаблона повреждён и не открывается, что делать?',
    });
    expect(first).toMatchObject({
      question: { id: question },
      answer: { text: 'Скачайте шаблон ещё раз: ссылка обновлена.' },
    });
  });

  it('is shown nothing that only shares a word with it', async () => {
    expect(
      await hub.door.forum.similar(other, PROCEDURE, {
        text: 'Сколько стоит проезд наблюдателя до отдалённого филиала?',
      }),
    ).toEqual([]);
  });
});
