/** People: an invitation by letter and by card, the first sight of one's own board, a replacement, and an end that is seen at once. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { notice, SignInPage } from './pages/site.ts';
import { appoint, BASE, MUNICIPAL, PASSWORD, recall, REGION } from './region.ts';

async function clearDialog(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target.join(' ')).join()}`)).toEqual([]);
}

async function openPeople(page: Page): Promise<void> {
  await page.goto('/people');
  await expect(page.getByText('на связи', { exact: true })).toBeVisible();
}

async function invite(page: Page, who: { role: string; place: string; name: string }): Promise<void> {
  await page.getByRole('button', { name: 'Назначить' }).click();
  const dialog = page.getByRole('dialog', { name: 'Назначить на роль' });
  await dialog.getByLabel('Роль').selectOption({ label: who.role });
  await dialog.getByRole('searchbox').fill(who.place);
  await dialog.getByRole('list', { name: 'Подходящие' }).getByRole('button', { name: who.place }).click();
  await dialog.getByLabel('Фамилия, имя, отчество').fill(who.name);
}

test('[S1-17] a municipal coordinator is invited by letter, takes it, and sees the board of the municipality', async ({
  hub,
  visitor,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  await openPeople(page);
  await invite(page, { role: 'Муниципальный координатор', place: 'Округ № 3', name: 'Ветрова Ольга Игоревна' });
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Электронная почта').fill('vetrova@example.org');
  await clearDialog(page);
  await dialog.getByRole('button', { name: 'Назначить' }).click();
  // The screen changes by the fact: the row is there, and waits for her.
  const row = page.getByRole('row').filter({ hasText: 'Ветрова Ольга Игоревна' });
  await expect(row).toContainText('приглашён');

  const letters = await openBrowser('administrator');
  await letters.goto('/letters');
  const address = await letters.getByRole('link', { name: /\/invitation\// }).innerText();
  await visitor.goto(new URL(address).pathname);
  await expect(visitor.getByRole('heading', { name: 'Ветрова Ольга Игоревна' })).toBeVisible();
  await visitor.getByLabel('Имя для входа').fill('vetrova');
  await visitor.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
  await visitor.getByRole('button', { name: 'Принять приглашение' }).click();
  await visitor.waitForURL(/\/sign-in/);
  await new SignInPage(visitor).signIn('vetrova');
  await expect(row).toContainText('действует');
  await expect(visitor.getByRole('heading', { name: 'Мониторинги', exact: true })).toBeVisible();
  await visitor.goto(`${BASE}/board`);
  await expect(visitor.getByRole('rowheader', { name: 'МБОУ СОШ № 106' })).toBeVisible();
  await expect(visitor.getByRole('rowheader', { name: 'МБОУ СОШ № 101' })).toBeHidden();
  await visitor.goto('/account');
  await expect(visitor.getByText('Округ № 3')).toBeVisible();
  // Whoever comes later with the same link is told so.
  const late = await openBrowser();
  await late.goto(`${hub.url}${new URL(address).pathname}`);
  await expect(notice(late, 'Приглашение не открыто: его уже приняли')).toBeVisible();

  // Ended with a reason: her open board goes dark.
  await visitor.goto(`${BASE}/board`);
  await expect(visitor.getByText('на связи', { exact: true })).toBeVisible();
  await row.getByRole('rowheader').click();
  await page.getByRole('button', { name: 'Завершить назначение' }).click();
  await page.getByLabel('Причина').fill('перешла на другую работу');
  await clearDialog(page);
  await page.getByRole('dialog').getByRole('button', { name: 'Завершить назначение' }).click();
  await expect(row).toContainText('завершено');
  await expect(visitor.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
});

test('[S1-01] a card is shown once; a regional coordinator is replaced by the authority, and the post keeps its history', async ({
  hub,
  visitor,
  openBrowser,
}) => {
  await appoint(hub, { name: 'Ведомственная Анна', username: 'authority', role: 'authoritySpecialist', unit: REGION });
  const page = await openBrowser('authority');
  await openPeople(page);
  await page.getByRole('rowheader', { name: 'Орлова Анна Петровна' }).click();
  await clearDialog(page);
  await page.getByRole('button', { name: 'Сменить' }).click();
  const dialog = page.getByRole('dialog', { name: 'Назначить на роль' });
  await dialog.getByLabel('Фамилия, имя, отчество').fill('Зимина Вера Павловна');
  await dialog.getByLabel('Телефон').fill('+7 000 000-00-77');
  await dialog.getByLabel('Электронная почта').fill('zimina@example.org');
  await dialog.getByLabel('Карточкой: распечатать и отдать').check();
  await dialog.getByRole('button', { name: 'Назначить' }).click();
  const card = page.getByRole('alertdialog');
  await clearDialog(page);
  const code = await card.locator('.code').innerText();
  const download = page.waitForEvent('download');
  await card.getByRole('button', { name: 'Скачать карточку (PDF)' }).click();
  expect((await download).suggestedFilename()).toMatch(/\.pdf$/);
  await card.getByRole('button', { name: 'Карточка сохранена или напечатана' }).click();
  await expect(page.getByText(code)).toHaveCount(0);

  // Typed from the card: small letters and spaces will do.
  await visitor.goto('/invitation');
  await visitor.getByLabel('Код приглашения').fill(code.toLowerCase().replaceAll('-', ' '));
  await visitor.getByRole('button', { name: 'Открыть приглашение' }).click();
  await visitor.getByLabel('Имя для входа').fill('zimina');
  await visitor.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
  await visitor.getByRole('button', { name: 'Принять приглашение' }).click();
  await visitor.waitForURL(/\/sign-in/);
  await new SignInPage(visitor).signIn('zimina');
  await page.getByRole('rowheader', { name: 'Зимина Вера Павловна' }).click();
  const history = page.getByRole('dialog').locator('section').filter({ hasText: 'Кто был в этой роли' });
  await expect(history).toContainText('Орлова Анна Петровна');
  await expect(history).toContainText('Зимина Вера Павловна');
});

test('[A-2] the last day of an appointment ends an open page by the clock', async ({ hub, openBrowser }) => {
  await recall(hub, MUNICIPAL[0], 'municipalCoordinator');
  await appoint(hub, {
    ...{ name: 'Временная Анна', username: 'temporary', role: 'municipalCoordinator', unit: '48-m1' },
    to: '2013-11-20',
  });
  await hub.setClock('2013-11-20T23:50:00+04:00');
  const page = await openBrowser('temporary');
  await page.goto(`${BASE}/board`);
  await expect(page.getByText('на связи', { exact: true })).toBeVisible();
  await hub.setClock('2013-11-21T00:00:00+04:00');
  await expect(page.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
});
