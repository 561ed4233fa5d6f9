/** Finding in the support forum: what was asked before is shown before it is asked again. */
import { expect } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { signIn, test as base } from './fixtures.ts';
import { ForumPage } from './pages/forum.ts';
import { test } from './pair.ts';
import { ADMINISTRATOR, institution, letIn, organizerOf, PROCEDURE, SCHOOL } from './region.ts';

const ROOMS = 'Можно ли провести исследование в двух условных аудиториях одного кабинета?';
const ANSWER = 'Да, если между ними есть перегородка.';

let commands = 0;
async function answered(hub: HubNode): Promise<string> {
  await letIn(hub, SCHOOL);
  await letIn(hub, institution(4));
  const [asker, answerer] = [await organizerOf(hub, SCHOOL), ADMINISTRATOR];
  const command = (): string => `finding-command-${(commands += 1)}`;
  const { question } = await hub.call('forum', 'post', asker, PROCEDURE, {
    command: command(),
    kind: 'question',
    text: ROOMS,
  });
  await hub.call('forum', 'post', asker, PROCEDURE, {
    command: command(),
    kind: 'question',
    text: 'Нужно ли сканировать пустые бланки?',
  });
  const { token } = await hub.call('forum', 'claim', answerer, PROCEDURE, question, { deed: 'take' });
  await hub.call('forum', 'post', answerer, PROCEDURE, {
    command: command(),
    kind: 'answer',
    question,
    text: ANSWER,
    token,
    seen: 1,
  });
  return question;
}

test('[S1-42] while a question is typed on the other node, what was asked before is shown with its answer', async ({
  hub,
  second,
  openBrowser,
}) => {
  await answered(hub);
  const forum = new ForumPage(await openBrowser(institution(4).id));
  await forum.open(second.url);
  await forum.button('Задать вопрос').click();
  await forum.text.fill('В одном кабинете две условные аудитории, так можно?');
  const similar = forum.page.getByTestId('similar');
  await similar.getByText('Можно ли провести исследование').click();
  await expect(similar).toContainText(ANSWER);
  await expect(similar).toContainText('Региональный координатор, Липецкая область');
  // What was typed is where it was.
  await expect(forum.text).toHaveValue('В одном кабинете две условные аудитории, так можно?');
});

test('[S1-42] a misspelt search finds the question and marks its words; the address holds it', async ({
  hub,
  openBrowser,
}) => {
  const question = await answered(hub);
  const forum = new ForumPage(await openBrowser(institution(4).id));
  await forum.open();
  await forum.page.keyboard.press('/');
  await forum.page.keyboard.type('условные аудитори');
  await expect(forum.list.getByRole('link')).toHaveCount(1);
  await expect(forum.list.locator('mark')).toHaveText(['условных', 'аудиториях']);
  await forum.page.reload();
  await expect(forum.list.locator(`[data-question="${question}"] mark`)).toHaveCount(2);
  await forum.page.getByLabel('Только с официальным ответом').check();
  await expect(forum.page.getByText('Ничего не нашлось')).toBeVisible();
  await forum.page.getByRole('searchbox').fill('');
  await expect(forum.list.getByRole('link')).toHaveCount(2);
});

for (const view of LOOKS)
  base(`finding in the forum at ${view.name} is clear to eyes and screen readers`, async ({ hub, browser }) => {
    base.slow();
    await answered(hub);
    const context = await browser.newContext(contextOf(view));
    await signIn(context, hub, 'regional');
    const page = await context.newPage();
    const path = `/monitoring/${PROCEDURE}/forum?find=${encodeURIComponent('условная аудитория')}`;
    await look(page, { name: 'forum-find', path, heading: 'Форум поддержки', isPictured: true }, view);
    await context.close();
  });
