/** A study of SPO students, from the preliminary list to informed colleges: federation, region and college, each in a browser of its own. */
import type { Page } from '@playwright/test';
import type { Person } from '#models/people/person.ts';
import type { Role } from '#models/people/rights.ts';
import { appointNewcomer } from '#server/newcomer.ts';
import { countLoads, expect, signIn, test } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { CENTRE, PASSWORD } from './region.ts';

const STUDY = 'study-fed-2019';
const COLLEGES = ['c48-1', 'c48-2', 'c48-3'];
const NAMES: Record<string, string> = { 'c48-1': 'Колледж № 1', 'c48-2': 'Колледж № 2', 'c48-3': 'Колледж № 3' };

const FOUNDER: Person = {
  ...{ id: 'founder', name: 'Администратор', username: 'founder' },
  assignments: (['administrator', 'authoritySpecialist', 'regionalCoordinator'] as const).map((role) => ({
    ...{ role, unit: 'fed', path: '/fed/' },
  })),
};

/** A federation with a region and three colleges, and its people. */
async function setUpFederation(hub: HubNode): Promise<void> {
  await hub.call('units', 'createTop', { id: 'fed', kind: 'federation', name: 'Федерация', zone: 'Europe/Moscow' });
  const unit = (parent: string, id: string, kind: string, name: string, zone: string | null) =>
    hub.call('units', 'create', FOUNDER, parent, { id, kind, name, shortName: '', zone });
  await unit('fed', 'r48', 'region', 'Липецкая область', 'Europe/Moscow');
  for (const college of COLLEGES) await unit('r48', college, 'college', NAMES[college] ?? '', null);
  const people: [string, string, Role, string][] = [
    ['federal', 'Климова Елена Павловна', 'federalCoordinator', 'fed'],
    ['oiv', 'Орлова Анна Петровна', 'regionalCoordinator', 'r48'],
    ['head-1', 'Светлов Игорь Иванович', 'institutionHead', 'c48-1'],
    ['head-2', 'Громова Ольга Сергеевна', 'institutionHead', 'c48-2'],
  ];
  for (const [username, name, role, at] of people)
    await appointNewcomer(
      {
        part: (by, id) => hub.call('appointments', 'part', by, id),
        appoint: (by, input, language) => hub.call('appointments', 'appoint', by, input, language),
        inviteAgain: (by, id, channel, language) => hub.call('appointments', 'inviteAgain', by, id, channel, language),
        accept: (code, taking) => hub.call('appointments', 'accept', code, taking),
      },
      FOUNDER,
      { ...{ username, name, role, unit: at }, password: PASSWORD },
    );
}

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
    const federal: Person = {
      ...FOUNDER,
      assignments: [{ role: 'federalCoordinator', unit: 'fed', path: '/fed/' }],
    };
    await hub.call('procedures', 'create', federal, 'fed', {
      ...{ kind: 'study', title: 'Исследование СПО', academicYear: 2019, deadline: '2099-10-15' },
      ...{ subjects: ['Физика', 'Химия'], centre: CENTRE },
    });
    const place = { procedure: STUDY, region: 'r48' };
    await hub.call('study', 'list', federal, place);
    for (const college of COLLEGES)
      await hub.call('study', 'give', FOUNDER, { procedure: STUDY, college }, { students: 25, groups: 1, rev: 1 });
    await hub.call('study', 'handOver', FOUNDER, place);
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
    await hub.call('study', 'publishSample', federal, place, ['c48-1', 'c48-3']);
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
