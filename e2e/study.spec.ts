/** A study of SPO students, from the preliminary list to informed colleges: federation, region and college, each in a browser of its own. */
import type { Page } from '@playwright/test';
import { FEDERAL, FOUNDER, handOverStudy, setUpFederation, STUDY } from './federation.ts';
import { countLoads, expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS } from './look.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();

test('[S1-29] [S1-30] [S1-31] a list becomes a sample, and the sample informed colleges, live from level to level', async ({
  hub,
  openBrowser,
}) => {
  await setUpFederation(hub);
  const federal = await openBrowser('federal');

  await test.step('the federal organizer opens the study and makes the list', async () => {
    await federal.goto('/study');
    await federal.getByLabel('Название', { exact: true }).fill('Исследование СПО');
    await federal.getByLabel('Учебный год').fill('2019');
    await federal.getByLabel('Срок данных о колледжах').fill('2099-10-15');
    await federal.getByLabel('Предметы исследования').fill('Физика\nХимия');
    await federal.getByLabel('Название организации').fill('Федеральный организатор');
    await federal.getByLabel('Телефон').fill('+7 000 000-00-01');
    await federal.getByLabel('Электронная почта').fill('fed@example.org');
    await federal.getByLabel('Официальный сайт').fill('https://fed.example.org');
    await federal.getByRole('button', { name: 'Открыть исследование' }).click();
    await federal.getByRole('link', { name: 'Исследование СПО' }).click();
    await live(federal);
  });

  const region = await openBrowser('oiv');
  await region.goto(`/study/${STUDY}`);
  await expect(region.getByText('Предварительного списка пока нет')).toBeVisible();
  await live(region);
  const college = await openBrowser('head-1');
  const other = await openBrowser('head-2');
  for (const [page, id] of [
    [college, 'c48-1'],
    [other, 'c48-2'],
  ] as const) {
    await page.goto(`/cabinet/${id}/monitorings`);
    await live(page);
  }
  const loads = [region, college].map(countLoads);

  await test.step('[S1-05] the region gives data; a list with gaps is refused by name', async () => {
    await federal.getByRole('button', { name: 'Составить список: Липецкая область' }).click();
    await expect(row(region, 'Колледж № 1')).toContainText('данных нет');
    const give = async (name: string, students: string, groups: string): Promise<void> => {
      await region.getByRole('button', { name: `Внести данные: ${name}` }).click();
      await region.getByLabel('Обучающихся, чел.').fill(students);
      await region.getByLabel('Учебных групп').fill(groups);
      await region.getByRole('button', { name: 'Сохранить' }).click();
      await expect(region.getByRole('dialog')).toHaveCount(0);
    };
    await give('Колледж № 1', '25', '1');
    await give('Колледж № 2', '50', '2');
    const handOver = async (): Promise<void> => {
      await region.getByRole('button', { name: 'Передать федеральному организатору' }).click();
      await region.getByRole('alertdialog').getByRole('button', { name: 'Передать федеральному организатору' }).click();
    };
    await handOver();
    await expect(region.getByText('Без данных: 1. Колледж № 3')).toBeVisible();
    await give('Колледж № 3', '0', '0');
    await handOver();
    await expect(row(federal, 'Липецкая область')).toContainText('список передан');
    await expect(row(federal, 'Липецкая область')).toContainText('3 из 3');
  });

  await test.step('the federal organizer ticks and publishes; ticks survive a reload', async () => {
    await federal.getByRole('link', { name: 'Липецкая область' }).click();
    await federal.getByRole('checkbox', { name: 'В выборку: Колледж № 1' }).check();
    await federal.reload();
    await expect(federal.getByTestId('chosen')).toHaveText('Выбрано 1 из 3');
    await federal.getByRole('button', { name: 'Опубликовать выборку' }).click();
    const dialog = federal.getByRole('alertdialog');
    await expect(dialog.getByRole('listitem')).toHaveText(['Колледж № 1']);
    await expect(row(region, 'Колледж № 1')).toContainText('данные переданы');
    await dialog.getByRole('button', { name: 'Опубликовать выборку' }).click();
    await expect(row(region, 'Колледж № 1')).toContainText('в выборке');
    await expect(row(region, 'Колледж № 2')).toContainText('не в выборке');
    await expect(college.getByText('Исследование СПО')).toHaveCount(0);
  });

  await test.step('the region informs; the college reads it at once, and the region sees that', async () => {
    await region.getByRole('button', { name: 'Проинформировать: Колледж № 1' }).click();
    await expect(college.getByRole('heading', { name: 'Исследование СПО' })).toBeVisible();
    // The menu of a cabinet has four items, and studies are none of them (S0-17).
    await expect(college.getByRole('navigation', { name: 'Личный кабинет' }).getByRole('listitem')).toHaveCount(4);
    await college.getByRole('button', { name: 'Ознакомлен' }).click();
    await expect(row(region, 'Колледж № 1')).toContainText('Светлов Игорь Иванович');
    await expect(row(federal, 'Колледж № 1')).toContainText('ознакомлен');
    expect(loads.map((count) => count())).toEqual([0, 0]);
  });

  await test.step('a college out of the sample sees nothing of it', async () => {
    await other.reload();
    await expect(other.getByText('Исследование СПО')).toHaveCount(0);
    expect((await other.goto(`/study/${STUDY}`))?.status()).toBe(403);
  });
});

for (const one of LOOKS)
  test(`pages of a study, ${one.name}`, async ({ hub, browser }) => {
    await setUpFederation(hub);
    await handOverStudy(hub);
    const place = { procedure: STUDY, region: 'r48' };
    const visit = async (username: string): Promise<Page> => {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, username);
      return context.newPage();
    };
    const [organizer, region, college] = [await visit('federal'), await visit('oiv'), await visit('head-1')];
    await look(
      organizer,
      { name: 'study-choosing', path: `/study/${STUDY}/r48`, heading: 'Исследование СПО', isPictured: true },
      one,
    );
    await hub.call('study', 'publishSample', FEDERAL, place, ['c48-1', 'c48-3']);
    await hub.call('study', 'inform', FOUNDER, place, ['c48-1']);
    const pages: [Page, string, string, string][] = [
      [organizer, 'studies', '/study', 'Исследования СПО'],
      [organizer, 'study', `/study/${STUDY}`, 'Исследование СПО'],
      [region, 'study-region', `/study/${STUDY}/r48`, 'Исследование СПО'],
      [college, 'study-college', '/cabinet/c48-1/monitorings', 'Исследование СПО'],
    ];
    for (const [page, name, path, heading] of pages) await look(page, { name, path, heading, isPictured: true }, one);
    for (const page of [organizer, region, college]) await page.context().close();
  });
