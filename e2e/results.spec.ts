/** The analytical base: what files become, read together by a region, a municipality and an institution. */
import { readFile } from 'node:fs/promises';
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, fillRegion, look, LOOKS } from './look.ts';
import { institution, MUNICIPAL, REGIONAL } from './region.ts';

const SCHOOL = institution(2);

test('[S0-08] results are narrowed in the address, summed up with what they are of, and go into a file', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser(REGIONAL.username);
  await page.goto('/results');
  await expect(page.getByRole('heading', { name: 'Результатов пока нет' })).toBeVisible();

  await fillRegion(hub);
  await page.reload();
  const rows = page.getByRole('row');
  const ofSchool = rows.filter({ hasText: SCHOOL.name });
  await expect(ofSchool).toHaveCount(1);
  const sums = rows.filter({ hasText: '2012-2013, Областной мониторинг посещаемости' });
  await expect(sums).toContainText(/сумма по \d из \d/);

  await test.step('what is asked stands in the address', async () => {
    await page.getByLabel('Территория').selectOption({ label: SCHOOL.municipalityName });
    await page.getByLabel('Название или код').fill(SCHOOL.name.slice(-3));
    await page.getByRole('button', { name: 'Показать', exact: true }).click();
    await expect(page).toHaveURL(/territory=48-m1/);
    await expect(ofSchool).toHaveCount(1);
    await expect(sums).toContainText('сумма по 1 из 1');
  });

  await test.step('what is seen goes into a file', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Выгрузить' }).click();
    const file = await readFile(await (await download).path());
    expect(file.subarray(0, 2).toString()).toBe('PK');
  });

  await test.step('an institution opens with its years side by side, by the keyboard too', async () => {
    await ofSchool.getByRole('link').focus();
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`/results?institution=${SCHOOL.id}`);
    await expect(page.getByRole('columnheader', { name: '2012-2013' })).toBeVisible();
  });

  await test.step('another municipality sees nothing of it', async () => {
    const other = await openBrowser(MUNICIPAL[1].username);
    await other.goto('/results');
    await expect(other.getByRole('heading', { name: 'Результаты процедур' })).toBeVisible();
    await expect(other.getByText(SCHOOL.name)).toHaveCount(0);
    expect((await other.goto(`/results?institution=${SCHOOL.id}`))?.status()).toBe(403);
  });

  await test.step('an institution comes to its own from its past monitorings', async () => {
    const own = await openBrowser(SCHOOL.id);
    await own.goto(`/cabinet/${SCHOOL.id}/past`);
    await own.getByRole('link', { name: 'Показатели по годам' }).click();
    await expect(own.getByRole('heading', { name: `Результаты процедур: ${SCHOOL.name}` })).toBeVisible();
  });
});

for (const view of LOOKS)
  test(`[S0-08] results at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    await fillRegion(hub);
    for (const [name, path] of [
      ['results', '/results'],
      ['results-institution', `/results?institution=${SCHOOL.id}`],
    ] as const) {
      const context = await browser.newContext(contextOf(view));
      await signIn(context, hub, REGIONAL.username);
      const page = await context.newPage();
      await look(page, { name, path, heading: 'Результаты процедур', isPictured: true }, view);
      await context.close();
    }
  });
