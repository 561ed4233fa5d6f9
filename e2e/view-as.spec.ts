/** Support looks through somebody's eyes: it sees his cabinet, changes nothing, and he is told. */
import type { Page } from '@playwright/test';
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice } from './pages/site.ts';
import { BASE, fixture, letIn, ORGANIZER, REGIONAL, SCHOOL, submissionsOf } from './region.ts';

const OWNER = `${ORGANIZER.surname} ${ORGANIZER.firstName} ${ORGANIZER.patronymic}`;
const REASON = 'Не находит кнопку отправки файла';
const CABINET = `${BASE}/cabinet/${SCHOOL.id}`;

async function begin(page: Page): Promise<void> {
  await page.goto('/people');
  await expect(page.getByText('на связи', { exact: true })).toBeVisible();
  await page.getByRole('rowheader', { name: OWNER }).click();
  await page.getByRole('button', { name: 'Посмотреть его глазами' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Зачем это нужно').fill(REASON);
  await dialog.getByRole('button', { name: 'Посмотреть его глазами' }).click();
  await expect(banner(page)).toBeVisible();
}
const banner = (page: Page) => page.getByRole('complementary', { name: 'Просмотр глазами другого' });

test('support looks through the eyes of a coordinator: sees his cabinet, can do nothing, and he reads who, why and at what', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(REGIONAL.username);
  const owner = await openBrowser(SCHOOL.id);
  await begin(page);
  await expect(banner(page)).toContainText(`Вы смотрите глазами: ${OWNER}`);
  await expect(banner(page)).toContainText(REGIONAL.name);
  await expect(banner(page)).toContainText(/Осталось\s1[45]\sмин/);

  await test.step('his cabinet is shown as he sees it, live', async () => {
    await page.goto(CABINET);
    const cabinet = new CabinetPage(page);
    await expect(cabinet.live).toBeVisible();
    await expect(cabinet.send).toBeVisible();
    await expect(banner(page)).toBeVisible();
  });

  await test.step('a file that is sent is refused by name, and a form too', async () => {
    const cabinet = new CabinetPage(page);
    await cabinet.file.setInputFiles(fixture('good.xls'));
    await cabinet.tick.check();
    await cabinet.send.click();
    await expect(notice(page, 'Не сделано: вы смотрите глазами другого')).toBeVisible();
    expect(await submissionsOf(hub, SCHOOL)).toEqual([]);
    await page.goto(`/cabinet/${SCHOOL.id}?edit`);
    await page.getByLabel('Сайт', { exact: false }).first().fill('https://other.example.org');
    await page.getByRole('button', { name: 'Сохранить' }).click();
    await expect(notice(page, 'Не сделано: вы смотрите глазами другого')).toBeVisible();
  });

  await test.step('whatever asks is refused: scripts, forms without a script, files', async () => {
    const ask = (path: string, headers: Record<string, string> = {}) =>
      page.request.post(path, { headers: { origin: hub.url, ...headers }, form: { x: 'y' }, maxRedirects: 0 });
    const scripted = await ask(`/cabinet/${SCHOOL.id}?/save`, { accept: 'application/json' });
    expect(scripted.status()).toBe(403);
    expect(await scripted.text()).toContain('viewing_only');
    for (const path of [
      `/cabinet/${SCHOOL.id}?/save`,
      `${CABINET}?/attest`,
      '/account?/everywhere',
      '/people?/viewAs',
    ]) {
      const plain = await ask(path, { accept: 'text/html' });
      expect([path, plain.status(), plain.headers()['location']]).toEqual([path, 303, '/viewing?refused=viewing_only']);
    }
    const uploaded = await page.request.post(`${CABINET}/upload?name=x.xls`, {
      headers: { origin: hub.url, 'content-type': 'application/octet-stream' },
      data: Buffer.from([1]),
    });
    expect(uploaded.status()).toBe(403);
    for (const method of ['PUT', 'DELETE', 'PATCH'])
      expect((await page.request.fetch(CABINET, { method, headers: { origin: hub.url } })).status()).toBe(403);
    for (const path of [`${CABINET}/template.xls`, '/imports/form.csv', '/people/export'])
      expect([path, (await page.request.get(path)).status()]).toEqual([path, 403]);
  });

  await test.step('his sessions and ways in are not shown', async () => {
    for (const path of ['/account', '/account/second-factor', '/letters', '/sign-in']) {
      await page.goto(path);
      await expect(notice(page, 'Это не показывается, пока вы смотрите глазами другого')).toBeVisible();
    }
  });

  await test.step('he reads in his account who looks, since when, why, at which pages', async () => {
    await owner.goto('/account');
    const card = owner.getByRole('region', { name: 'Кто смотрел вашими глазами' });
    await expect(card).toContainText(`Сейчас смотрит ${REGIONAL.name}`);
    await expect(card).toContainText(REASON);
    await card.getByText(/^Страниц: /).click();
    await expect(card.getByText(CABINET, { exact: true }).first()).toBeVisible();
  });

  await test.step('ended by the button, the viewer is himself again', async () => {
    await banner(page).getByRole('button', { name: 'Завершить просмотр' }).click();
    await expect(page.getByRole('rowheader', { name: OWNER })).toBeVisible();
    await expect(banner(page)).toHaveCount(0);
    await page.goto('/account');
    await expect(page.getByText(REGIONAL.username, { exact: true })).toBeVisible();
    await owner.reload();
    await expect(owner.getByText(/завершил смотревший/)).toBeVisible();
  });
});

test('he ends it himself, and the open page goes dark and does not come back as another’s', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(REGIONAL.username);
  await begin(page);
  await page.goto(CABINET);
  await expect(new CabinetPage(page).live).toBeVisible();
  const owner = await openBrowser(SCHOOL.id);
  await owner.goto('/account');
  await owner.getByRole('button', { name: 'Завершить и сутки не разрешать' }).click();
  await expect(owner.getByText(/завершил тот, чьими глазами смотрели/)).toBeVisible();
  await expect(notice(page, 'Просмотр завершён')).toBeVisible();
  await page.goto('/people');
  await expect(banner(page)).toHaveCount(0);
  await page.getByRole('rowheader', { name: OWNER }).click();
  await page.getByRole('button', { name: 'Посмотреть его глазами' }).click();
  await page.getByRole('dialog').getByLabel('Зачем это нужно').fill(REASON);
  await page.getByRole('dialog').getByRole('button', { name: 'Посмотреть его глазами' }).click();
  await expect(notice(page, 'Человек завершил ваш просмотр')).toBeVisible();
});

test('the clock ends it on an open page', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(REGIONAL.username);
  await begin(page);
  await page.goto(CABINET);
  await expect(new CabinetPage(page).live).toBeVisible();
  await hub.setClock('2013-11-20T10:16:00+04:00');
  await expect(page.getByText('Просмотр завершён').first()).toBeVisible();
  await page.goto('/');
  await expect(banner(page)).toHaveCount(0);
});

test('the banner is there wide and narrow, in the light and in the dark', async ({ hub, browser }) => {
  await letIn(hub, SCHOOL);
  const context = await browser.newContext(contextOf(LOOKS[0]));
  await signIn(context, hub, REGIONAL.username);
  const first = await context.newPage();
  await begin(first);
  for (const one of LOOKS) {
    const page = await context.newPage();
    await page.setViewportSize({ width: one.width, height: one.height });
    await page.emulateMedia({ colorScheme: one.colorScheme });
    await look(page, { name: 'viewing', path: CABINET, heading: SCHOOL.name, isPictured: true }, one);
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await expect(banner(page)).toBeInViewport({ ratio: 1 });
    await page.close();
  }
  await context.close();
});
