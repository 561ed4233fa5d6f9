/** Access data on their way down, each level in a browser of its own. */
import { readFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { countLoads, expect, signIn, test } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS, type Sight } from './look.ts';
import { AccessPage, CredentialsPage } from './pages/credentials.ts';
import { ADMINISTRATOR, institution, PASSWORD, SCHOOL } from './region.ts';

const OTHER = institution(4);

test('[S1-32] [S4-09] [S4-10] [S4-11] [S4-12] [S4-13] a sample gets its access data from the region through the municipalities, and the first sign-in is seen live at each level', async ({
  openBrowser,
  visitor,
}) => {
  test.slow();
  const region = new CredentialsPage(await openBrowser('regional'));
  const municipality = new CredentialsPage(await openBrowser('municipal-1'));
  const foreign = new CredentialsPage(await openBrowser('municipal-2'));
  await municipality.open();
  await expect(municipality.page.getByRole('heading', { name: 'Доступов пока нет' })).toBeVisible();

  await test.step('the region makes accesses for the sample, and for nobody else', async () => {
    const { page } = region;
    await page.goto('/credentials/batches', { waitUntil: 'networkidle' });
    await page.getByLabel('Для чего').fill('Оценка графиков, I этап');
    await page.getByLabel('Территория').selectOption('48');
    await page.getByLabel('Коды организаций').fill(`${SCHOOL.id}\n${OTHER.id}\ni99-1`);
    await page.getByLabel('Адрес инструкции').fill('https://centre.example.org/instructions.pdf');
    await page.getByRole('button', { name: 'Создать', exact: true }).click();
    await expect(page.getByRole('alert')).toContainText('Этих организаций нет на выбранной территории (1): i99-1');
    await page.getByLabel('Коды организаций').fill(`${SCHOOL.id}\n${OTHER.id}`);
    await page.getByRole('button', { name: 'Создать', exact: true }).click();
    await expect(page.getByText('новых доступов 2, уже были у 0, всего организаций 2')).toBeVisible();
  });

  await region.open();
  await foreign.open();
  const loads = [region, municipality, foreign].map(({ page }) => countLoads(page));
  await test.step('the municipality sees its own come from above, and nothing of its neighbour', async () => {
    await expect(region.row(SCHOOL)).toContainText('у региона');
    await expect(municipality.row(SCHOOL)).toContainText('у региона');
    await expect(municipality.row(OTHER)).toHaveCount(0);
    await region.doAll('Передать дальше');
    await expect(municipality.row(SCHOOL)).toContainText('у муниципалитета');
    await expect(region.row(OTHER)).toContainText('у муниципалитета');
    await expect(foreign.row(OTHER)).toContainText('у муниципалитета');
    await expect(foreign.row(SCHOOL)).toHaveCount(0);
  });

  const access = new AccessPage(await openBrowser('municipal-1'));
  let secret = '';
  await test.step('the municipality opens the password once, and can’t give it before it verified the head’s address', async () => {
    await access.open(SCHOOL);
    await access.openSecret.click();
    await expect(access.page.getByRole('heading', { name: 'Пароль показан один раз' })).toBeVisible();
    await expect(access.page.getByText('https://centre.example.org/instructions.pdf').first()).toBeVisible();
    secret = await access.secret.innerText();
    await expect(region.row(SCHOOL)).toContainText('муниципалитет');
    await access.hand.click();
    await expect(access.page.getByRole('alert')).toContainText('адрес руководителя не подтверждён');
    await access.email.fill('director@example.org');
    await access.verify.click();
    await expect(region.row(SCHOOL)).toContainText('подтверждён');
    await access.page.reload();
    await expect(access.page.getByText(secret)).toHaveCount(0);
    await expect(access.entry('Пароль открыт')).toContainText('Белова Ирина Сергеевна');
  });

  await test.step('before it is handed over the card opens nothing, and says so plainly', async () => {
    await visitor.goto('/sign-in', { waitUntil: 'networkidle' });
    await visitor.getByLabel('Имя для входа').fill(SCHOOL.id);
    await visitor.getByLabel('Пароль', { exact: true }).fill(secret);
    await visitor.getByRole('button', { name: 'Войти' }).click();
    await expect(visitor.getByRole('alert')).toContainText('доступ ещё не передан организации');
    await access.hand.click();
    await expect(region.row(SCHOOL)).toContainText('передан организации');
    await expect(municipality.row(SCHOOL)).toContainText('передан организации');
  });

  await test.step('the institution signs in, must choose a password of its own, and comes to its cabinet', async () => {
    await visitor.getByLabel('Пароль', { exact: true }).fill(secret);
    await visitor.getByRole('button', { name: 'Войти' }).click();
    await visitor.waitForURL(/\/sign-in\/password/);
    await visitor.locator('input[name=next]').fill(PASSWORD);
    await visitor.getByRole('button', { name: 'Задать пароль' }).click();
    // The tables hear of it before the answer with the new session is here.
    await expect(visitor).not.toHaveURL(/\/sign-in/);
    await expect(region.row(SCHOOL)).toContainText('действует');
    await expect(municipality.row(SCHOOL)).toContainText('действует');
    await visitor.goto(`/cabinet/${SCHOOL.id}`);
    await expect(visitor.getByRole('heading', { name: 'Общеобразовательная организация' })).toBeVisible();
    expect(
      loads.map((count) => count()),
      'no table was loaded anew',
    ).toEqual([0, 0, 0]);
  });

  await test.step('the region revokes it with a reason: the institution is out at once, and hears why it can’t come in', async () => {
    const above = new AccessPage(await openBrowser('regional'));
    await above.open(SCHOOL);
    await expect(above.entry('Первый вход')).toBeVisible();
    await above.page.getByRole('button', { name: 'Отозвать доступ' }).click();
    await above.page.getByLabel('Причина').fill('сменился руководитель');
    await above.page.getByRole('alertdialog').getByRole('button', { name: 'Отозвать доступ' }).click();
    await expect(municipality.row(SCHOOL)).toContainText('отозван');
    await visitor.goto(`/cabinet/${SCHOOL.id}`);
    await visitor.waitForURL(/\/sign-in/);
    await visitor.getByLabel('Имя для входа').fill(SCHOOL.id);
    await visitor.getByLabel('Пароль', { exact: true }).fill(PASSWORD);
    await visitor.getByRole('button', { name: 'Войти' }).click();
    await expect(visitor.getByRole('alert')).toContainText('этот доступ отозван');
  });
});

async function makeAccesses(hub: HubNode): Promise<void> {
  const { batch } = await hub.call('credentialBatches', 'start', ADMINISTRATOR, {
    ...{ unit: '48', title: 'Оценка графиков', route: 'survey', codes: null },
    instructions: 'https://centre.example.org/instructions.pdf',
  });
  const status = async () => (await hub.call('credentials', 'batch', ADMINISTRATOR, batch)).state.status;
  await expect.poll(status).toBe('written');
}

test('sealed cards of a territory are printed once, and the sheet without secrets as often as one likes', async ({
  hub,
  openBrowser,
}) => {
  await makeAccesses(hub);
  const region = new CredentialsPage(await openBrowser('regional'));
  await region.open();
  const { page } = region;
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: /^Напечатать карточки · 7/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Напечатать карточки' }).click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/^Карточки доступа.*\.pdf$/);
  expect((await readFile(await file.path())).subarray(0, 5).toString()).toBe('%PDF-');
  await expect(page.getByText('Сделано: 7')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Напечатать карточки/ })).toHaveCount(0);
  const broken = await page.request.post('/credentials/cards', { data: 'не список', headers: { origin: hub.url } });
  expect(broken.status()).toBe(400);
  expect(await broken.json()).toMatchObject({ refusal: { code: 'bad_input' } });
  for (const format of ['xlsx', 'pdf'] as const) {
    const sheet = page.waitForEvent('download');
    await page.locator(`a[href^="/credentials/export.${format}"]`).click();
    expect((await sheet).suggestedFilename()).toMatch(new RegExp(`^Доступы.*\\.${format}$`));
  }
});

for (const view of LOOKS)
  test(`access data at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    await makeAccesses(hub);
    const person = { ...ADMINISTRATOR, id: 'scenario' };
    await hub.call('credentials', 'open', person, { institution: SCHOOL.id, known: 0 }, '192.0.2.7');
    await hub.call('credentials', 'handOn', person, [SCHOOL.id, OTHER.id], '192.0.2.7');
    const sights: Sight[] = [
      { name: 'credentials', username: 'regional', path: '/credentials', heading: 'Доступы', isPictured: true },
      {
        name: 'access',
        username: 'regional',
        path: `/credentials/${SCHOOL.id}`,
        heading: SCHOOL.name,
        isPictured: true,
      },
      {
        name: 'batches',
        username: 'regional',
        path: '/credentials/batches',
        heading: 'Создание доступов',
        isPictured: true,
      },
      { name: 'credentials-municipal', username: 'municipal-2', path: '/credentials', heading: 'Доступы' },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const context = await browser.newContext(contextOf(view));
        if (sight.username !== undefined) await signIn(context, hub, sight.username);
        await look(await context.newPage(), sight, view);
        await context.close();
      });
  });

test('the questions before a deed are clear to screen readers, and keys lead to an institution', async ({
  hub,
  openBrowser,
}) => {
  await makeAccesses(hub);
  const region = new CredentialsPage(await openBrowser('regional'));
  await region.open();
  const { page } = region;
  for (const name of [/^Передать дальше/, /^Напечатать карточки/, /^Подтвердить адреса/]) {
    await page.getByRole('button', { name }).click();
    const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.keyboard.press('Escape');
  }
  await region.row(SCHOOL).getByRole('link').focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/credentials/${SCHOOL.id}$`));
});
