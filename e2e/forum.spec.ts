/** The support forum: three people on two nodes, a tab that slept, and a message that waited for the line. */
import { expect } from './fixtures.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test as base, signIn } from './fixtures.ts';
import { ForumPage } from './pages/forum.ts';
import { test } from './pair.ts';
import {
  appoint,
  downloadTemplate,
  fixtureFile,
  institution,
  letIn,
  organizerOf,
  PROCEDURE,
  REGION,
  SCHOOL,
  sendFile,
} from './region.ts';
import { CabinetPage } from './pages/cabinet.ts';
import type { HubNode } from './hub-node.ts';

const QUESTION = 'Можно ли провести исследование в двух условных аудиториях одного кабинета?';
const ANSWER = 'Да, если между ними есть перегородка.';
const AGAIN = 'Можно ли провести исследование в двух аудиториях, если кабинет один?';
const ANSWER_AGAIN = 'Можно, рассадку укажите в протоколе.';

let commands = 0;
async function post(hub: HubNode, number: number, input: Record<string, unknown>): Promise<string> {
  const person = await organizerOf(hub, institution(number));
  const command = `journey-command-${(commands += 1)}`;
  return (await hub.call('forum', 'post', person, PROCEDURE, { command, ...input })).question;
}

test('[S1-40] [S1-41] [S1-42] a question is asked on one node, taken and answered on the other, made official and read by all, with Redis alive, dying and back', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  test.slow();
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  const [asker, answerer, reader] = [
    new ForumPage(await openBrowser(SCHOOL.id)),
    new ForumPage(await openBrowser('regional')),
    new ForumPage(await openBrowser(institution(4).id)),
  ];
  await asker.open();
  await answerer.open(second.url);
  await reader.open(second.url);

  await asker.ask(QUESTION);
  await expect(asker.messages).toHaveCount(1);
  await expect(reader.question(QUESTION)).toHaveAttribute('data-status', 'open');
  await expect(reader.question(QUESTION)).toHaveAttribute('data-unread', '1');

  await test.step('by the keyboard: the next one that waits, and an answer', async () => {
    await answerer.question(QUESTION).waitFor();
    await answerer.page.keyboard.press('n');
    await expect(answerer.messages).toHaveCount(1);
    await answerer.page.keyboard.press('r');
    await expect(answerer.text).toBeFocused();
    await expect(asker.question(QUESTION)).toContainText('отвечает Орлова Анна Петровна');
    await answerer.text.fill(ANSWER);
    await answerer.page.keyboard.press('Control+Enter');
  });
  await expect(asker.messages).toHaveCount(2);
  await expect(asker.messages.nth(1)).toContainText('Орлова Анна Петровна');
  await expect(asker.messages.nth(1)).toContainText('Региональный координатор, Липецкая область');
  await expect(asker.messages.nth(1)).toContainText(ANSWER);

  await answerer.button('Сделать официальным').click();
  await expect(asker.official).toContainText(ANSWER);
  await reader.question(QUESTION).click();
  await expect(reader.official).toContainText(ANSWER);
  await expect(reader.messages).toHaveCount(2);
  await expect(reader.question(QUESTION)).toHaveAttribute('data-unread', '0');
  // Whoever reads only is offered nothing else.
  await expect(reader.button('Ответить')).toHaveCount(0);

  await test.step('Redis dies: what was asked before is shown as similar, and the next one is asked and taken', async () => {
    await redis.kill();
    await asker.button('К списку').click();
    await asker.button('Задать вопрос').click();
    await asker.text.fill(AGAIN);
    await expect(asker.similar).toContainText(ANSWER);
    await asker.send.click();
    await expect(reader.question(AGAIN)).toHaveAttribute('data-unread', '1');
    await answerer.question(AGAIN).click();
    await answerer.button('Ответить').click();
    await expect(asker.question(AGAIN)).toContainText('отвечает Орлова Анна Петровна');
    await answerer.text.fill(ANSWER_AGAIN);
    await answerer.send.click();
    await expect(asker.messages.nth(1)).toContainText(ANSWER_AGAIN);
    await reader.question(AGAIN).click();
    await expect(reader.messages).toHaveCount(2);
  });
  await test.step('Redis is back: official on the one node, read on both, each message once', async () => {
    await redis.start();
    await answerer.button('Сделать официальным').click();
    for (const forum of [asker, reader]) {
      await expect(forum.official).toContainText(ANSWER_AGAIN);
      await expect(forum.messages).toHaveCount(2);
      await expect(forum.question(AGAIN)).toHaveAttribute('data-unread', '0');
    }
  });
});

test('[P-2] of two who want to answer the second is told who has the question', async ({
  hub,
  second,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  await appoint(hub, {
    username: 'duty',
    name: 'Дежурнова Проба Тестовна',
    role: 'regionalCoordinator',
    unit: REGION,
    procedure: PROCEDURE,
  });
  await post(hub, 1, { kind: 'question', text: QUESTION });
  const [first, late] = [new ForumPage(await openBrowser('regional')), new ForumPage(await openBrowser('duty'))];
  await first.open();
  await late.open(second.url);
  for (const forum of [first, late]) await forum.question(QUESTION).click();
  await first.button('Ответить').click();
  await expect(first.text).toBeFocused();
  await late.button('Ответить').click();
  // The hub's own answer: that somebody has it is seen by the fact as well, and earlier.
  await expect(late.page.getByText('Этим уже занимаются')).toBeVisible();
  await expect(late.page.getByText(/Орлова Анна Петровна/).first()).toBeVisible();
  await expect(late.composer).toHaveCount(0);
  await first.page.keyboard.press('Escape');
  await late.button('Ответить').click();
  await expect(late.text).toBeFocused();
});

test('a tab that slept over 200 messages, and then over more than 1,000, wakes to all of them with the right unread', async ({
  hub,
  openBrowser,
}) => {
  test.slow();
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  const questions: string[] = [];
  for (const number of [1, 2, 3])
    questions.push(await post(hub, 1, { kind: 'question', text: `Вопрос № ${number}: нужно ли?` }));
  const forum = new ForumPage(await openBrowser(institution(4).id));
  await forum.open();
  await forum.question('Вопрос № 1').click();
  await expect(forum.question('Вопрос № 1')).toHaveAttribute('data-unread', '0');
  await forum.button('К списку').click();

  const sleep = async (count: number): Promise<void> => {
    await forum.page.context().setOffline(true);
    const person = await organizerOf(hub, SCHOOL);
    for (let from = 0; from < count; from += 50)
      await Promise.all(
        Array.from({ length: Math.min(50, count - from) }, (_, index) =>
          hub.call('forum', 'post', person, PROCEDURE, {
            ...{ command: `journey-command-${(commands += 1)}`, kind: 'followUp' },
            ...{ question: questions[(from + index) % 3], text: `Уточнение ${from + index}` },
          }),
        ),
      );
    await forum.page.context().setOffline(false);
    await forum.live.waitFor();
  };
  await sleep(201);
  await expect(forum.question('Вопрос № 1')).toHaveAttribute('data-unread', '67');
  await expect(forum.question('Вопрос № 2')).toHaveAttribute('data-unread', '68');
  await forum.question('Вопрос № 1').click();
  await expect(forum.messages).toHaveCount(68);
  await expect(forum.question('Вопрос № 1')).toHaveAttribute('data-unread', '0');
  await sleep(1_050);
  // The opened thread is read anew with the list, and being looked at it is read.
  await expect(forum.messages).toHaveCount(68 + 350);
  await expect(forum.question('Вопрос № 1')).toHaveAttribute('data-unread', '0');
  await expect(forum.question('Вопрос № 2')).toHaveAttribute('data-unread', String(68 + 350));
  const places = await forum.messages.evaluateAll((all) => all.map((one) => Number((one as HTMLElement).dataset['n'])));
  expect(places).toEqual(Array.from({ length: 418 }, (_, index) => index + 1));
});

test('a message sent without a line waits over a reload, and arrives once', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  await post(hub, 1, { kind: 'question', text: QUESTION });
  const page = await openBrowser(SCHOOL.id);
  const forum = new ForumPage(page);
  const other = new ForumPage(await openBrowser(institution(4).id));
  await forum.open();
  await other.open();
  await forum.question(QUESTION).click();
  await forum.button('Уточнить вопрос').click();
  await forum.text.fill('А если кабинетов два?');
  // The page is there after the reload, and its messages are not let out.
  await page.route('**/forum/post', (route) => route.abort());
  await forum.send.click();
  await expect(forum.queued).toContainText('А если кабинетов два?');
  await expect(forum.queued).toContainText('Отправится, как только появится связь');
  await page.reload();
  await expect(forum.queued).toContainText('А если кабинетов два?');
  // The first answer of the hub is lost on its way: the page sends again what has arrived.
  let isFirst = true;
  await page.unroute('**/forum/post');
  await page.route('**/forum/post', async (route) => {
    if (!isFirst) return route.continue();
    isFirst = false;
    await route.fetch();
    await route.abort();
  });
  await expect(forum.queued).toHaveCount(0);
  await expect(forum.messages).toHaveCount(2);
  await other.question(QUESTION).click();
  await expect(other.messages).toHaveCount(2);
  await expect(other.messages.nth(1)).toContainText('А если кабинетов два?');
});

test('[S2-19] an error in a file is asked about with its code, and its official answer is told to everybody who meets it', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  for (const number of [1, 4]) await downloadTemplate(hub, institution(number));
  await sendFile(hub, SCHOOL, await fixtureFile('errors.xls'));
  const [asker, answerer] = [await openBrowser(SCHOOL.id), new ForumPage(await openBrowser('regional'))];
  const cabinet = new CabinetPage(asker);
  await cabinet.open(SCHOOL);
  const error = cabinet.errors.filter({ hasText: 'not_a_number' });
  await error.getByRole('link', { name: 'Спросить' }).click();
  const forum = new ForumPage(asker);
  await expect(asker.getByText('Вопрос о шаге «отправка файла», код not_a_number')).toBeVisible();
  await forum.text.fill('Как писать число уроков? Телефон для связи +7 000 000-00-02');
  await forum.send.click();
  await expect(asker.getByText('Похоже на личные данные: телефон')).toBeVisible();
  await forum.text.fill('Как писать число уроков?');
  await forum.send.click();
  await expect(forum.messages).toHaveCount(1);

  await answerer.open();
  await answerer.question('not_a_number').click();
  await answerer.button('Ответить').click();
  await answerer.text.fill('Цифрами, без слов и пробелов.');
  await answerer.send.click();
  await answerer.button('Сделать официальным').click();
  await expect(answerer.official).toContainText('Цифрами');

  await sendFile(hub, institution(4), await fixtureFile('foreign-institution.xls'));
  const page = await openBrowser(SCHOOL.id);
  await new CabinetPage(page).open(SCHOOL);
  await expect(page.getByTestId('known-answer')).toContainText('Цифрами, без слов и пробелов.');
  await expect(page.getByTestId('known-answer')).toHaveCount(1);
});

test('[S0-01] a message with somebody’s data is hidden from everybody, and that it was there is not', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const question = await post(hub, 1, { kind: 'question', text: QUESTION });
  await post(hub, 1, { kind: 'followUp', question, text: 'Звоните Тестовой: 80000000001' });
  const [reader, keeper] = [new ForumPage(await openBrowser(SCHOOL.id)), new ForumPage(await openBrowser('regional'))];
  for (const forum of [reader, keeper]) {
    await forum.open();
    await forum.question(QUESTION).click();
    await expect(forum.messages.nth(1)).toContainText('80000000001');
  }
  await keeper.messages.nth(1).getByRole('button', { name: 'Скрыть' }).click();
  const dialog = keeper.page.getByRole('dialog');
  await dialog.getByLabel('Причина').fill('Номер телефона');
  await dialog.getByRole('button', { name: 'Скрыть' }).click();
  await expect(reader.messages.nth(1)).toContainText('Скрыто: Номер телефона (Орлова Анна Петровна');
  await expect(reader.messages.nth(1)).not.toContainText('80000000001');
  await reader.page.reload();
  await expect(reader.messages.nth(1)).toContainText('Скрыто: Номер телефона');
});

test('what is typed is kept over a reload until it is sent', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(SCHOOL.id);
  const forum = new ForumPage(page);
  await forum.open();
  await forum.button('Задать вопрос').click();
  await forum.text.fill('Не дописанный вопрос о');
  await page.reload();
  await expect(forum.text).toHaveValue('Не дописанный вопрос о');
  await forum.send.click();
  await expect(forum.messages).toHaveCount(1);
  await expect(forum.queued).toHaveCount(0);
});

for (const view of LOOKS)
  base(`the forum at ${view.name} is clear to eyes and screen readers`, async ({ hub, browser }) => {
    base.slow();
    await letIn(hub, SCHOOL);
    const question = await post(hub, 1, { kind: 'question', text: QUESTION });
    await post(hub, 1, {
      kind: 'question',
      text: 'Нужно ли сканировать пустые бланки?\nИ если да, то куда их отправлять: https://centre.example.org/scan',
    });
    await post(hub, 1, { kind: 'followUp', question, text: 'А если кабинетов два?' });
    for (const sight of [
      { name: 'forum', path: '/forum', heading: 'Форум поддержки' },
      { name: 'forum-thread', path: `/forum?q=${question}`, heading: 'Вопрос' },
      { name: 'forum-ask', path: '/forum?ask=', heading: 'Новый вопрос' },
    ]) {
      const context = await browser.newContext(contextOf(view));
      await signIn(context, hub, 'regional');
      const page = await context.newPage();
      await look(page, { ...sight, path: `/monitoring/${PROCEDURE}${sight.path}`, isPictured: true }, view);
      await context.close();
    }
  });
