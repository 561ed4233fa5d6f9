/** Who may see what: signing in and out, and the doors that stay shut. */
import { expect, test } from './fixtures.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice, SignInPage, Site } from './pages/site.ts';
import {
  BASE,
  fixture,
  fixtureFile,
  institution,
  letIn,
  PASSWORD,
  SCHOOL,
  sendFile,
  submissionsOf,
  TITLE,
} from './region.ts';

const OTHER = institution(2);

test('a wrong password and an unknown name are refused in the same words', async ({ hub, visitor }) => {
  await letIn(hub, SCHOOL);
  const page = new SignInPage(visitor);
  await page.open();
  for (const [username, password] of [
    [SCHOOL.id, 'не-тот-пароль-совсем'],
    ['nobody-here', PASSWORD],
  ] as const) {
    await page.signIn(username, password);
    await expect(notice(visitor, 'Войти не удалось')).toBeVisible();
    await expect(visitor.getByRole('alert')).toContainText('Имя или пароль неверны.');
  }
  await expect(visitor).toHaveURL(/\/sign-in$/);
});

for (const next of ['//evil.example.org/', '/\\evil.example.org/', 'https://evil.example.org/'])
  test(`after signing in an address from outside is not followed: ${next}`, async ({ hub, visitor }) => {
    await letIn(hub, SCHOOL);
    const page = new SignInPage(visitor);
    await page.open(`?next=${encodeURIComponent(next)}`);
    await page.signIn(SCHOOL.id);
    await expect(visitor.getByRole('heading', { name: TITLE })).toBeVisible();
    expect(new URL(visitor.url()).origin).toBe(hub.url);
  });

test('after signing in the person is where he wanted to be', async ({ hub, visitor }) => {
  await letIn(hub, SCHOOL);
  await visitor.goto(`${BASE}/cabinet/${SCHOOL.id}`);
  await new SignInPage(visitor).signIn(SCHOOL.id);
  await expect(visitor).toHaveURL(new RegExp(`${BASE}/cabinet/${SCHOOL.id}$`));
});

test('signing out everywhere cuts a cabinet that stands open in another browser', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const open = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(open);
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));

  const other = await openBrowser(SCHOOL.id);
  await other.goto('/account');
  await other.getByRole('button', { name: 'Выйти на всех устройствах' }).click();
  await expect(other).toHaveURL(/\/sign-in$/);
  await expect(notice(open, 'Нужно войти')).toBeVisible();
  await expect(cabinet.live).toBeHidden();

  // Nothing can be sent from it any longer.
  const sent = await open.request.post(`${BASE}/cabinet/${SCHOOL.id}/upload?name=good.xls&attested=yes`, {
    data: Buffer.from((await fixtureFile('good.xls')).content),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(sent.status()).toBe(401);
  expect(await submissionsOf(hub, SCHOOL)).toEqual([]);
});

test('a changed password ends the other sessions and is the one that opens', async ({ hub, openBrowser, visitor }) => {
  await letIn(hub, SCHOOL);
  const other = await openBrowser(SCHOOL.id);
  const page = await openBrowser(SCHOOL.id);
  await page.goto('/account');
  await page.getByRole('region', { name: 'Сменить пароль' }).getByLabel('Нынешний пароль').fill(PASSWORD);
  await page.getByLabel('Новый пароль').fill('другая-длинная-фраза');
  await page.getByRole('button', { name: 'Сменить пароль' }).click();
  await expect(notice(page, 'Пароль изменён, на других устройствах выполнен выход')).toBeVisible();
  await other.goto(`${BASE}/cabinet/${SCHOOL.id}`);
  await expect(other).toHaveURL(/\/sign-in/);
  const signInPage = new SignInPage(visitor);
  await signInPage.open();
  await signInPage.signIn(SCHOOL.id, 'другая-длинная-фраза');
  await expect(visitor.getByRole('link', { name: 'Личный кабинет' })).toBeVisible();
});

test.describe('at the first start', () => {
  test.use({ isSetUp: false });

  test('every page leads to the setup, which demands the one-time code of the log and then is closed', async ({
    hub,
    visitor,
  }) => {
    await visitor.goto('/');
    await expect(visitor).toHaveURL(/\/setup$/);
    const code = visitor.getByRole('textbox', { name: 'Код', exact: true });
    await code.fill('неверный код');
    await visitor.getByLabel('Фамилия, имя, отчество').fill('Орлова Анна Петровна');
    await visitor.getByLabel('Имя для входа').fill('orlova');
    await visitor.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
    await visitor.getByRole('textbox', { name: 'Регион', exact: true }).fill('Липецкая область');
    await visitor.getByLabel('Код региона').fill('48');
    const begin = visitor.getByRole('button', { name: 'Начать работу' });
    await begin.click();
    await expect(notice(visitor, 'Код не подошёл')).toBeVisible();

    const line = hub.log.find(({ msg }) => msg.startsWith('first start'));
    await code.fill(String(line?.['code']));
    await begin.click();
    const page = new SignInPage(visitor);
    await expect(page.title).toBeVisible();
    await page.password.fill(PASSWORD);
    await page.enter.click();
    await expect(visitor).toHaveURL(/\/settings$/);
    await expect(visitor.getByText('Липецкая область').first()).toBeVisible();
    await visitor.goto('/setup');
    await expect(visitor).not.toHaveURL(/\/setup$/);
  });

  test('the administrator brings in institutions, opens the monitoring and makes a coordinator, who sees his board', async ({
    hub,
    openBrowser,
    visitor,
  }) => {
    await hub.call('people', 'setUp', {
      administrator: { name: 'Орлова Анна Петровна', username: 'orlova', password: PASSWORD },
      top: { id: '48', name: 'Липецкая область', zone: 'Europe/Moscow' },
    });
    const page = await openBrowser('orlova');
    await page.goto('/settings');
    await page
      .getByLabel('Список организаций')
      .fill('Округ № 1; i48-1; МБОУ СОШ № 101\nОкруг № 2\ti48-4\tМБОУ СОШ № 104');
    await page.getByRole('button', { name: 'Добавить организации' }).click();
    await expect(notice(page, 'Добавлено: 2, переименовано: 0')).toBeVisible();

    await page.getByLabel('Учебный год начался в').fill('2012');
    await page.getByLabel('Последний день приёма').fill('2013-11-29');
    await page.getByLabel('Название центра').fill('Центр оценки качества');
    await page.getByLabel('Телефон').fill('+7 000 000-00-48');
    await page.getByLabel('Электронная почта').fill('centre@example.org');
    await page.getByLabel('Официальный сайт центра').fill('https://centre.example.org');
    await page.getByRole('button', { name: 'Открыть мониторинг' }).click();
    await expect(notice(page, `Мониторинг открыт: ${TITLE}`)).toBeVisible();

    // The municipality's coordinator gets a card, opens its address, and sees his board.
    await page.getByRole('link', { name: 'Люди' }).first().click();
    await page.getByRole('button', { name: 'Назначить' }).click();
    const dialog = page.getByRole('dialog', { name: 'Назначить на роль' });
    await dialog.getByLabel('Роль').selectOption({ label: 'Муниципальный координатор' });
    await dialog.getByRole('searchbox').fill('Округ № 2');
    await dialog.getByRole('button', { name: /Округ № 2/ }).click();
    await dialog.getByLabel('Фамилия, имя, отчество').fill('Белова Ирина Сергеевна');
    await dialog.getByLabel('Карточкой: распечатать и отдать').check();
    await dialog.getByRole('button', { name: 'Назначить' }).click();
    const card = page.getByRole('alertdialog', { name: 'Карточка приглашения: Белова Ирина Сергеевна' });
    const address = await card.getByText(/\/invitation\//).innerText();
    await visitor.goto(new URL(address).pathname);
    await visitor.getByLabel('Имя для входа').fill('belova');
    await visitor.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
    await visitor.getByRole('button', { name: 'Принять приглашение' }).click();
    await visitor.waitForURL(/\/sign-in/);
    await new SignInPage(visitor).signIn('belova');
    await expect(visitor.getByRole('heading', { name: 'Мониторинги', exact: true })).toBeVisible();
    await visitor.goto(`${BASE}/board`);
    await expect(visitor.getByRole('rowheader', { name: 'МБОУ СОШ № 104' })).toBeVisible();
    await expect(visitor.getByRole('rowheader', { name: 'МБОУ СОШ № 101' })).toBeHidden();
  });
});

test('the pages speak Russian, and English when asked', async ({ visitor }) => {
  const site = new Site(visitor);
  await site.open();
  await expect(visitor.locator('html')).toHaveAttribute('lang', 'ru');
  await visitor.getByRole('link', { name: 'Eng' }).click();
  await expect(site.menu.getByRole('link')).toHaveText([
    'About the project',
    'Registration of participants',
    'Participants of the project',
    'Cabinet',
    'Official site of the centre',
  ]);
  await expect(visitor.locator('html')).toHaveAttribute('lang', 'en');
  await visitor.getByRole('link', { name: 'Рус' }).click();
  await expect(site.menuItem('О проекте')).toBeVisible();
});

test('[S2-08] an institution can’t open another’s cabinet, template, files, report or upload, nor the board', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  await letIn(hub, OTHER);
  const bad = await sendFile(hub, OTHER, await fixtureFile('errors.xls'));
  await expect.poll(async () => (await submissionsOf(hub, OTHER))[0]?.status).toBe('failed');
  const good = await sendFile(hub, OTHER, await fixtureFile('foreign-institution.xls'));
  await expect.poll(async () => (await submissionsOf(hub, OTHER))[0]?.status).toBe('processed');

  const page = await openBrowser(SCHOOL.id);
  const cabinet = `${BASE}/cabinet/${OTHER.id}`;
  for (const path of [
    cabinet,
    `${cabinet}/template.xls`,
    `${cabinet}/template.xlsx`,
    `${cabinet}/original/${good}`,
    `${cabinet}/annotated/${bad}`,
    `${BASE}/report/${OTHER.id}`,
    `${BASE}/report/${OTHER.id}/${good}.pdf`,
    `${BASE}/report/${OTHER.id}/${good}.xlsx`,
    `${BASE}/board`,
    `${BASE}/board/export`,
    `${BASE}/board/participation/${OTHER.id}`,
    // Another's submission under one's own address does not exist.
    `${BASE}/cabinet/${SCHOOL.id}/original/${good}`,
    `${BASE}/report/${SCHOOL.id}/${good}.pdf`,
  ])
    await test.step(path, async () => {
      const answer = await page.request.get(path, { maxRedirects: 0 });
      expect([403, 404]).toContain(answer.status());
      expect(await answer.text()).not.toContain(OTHER.name);
    });
  const sent = await page.request.post(`${cabinet}/upload?name=good.xls&attested=yes`, {
    data: Buffer.from((await fixtureFile('good.xls')).content),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(sent.status()).toBe(403);
  expect(await submissionsOf(hub, OTHER)).toHaveLength(2);

  await page.goto(cabinet);
  await expect(notice(page, 'Это вам не открыто')).toBeVisible();
});

test('[S2-08] a visitor reaches nothing of a cabinet but the way to sign in', async ({ hub, visitor }) => {
  await letIn(hub, SCHOOL);
  for (const path of [`/cabinet/${SCHOOL.id}`, `/cabinet/${SCHOOL.id}/template.xls`, `/report/${SCHOOL.id}`, '/board'])
    await test.step(path, async () => {
      const answer = await visitor.request.get(`${BASE}${path}`, { maxRedirects: 0 });
      expect(answer.status()).toBe(303);
      expect(answer.headers()['location']).toMatch(/^\/sign-in\?next=/);
    });
  const sent = await visitor.request.post(`${BASE}/cabinet/${SCHOOL.id}/upload?name=good.xls&attested=yes`, {
    data: Buffer.from((await fixtureFile('good.xls')).content),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(sent.status()).toBe(401);
});
