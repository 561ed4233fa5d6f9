/** Order in the support forum: what is answered often, what is asked again, what is asked by many; its figures and all of it to take along. */
import { readFile } from 'node:fs/promises';
import * as xlsx from '@e965/xlsx';
import { expect, signIn, test as base } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { ForumPage } from './pages/forum.ts';
import { test } from './pair.ts';
import { ADMINISTRATOR, BASE, institution, letIn, organizerOf, PROCEDURE, SCHOOL } from './region.ts';

const FIRST = 'Нужно ли сканировать пустые бланки ответов?';
const AGAIN = 'Пустые бланки ответов тоже сканировать?';
const ANSWER = 'Пустые бланки не сканируйте.';

let commands = 0;
async function ask(
  hub: HubNode,
  number: number,
  text: string,
  about: unknown = null,
  mentions: unknown[] = [],
): Promise<string> {
  const person = await organizerOf(hub, institution(number));
  const command = `order-command-${String((commands += 1)).padStart(4, '0')}`;
  return (await hub.call('forum', 'post', person, PROCEDURE, { kind: 'question', command, text, about, mentions }))
    .question;
}
async function answer(hub: HubNode, question: string, text = ANSWER): Promise<void> {
  const command = `order-command-${String((commands += 1)).padStart(4, '0')}`;
  const { token } = await hub.call('forum', 'claim', ADMINISTRATOR, PROCEDURE, question, { deed: 'take' });
  await hub.call('forum', 'post', ADMINISTRATOR, PROCEDURE, {
    ...{ kind: 'answer', command, question, text, token, seen: 1 },
  });
}

test('[S1-40] [S1-42] a canned answer is put in by the keyboard, what repeats reads the first answer, and a frequent question stands on top for all', async ({
  hub,
  second,
  openBrowser,
}) => {
  test.slow();
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  await ask(hub, 1, FIRST, { stage: 'send', code: 'busy' });
  const [asker, answerer] = [
    new ForumPage(await openBrowser(institution(4).id)),
    new ForumPage(await openBrowser('regional')),
  ];
  const { page } = answerer;
  await asker.open(second.url);

  await test.step('kept once, with its placeholders', async () => {
    await answerer.open();
    await page.getByRole('link', { name: 'Заготовки ответов' }).click();
    await page.getByLabel('Название').fill('Пустые бланки');
    await page
      .getByLabel('Текст ответа')
      .fill('Для «{institution}», код {code}: до {срока} бланки не сканируйте.{stage}x');
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await expect(page.getByTestId('canned')).toContainText('{institution}');
  });

  await test.step('put in by the keyboard; a place that is left is not sent', async () => {
    await answerer.open();
    await answerer.question(FIRST).click();
    await page.keyboard.press('r');
    await expect(answerer.text).toBeFocused();
    await expect(page.getByRole('button', { name: 'Вставить заготовку' })).toBeVisible();
    await page.keyboard.press('Control+Period');
    await expect(page.getByRole('menuitem', { name: 'Пустые бланки' })).toBeVisible();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect(answerer.text).toHaveValue(
      'Для «МБОУ СОШ № 101», код busy: до {срока} бланки не сканируйте.отправка файлаx',
    );
    await answerer.text.fill('Код {code}: не сканируйте.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByText('Замените {code}: сам он не заполнится')).toBeVisible();
    // It is marked: what is typed now takes its place.
    await page.keyboard.type('busy');
    await page.keyboard.press('Control+Enter');
    await expect(answerer.messages.nth(1)).toContainText('Код busy: не сканируйте.');
  });

  await test.step('asked again: linked with the first one, whose answer its author reads on the other node', async () => {
    await asker.ask(AGAIN);
    await answerer.question(AGAIN).click();
    await answerer.button('Повторяет другой вопрос').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('radio').first().check();
    await dialog.getByRole('button', { name: 'Повторяет другой вопрос' }).click();
    const note = asker.page.getByTestId('duplicate-of');
    await expect(note).toContainText('Код busy: не сканируйте.');
    await expect(asker.question(AGAIN)).toHaveAttribute('data-status', 'closed');
    await note.getByRole('link').click();
    await expect(asker.page.getByTestId('duplicates')).toContainText('повторили 1 раз');
    await answerer.button('Это другой вопрос').click();
    await expect(asker.page.getByTestId('duplicates')).toHaveCount(0);
    await expect(asker.question(AGAIN)).toHaveAttribute('data-status', 'open');
  });

  await test.step('pinned with a reason: on top for all, on paper, and gone again', async () => {
    await answerer.question(FIRST).click();
    await answerer.button('В частые вопросы').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Причина').fill('Спрашивают каждый день');
    await dialog.getByRole('button', { name: 'В частые вопросы' }).click();
    await expect(asker.page.getByTestId('frequent')).toContainText(FIRST);
    await asker.page.getByRole('link', { name: 'Все с ответами, для печати' }).click();
    await expect(asker.page.getByTestId('faq')).toContainText('Код busy: не сканируйте.');
  });

  await test.step('narrowed by territory, step and time: kept in the address', async () => {
    await page.getByLabel('Шаг процедуры').selectOption('отправка файла');
    await page.getByLabel('Территория').selectOption('Округ № 1');
    await page.getByLabel('Когда задан').selectOption('За сутки');
    await answerer.button('К списку').click();
    await expect(answerer.list.getByRole('link')).toHaveCount(1);
    expect(new URL(page.url()).search).toContain('part=48-m1&at=send&since=day');
    await page.reload();
    await expect(answerer.list.getByRole('link')).toHaveCount(1);
    await page.getByLabel('Территория').selectOption('Округ № 3');
    await answerer.button('Показать все').click();
    await expect(answerer.list.getByRole('link')).toHaveCount(2);
  });

  await test.step('figures, all of it as a file, and the way to the board', async () => {
    await page.getByRole('link', { name: 'Статистика форума' }).click();
    await expect(page.getByRole('grid', { name: 'По территориям' })).toContainText('Округ № 1');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Выгрузить в Excel' }).first().click(),
    ]);
    const book = xlsx.read(await readFile(await download.path()));
    const rows = xlsx.utils.sheet_to_json<string[]>(book.Sheets[book.SheetNames[0] ?? ''] ?? {}, { header: 1 });
    // Asked at one moment of a clock that stands: which of the two is first is not said.
    expect(rows.map((row) => row[7]).sort()).toEqual(['Код busy: не сканируйте.', FIRST, AGAIN, 'Текст']);
    await page.getByRole('link', { name: 'Ход мониторинга' }).click();
    await expect(page).toHaveURL(new RegExp(`${BASE}/board$`));
  });
});

test('[S1-42] a message calls a territory by the keyboard; its organizers see it in the bell, once on all of their devices', async ({
  hub,
  second,
  openBrowser,
}) => {
  test.slow();
  for (const number of [1, 4, 6]) await letIn(hub, institution(number));
  const asker = new ForumPage(await openBrowser(SCHOOL.id));
  const meant = [
    new ForumPage(await openBrowser(institution(4).id)),
    new ForumPage(await openBrowser(institution(4).id)),
  ] as const;
  const beside = new ForumPage(await openBrowser(institution(6).id));
  await asker.open();
  await meant[0].open();
  await meant[1].open(second.url);
  await beside.open(second.url);
  const bell = ({ page }: ForumPage) => page.getByTestId('bell');

  await asker.button('Задать вопрос').click();
  await asker.text.pressSequentially('Такая же ошибка есть у вас? @');
  await expect(asker.page.getByRole('menuitem', { name: 'Округ № 2' })).toBeVisible();
  await expect(asker.page.locator('[role="menu"]:focus-within')).toBeVisible();
  // From the end of the list: the last but one.
  await asker.page.keyboard.press('ArrowUp');
  await asker.page.keyboard.press('ArrowUp');
  await expect(asker.page.getByRole('menuitem', { name: 'Округ № 2' })).toBeFocused();
  await asker.page.keyboard.press('Enter');
  await expect(asker.text).toHaveValue('Такая же ошибка есть у вас? @Округ № 2 ');
  await expect(asker.text).toBeFocused();
  await asker.page.keyboard.press('Control+Enter');
  await expect(asker.page.getByTestId('mentions')).toContainText('Округ № 2');

  for (const forum of meant) await expect(bell(forum)).toHaveAttribute('data-count', '1');
  await expect(beside.question('Такая же ошибка')).toHaveAttribute('data-unread', '1');
  await expect(bell(beside)).toHaveAttribute('data-count', '0');
  await expect(bell(asker)).toHaveAttribute('data-count', '0');

  await test.step('read on one device, it is gone from the bell of the other', async () => {
    await bell(meant[0]).click();
    await meant[0].page.getByRole('menuitem', { name: /Такая же ошибка/ }).click();
    for (const forum of meant) await expect(bell(forum)).toHaveAttribute('data-count', '0');
  });
  await test.step('followed on one device, what comes next is in the bell of the other', async () => {
    await meant[0].button('Следить').click();
    await expect(meant[0].button('Не следить')).toBeVisible();
    await meant[0].button('К списку').click();
    await asker.button('Уточнить вопрос').click();
    await asker.text.fill('У нас она прошла сама.');
    await asker.send.click();
    for (const forum of meant) await expect(bell(forum)).toHaveAttribute('data-count', '1');
  });
  await test.step('in the head of any page: live on another node, and the way to the question', async () => {
    const { page } = meant[1];
    await page.goto(`${second.url}/account`);
    await expect(bell(meant[1])).toHaveAttribute('data-count', '1');
    await asker.button('Уточнить вопрос').click();
    await asker.text.fill('@Округ № 2 а у вас?');
    await asker.send.click();
    await ask(hub, 6, 'Ещё одна ошибка: что делать с ней?', null, [{ kind: 'unit', unit: '48-m2' }]);
    await expect(bell(meant[1])).toHaveAttribute('data-count', '2');
    await bell(meant[1]).click();
    await page.getByRole('menuitem', { name: /Ещё одна ошибка/ }).click();
    await expect(page.getByTestId('thread')).toContainText('Ещё одна ошибка');
    for (const forum of meant) await expect(bell(forum)).toHaveAttribute('data-count', '1');
    await bell(meant[0]).click();
    await meant[0].page.getByRole('menuitem', { name: /Такая же ошибка/ }).click();
    for (const forum of meant) await expect(bell(forum)).toHaveAttribute('data-count', '0');
    await meant[0].button('К списку').click();
  });
  await test.step('letters, territories and quiet hours are chosen and kept', async () => {
    const { page } = beside;
    await page.getByRole('link', { name: 'Уведомления' }).click();
    await page.getByLabel('Округ № 1').check();
    await page.getByLabel('Письмо о непрочитанном').selectOption('раз в день, в 9:00');
    await expect(page.getByText('Письма не придут: почта не подтверждена')).toBeVisible();
    await page.getByLabel('С', { exact: true }).fill('22:00');
    await page.getByLabel('До', { exact: true }).fill('08:00');
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await expect(page.getByText('Сохранено')).toBeVisible();
    await beside.open(second.url);
    await expect(bell(beside)).toHaveAttribute('data-count', '1');
  });
});

for (const view of LOOKS)
  base(`the pages around the forum at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    base.slow();
    await letIn(hub, SCHOOL);
    await letIn(hub, institution(4));
    const [first, again] = [await ask(hub, 1, FIRST), await ask(hub, 4, AGAIN)];
    await ask(hub, 4, 'Какой документ подписывает специалист при приёмке пакетов?');
    await answer(hub, first);
    await hub.call('forum', 'link', ADMINISTRATOR, PROCEDURE, again, first);
    await hub.call('forum', 'pin', ADMINISTRATOR, PROCEDURE, first, {
      isPinned: true,
      reason: 'Спрашивают каждый день',
    });
    for (const [title, text] of [
      [
        'Срок приёма файла',
        'Файл принимается до {deadline} включительно. Если он не принят с кодом {code}, напишите нам.',
      ],
      ['Ждём ответа', 'Вопрос передан федеральному координатору, ответим здесь же.'],
    ])
      await hub.call('cannedAnswers', 'keep', ADMINISTRATOR, PROCEDURE, { id: null, rev: 0, title, text });
    for (const sight of [
      { name: 'forum-order', path: `/forum?q=${again}`, heading: 'Форум поддержки' },
      { name: 'forum-faq', path: '/forum/faq', heading: 'Частые вопросы' },
      { name: 'forum-statistics', path: '/forum/statistics', heading: 'Статистика форума' },
      { name: 'forum-attention', path: '/forum/attention', heading: 'Уведомления' },
      { name: 'forum-canned', path: '/forum/canned', heading: 'Заготовки ответов' },
    ]) {
      const context = await browser.newContext(contextOf(view));
      await signIn(context, hub, 'regional');
      const page = await context.newPage();
      await look(page, { ...sight, path: `/monitoring/${PROCEDURE}${sight.path}`, isPictured: true }, view);
      await context.close();
    }
  });
