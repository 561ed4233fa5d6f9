/** Many institutions ask the same within minutes: one incident, one answer to all of them. */
import { expect, signIn, test as base } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { ForumPage } from './pages/forum.ts';
import { test } from './pair.ts';
import { institution, letIn, organizerOf, PROCEDURE } from './region.ts';

const ASKING = [1, 2, 3, 4, 5];

async function surge(hub: HubNode): Promise<void> {
  for (const number of ASKING) {
    await letIn(hub, institution(number));
    await hub.call('forum', 'post', await organizerOf(hub, institution(number)), PROCEDURE, {
      ...{ command: `incident-journey-${number}`, kind: 'question', text: 'Файл не отправляется, что делать?' },
      about: { stage: 'send', code: 'submission_busy' },
    });
  }
}

test('what five institutions meet at once is answered once for all, on the other node, and they say that it helped', async ({
  hub,
  second,
  openBrowser,
}) => {
  await surge(hub);
  const answerer = new ForumPage(await openBrowser('regional'));
  await answerer.open(second.url);
  const incident = answerer.page.getByTestId('incident');
  await expect(incident).toContainText('5 вопросов от 5 организаций');
  const asker = new ForumPage(await openBrowser(institution(1).id));
  await asker.open();
  const seen = asker.page.getByTestId('incident');
  await expect(seen).toHaveAttribute('data-status', 'open');
  await expect(seen.getByRole('button')).toHaveCount(0);

  await incident.getByRole('textbox').fill('Приём восстановлен, отправьте файл ещё раз.');
  await incident.getByRole('button', { name: 'Ответить всем' }).click();
  await answerer.page.getByRole('alertdialog').getByRole('button', { name: 'Ответить всем' }).click();
  await expect(incident).toHaveAttribute('data-status', 'answered');
  await expect(seen).toContainText('Приём восстановлен');
  await expect(asker.list.locator('[data-status="answered"]')).toHaveCount(5);
  await seen.getByRole('button', { name: 'Помогло' }).click();
  await expect(seen).toContainText('Вы отметили, что ответ помог.');
  await expect(incident).toContainText('Помогло 1 из 5');
});

for (const view of LOOKS)
  base(`an incident at ${view.name} is clear to eyes and screen readers`, async ({ hub, browser }) => {
    base.slow();
    await surge(hub);
    const context = await browser.newContext(contextOf(view));
    await signIn(context, hub, 'regional');
    const page = await context.newPage();
    const path = `/monitoring/${PROCEDURE}/forum`;
    await look(page, { name: 'forum-incident', path, heading: 'Форум поддержки', isPictured: true }, view);
    await context.close();
  });
