/** The journal of deeds of a territory as it fills, and the table of rights. */
import { readFile } from 'node:fs/promises';
import { countLoads, expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS, type Sight } from './look.ts';
import { BASE, fixtureFile, letIn, MUNICIPAL, SCHOOL, sendFile, submissionsOf } from './region.ts';

test('what is done in a territory appears in its journal live, with what was before and after, and in no other’s', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  await page.goto('/deeds');
  await expect(page.getByRole('heading', { name: 'Журнал действий' })).toBeVisible();
  const given = page.getByRole('row').filter({ hasText: 'Предоставление доступа' });

  await test.step('new entries are announced, and shown when they are asked for', async () => {
    await expect(page.getByText('на связи')).toBeVisible();
    const loads = countLoads(page);
    await letIn(hub, SCHOOL);
    await expect(page.getByText(/\d+ нов(ая|ые|ых) запис/)).toBeVisible();
    await expect(given).toHaveCount(0);
    await page.getByRole('button', { name: 'Показать новые' }).click();
    await expect(given).toHaveCount(1);
    await expect(given).toContainText(SCHOOL.name);
    expect(loads(), 'the page was not loaded anew').toBe(0);
  });

  await test.step('an entry opens with every field before and after', async () => {
    await given.getByRole('rowheader').click();
    await expect(page.getByRole('heading', { name: 'Предоставление доступа' })).toBeVisible();
    const status = page.getByRole('row').filter({ hasText: 'Состояние' });
    await expect(status).toContainText('ждёт доступа');
    await expect(status).toContainText('доступ предоставлен');
    await page.getByRole('link', { name: 'К журналу действий' }).click();
  });

  await test.step('what is asked stands in the address, and goes into the file', async () => {
    await page.getByLabel('Действие', { exact: true }).selectOption('access.given');
    await page.getByRole('button', { name: 'Показать', exact: true }).click();
    await expect(page).toHaveURL(/kind=access\.given/);
    await expect(given).toHaveCount(1);
    await expect(page.getByRole('row').filter({ hasText: 'Регистрация ОО' })).toHaveCount(0);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Выгрузить' }).click();
    const file = await readFile(await (await download).path());
    expect(file.subarray(0, 2).toString()).toBe('PK');
    await page.goto('/deeds?kind=export.taken');
    await expect(page.getByRole('row').filter({ hasText: 'Выгрузка' })).toHaveCount(1);
  });

  await test.step('another municipality reads its own', async () => {
    const other = await openBrowser(MUNICIPAL[1].username);
    await other.goto('/deeds');
    await expect(other.getByRole('heading', { name: 'Журнал действий' })).toBeVisible();
    await expect(other.getByText(SCHOOL.name)).toHaveCount(0);
    const refused = await other.goto(`/deeds?unit=${SCHOOL.municipality}`);
    expect(refused?.status()).toBe(403);
  });
});

test('whatever leaves the hub as a file has its entry: files of institutions, reports, people, access data', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const sent = async (name: string, outcome: string): Promise<string> => {
    const id = await sendFile(hub, SCHOOL, await fixtureFile(name));
    await expect.poll(async () => (await submissionsOf(hub, SCHOOL))[0]?.status).toBe(outcome);
    return id;
  };
  const failed = await sent('errors.xls', 'failed');
  const good = await sent('good.xls', 'processed');
  const page = await openBrowser('regional');
  const taken = [
    { path: `${BASE}/cabinet/${SCHOOL.id}/annotated/${failed}`, word: 'файл организации с пометками' },
    { path: `${BASE}/cabinet/${SCHOOL.id}/original/${good}`, word: 'файл организации' },
    { path: `${BASE}/report/${SCHOOL.id}/${good}.pdf`, word: 'отчёт' },
    { path: `${BASE}/report/${SCHOOL.id}/${good}.xlsx`, word: 'отчёт' },
    { path: '/people/export', word: 'люди и роли' },
    { path: '/credentials/export.xlsx', word: 'передача доступов' },
  ];
  for (const { path } of taken) expect([path, (await page.request.get(path)).status()]).toEqual([path, 200]);
  await page.goto('/deeds?kind=export.taken');
  const rows = page.getByRole('row').filter({ hasText: 'Выгрузка' });
  await expect(rows).toHaveCount(taken.length);
  for (const { word } of taken) await expect(rows.filter({ hasText: word }).first()).toBeVisible();
  // A file of an institution stands at the institution.
  await expect(rows.filter({ hasText: 'отчёт' }).first()).toContainText(SCHOOL.name);
});

test('the table of rights is the one that holds, with the reader’s own roles marked', async ({ openBrowser }) => {
  const page = await openBrowser('administrator');
  await page.goto('/rights');
  const people = page.getByRole('row').filter({ hasText: 'Люди и роли' });
  await expect(people).toContainText('делает');
  await expect(page.locator('th.own')).toContainText(['Администратор']);
  const municipal = await openBrowser(MUNICIPAL[0].username);
  expect((await municipal.goto('/rights'))?.status()).toBe(403);
});

for (const view of LOOKS)
  test(`the journal of deeds and the table of rights at ${view.name} are clear to eyes and screen readers`, async ({
    hub,
    browser,
  }) => {
    test.slow();
    await letIn(hub, SCHOOL);
    const context = await browser.newContext(contextOf(view));
    await signIn(context, hub, 'administrator');
    const list = await context.newPage();
    await list.goto('/deeds?kind=access.given');
    const href = await list.getByRole('row').getByRole('link').first().getAttribute('href');
    await list.close();
    const sights: Sight[] = [
      { name: 'deeds', path: '/deeds', heading: 'Журнал действий', isPictured: true },
      { name: 'deed', path: href ?? '/deeds', heading: 'Предоставление доступа', isPictured: true },
      { name: 'rights', path: '/rights', heading: 'Права', isPictured: true },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const page = await context.newPage();
        await look(page, sight, view);
        await page.close();
      });
    await context.close();
  });
