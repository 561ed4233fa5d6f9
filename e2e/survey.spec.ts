/** A survey of schedules: the region opens it, a school fills it on another node, and everybody above sees how far it is. */
import type { Page } from '@playwright/test';
import { STANDARD_DIRECTION, STANDARD_PLAN, STANDARD_QUESTIONNAIRE } from '#models/survey/standard.ts';
import { countLoads, expect, signIn } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test } from './pair.ts';
import { ADMINISTRATOR, appoint, CENTRE, institution, INSTITUTIONS, MUNICIPAL, REGION, REGIONAL } from './region.ts';

const SURVEY = 'survey-48-2021';
const TITLE = 'Оценка графиков проведения оценочных процедур';
const SCHOOL = institution(1);
const PRIVATE = institution(2);
const FOREIGN = institution(4);
const at = ({ id }: { id: string }): string => `/cabinet/${id}/monitorings`;

/** Says whose the institutions are, and appoints those who fill. */
async function setUpSchools(hub: HubNode): Promise<void> {
  const lines = INSTITUTIONS.map(({ id, name, municipalityName }) => ({
    ...{ municipality: municipalityName, id, name },
    ownership: id === PRIVATE.id ? 'private' : 'municipal',
  }));
  await hub.call('units', 'addInstitutions', ADMINISTRATOR, REGION, lines as never);
  for (const { id } of [SCHOOL, PRIVATE, FOREIGN])
    await appoint(hub, { username: `head-${id}`, name: `Светлова ${id}`, role: 'institutionHead', unit: id });
}
const openSurvey = (hub: HubNode): Promise<unknown> =>
  hub.call('procedures', 'create', ADMINISTRATOR, REGION, {
    ...{ kind: 'survey', title: TITLE, academicYear: 2021, deadline: '2099-10-19', direction: STANDARD_DIRECTION },
    monitoring: 'Комплексный мониторинг качества образования',
    basis: [
      { title: 'Письмо Минпросвещения', number: 'СК-228/03', date: '2021-08-06' },
      { title: 'Письмо Рособрнадзора', number: '01-169/08-01', date: '2021-08-06' },
    ],
    ...{ covers: ['state', 'municipal'], plan: STANDARD_PLAN, questionnaire: STANDARD_QUESTIONNAIRE, centre: CENTRE },
  });

const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();
const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const choose = (page: Page, question: string, answer: string): Promise<void> =>
  page.getByRole('group', { name: question }).getByLabel(answer, { exact: true }).check();
const saveSection = async (page: Page, name: string): Promise<void> => {
  await section(page, name).getByRole('button', { name: 'Сохранить раздел' }).click();
  await expect(section(page, name).getByText(/^Сохранено/)).toBeVisible();
};

test('[S4-01] [S4-02] [S4-03] [S4-04] [S4-05] [S4-06] a survey is opened, filled, watched live on the other node, and stands in the base', async ({
  hub,
  second,
  openBrowser,
  browser,
}) => {
  await setUpSchools(hub);
  const onSecond = async (username: string): Promise<Page> => {
    const context = await browser.newContext({ baseURL: second.url });
    await signIn(context, second, username);
    return context.newPage();
  };
  const region = await openBrowser(REGIONAL.username);

  await test.step('the region opens it with its basis, its plan and its questions', async () => {
    await region.goto('/survey');
    await region.getByText('Открыть новый опрос').click();
    await region.getByLabel('Название', { exact: true }).fill(TITLE);
    await region.getByLabel('Комплексный мониторинг').fill('Комплексный мониторинг качества образования');
    await expect(region.getByLabel('Направление')).toHaveValue(STANDARD_DIRECTION);
    await region.getByLabel('Учебный год').fill('2021');
    await region.getByLabel('Срок заполнения').fill('2099-10-19');
    await region.getByLabel('Документ').fill('Письмо Рособрнадзора');
    await region.getByLabel('Номер').fill('01-169/08-01');
    await region.getByLabel('Дата', { exact: true }).fill('2021-08-06');
    await region.getByLabel('Название центра').fill(CENTRE.name);
    await region.getByLabel('Телефон').fill(CENTRE.phone);
    await region.getByLabel('Электронная почта').fill(CENTRE.email);
    await region.getByLabel(/сайт/i).fill(CENTRE.siteUrl);
    const doubled = region.locator('#edit-doubled');
    await doubled.locator('summary').click();
    await doubled.getByRole('button', { name: 'Убрать' }).click();
    await expect(doubled).toHaveCount(0);
    await region.getByRole('button', { name: 'Открыть опрос' }).click();
    await expect(region.getByText(`Опрос открыт: ${TITLE}`)).toBeVisible();
  });

  await test.step('[S4-06] its plan is in its order, with the gaps of its numbers, and goes into a file', async () => {
    await region.goto(`/survey/${SURVEY}/plan`);
    await expect(region.locator('tbody td.number')).toHaveText([
      ...['1', '2', '–', '3', '4', '5', '6', '7', '8', '9', '–', '–'],
    ]);
    await expect(region.getByText('Письмо Рособрнадзора, № 01-169/08-01 от 06.08.2021')).toBeVisible();
    const download = region.waitForEvent('download');
    await region.getByRole('link', { name: 'Выгрузить' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.xlsx$/);
  });

  await region.goto(`/survey/${SURVEY}`);
  await live(region);
  const municipal = await openBrowser(MUNICIPAL[0].username);
  await municipal.goto(`/survey/${SURVEY}`);
  await live(municipal);
  const loads = [region, municipal].map(countLoads);

  await test.step('[S4-03] a private school is left out by name, and sees nothing of it', async () => {
    await expect(row(region, SCHOOL.name)).toContainText('не начат');
    await expect(row(region, PRIVATE.name)).toHaveCount(0);
    await region.getByText('Не входят в опрос: 1').click();
    await expect(region.getByRole('listitem').filter({ hasText: PRIVATE.name })).toContainText('частная');
    const outsider = await onSecond(`head-${PRIVATE.id}`);
    await outsider.goto(at(PRIVATE));
    await live(outsider);
    await expect(outsider.getByText(TITLE)).toHaveCount(0);
    expect((await outsider.goto(`${at(PRIVATE)}/${SURVEY}`))?.status()).toBe(403);
    await expect(outsider.getByText('форма собственности — частная')).toBeVisible();
    await outsider.context().close();
  });

  const school = await onSecond(`head-${SCHOOL.id}`);
  await test.step('[S4-04] the school fills a section, is refused by field, and every save is seen above at once', async () => {
    await school.goto(at(SCHOOL));
    await expect(school.getByRole('navigation', { name: 'Личный кабинет' }).getByRole('listitem')).toHaveCount(4);
    await school.getByRole('link', { name: 'Заполнить' }).click();
    await live(school);
    await choose(school, 'Составлен единый график', 'да');
    await school.getByLabel('Дата утверждения графика').fill('2021-09-01');
    await choose(school, 'График размещён', 'нет');
    await saveSection(school, 'График оценочных процедур');
    for (const page of [region, municipal]) await expect(row(page, SCHOOL.name)).toContainText('23%');
    await school.getByLabel('Параллелей классов').fill('двенадцать');
    await section(school, 'Запланированные процедуры').getByRole('button', { name: 'Сохранить раздел' }).click();
    await expect(school.getByText('Нужно целое число цифрами')).toBeVisible();
    await expect(row(region, SCHOOL.name)).toContainText('23%');
  });

  await test.step('[S4-04] he leaves and comes back: what was typed is there, and what is missing is told', async () => {
    await school.getByLabel('Параллелей классов').fill('11');
    await school.getByLabel('Классов-комплектов').fill('22');
    await choose(school, 'В одном классе не больше одной', 'да');
    await school.goto('/account');
    await school.goto(`${at(SCHOOL)}/${SURVEY}`);
    await expect(school.getByText('Восстановлено то, что вы набрали')).toBeVisible();
    await expect(school.getByLabel('Параллелей классов')).toHaveValue('11');
    await expect(school.getByTestId('missing')).toHaveText('Осталось ответить: 7');
    await live(school);
    await school.getByRole('button', { name: 'Завершить опрос' }).click();
    const gaps = school.getByRole('alert').filter({ hasText: 'Без ответа обязательные вопросы' });
    await expect(gaps.getByRole('link')).toHaveCount(7);
    await gaps.getByRole('link', { name: 'Процедуры не ставятся на первый и последний урок' }).click();
  });

  await test.step('[S4-04] answers that do not agree are named; then the survey is finished, by whom and when', async () => {
    await school.getByLabel('Оценочных процедур запланировано всего').fill('10');
    await school.getByLabel('Из них федерального уровня').fill('2');
    await school.getByLabel('Из них регионального уровня').fill('3');
    await school.getByLabel('Из них уровня организации').fill('6');
    await expect(school.getByText('вместе дают 11').first()).toBeVisible();
    await school.getByLabel('Из них уровня организации').fill('5');
    await expect(school.getByText('вместе дают 11')).toHaveCount(0);
    await saveSection(school, 'Запланированные процедуры');
    for (const [question, part] of [
      ['не чаще одного раза в 2,5 недели', '10'],
      ['не больше 10% учебного времени', '12'],
    ] as const) {
      await school.getByLabel(new RegExp(`${question}.*: сколько`)).fill(part);
      await school.getByLabel(new RegExp(`${question}.*: из скольких`)).fill('12');
    }
    await choose(school, 'Процедуры не ставятся на первый', 'да');
    await saveSection(school, 'Выполнение рекомендаций по сбалансированности');
    await expect(row(municipal, SCHOOL.name)).toContainText('100%');
    await school.getByRole('button', { name: 'Завершить опрос' }).click();
    await school.getByRole('alertdialog').getByRole('button', { name: 'Завершить опрос' }).click();
    await expect(school.getByText(/^Завершён .*Светлова/)).toBeVisible();
    await expect(row(region, SCHOOL.name)).toContainText('заполнен');
    await expect(row(municipal, SCHOOL.name)).toContainText('Светлова');
    expect(loads.map((count) => count())).toEqual([0, 0]);
  });

  await test.step('[S4-04] the coordinator reads the answers, exports what he sees, and the indicators are in the base', async () => {
    await municipal.getByRole('link', { name: SCHOOL.name }).click();
    await expect(municipal.locator('[data-answer="often"]')).toHaveText('10 из 12 · 83%');
    await region.getByRole('group', { name: 'Показатели и отбор' }).getByRole('button').last().click();
    await expect(region).toHaveURL(/filter=filled/);
    const download = region.waitForEvent('download');
    await region.getByRole('link', { name: 'Выгрузить' }).click();
    expect((await download).suggestedFilename()).toMatch(/\.xlsx$/);
    await region.goto('/results?kind=survey');
    await expect(region.getByRole('columnheader', { name: 'Не чаще раза в 2,5 недели' })).toBeVisible();
    await expect(region.getByRole('row').filter({ hasText: SCHOOL.name })).toContainText('83%');
  });

  await test.step('[S4-04] another municipality and its school see nothing of it', async () => {
    const neighbour = await openBrowser(MUNICIPAL[1].username);
    await neighbour.goto(`/survey/${SURVEY}`);
    await expect(row(neighbour, FOREIGN.name)).toBeVisible();
    await expect(neighbour.getByText(SCHOOL.name)).toHaveCount(0);
    expect((await neighbour.goto(`/survey/${SURVEY}/${SCHOOL.id}`))?.status()).toBe(403);
    const foreign = await openBrowser(`head-${FOREIGN.id}`);
    expect((await foreign.goto(`${at(SCHOOL)}/${SURVEY}`))?.status()).toBe(403);
  });
  await school.context().close();
});

for (const one of LOOKS)
  test(`pages of a survey, ${one.name}`, async ({ hub, browser }) => {
    test.slow();
    await setUpSchools(hub);
    await openSurvey(hub);
    const head = {
      ...ADMINISTRATOR,
      assignments: [{ role: 'institutionHead' as const, unit: SCHOOL.id, path: `/48/48-m1/${SCHOOL.id}/` }],
    };
    await hub.call(
      'surveys',
      'save',
      head,
      { procedure: SURVEY, institution: SCHOOL.id },
      {
        ...{ section: 'schedule', rev: 0, typed: { scheduleMade: 'yes', scheduleDate: '2021-09-01' } },
      },
    );
    const visit = async (username: string): Promise<Page> => {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, username);
      return context.newPage();
    };
    const [region, school] = [await visit(REGIONAL.username), await visit(`head-${SCHOOL.id}`)];
    const pages: [Page, string, string, string | RegExp][] = [
      [region, 'surveys', '/survey', 'Опросы'],
      [region, 'survey-region', `/survey/${SURVEY}`, TITLE],
      [region, 'survey-plan', `/survey/${SURVEY}/plan`, /^План/],
      [region, 'survey-answers', `/survey/${SURVEY}/${SCHOOL.id}`, SCHOOL.name],
      [school, 'survey-cabinet', at(SCHOOL), TITLE],
      [school, 'survey-filling', `${at(SCHOOL)}/${SURVEY}`, TITLE],
    ];
    for (const [page, name, path, heading] of pages) await look(page, { name, path, heading, isPictured: true }, one);
    await region.goto('/survey');
    await region.getByText('Открыть новый опрос').click();
    await expect(region.getByRole('button', { name: 'Открыть опрос' })).toBeVisible();
    const sideways = await region.evaluate(() => document.documentElement.scrollWidth);
    expect(sideways, 'width of the form').toBeLessThanOrEqual(one.width);
    if (process.env['SCREENSHOTS'])
      await region.screenshot({ path: `${process.env['SCREENSHOTS']}/survey-open-${one.name}.png`, fullPage: true });
    for (const page of [region, school]) await page.context().close();
  });
