/** Publications down and up the levels, each in a browser of its own: what arrives, who has read it, and what nobody may see. */
import { readFile } from 'node:fs/promises';
import { countLoads, expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { PublicationsPage } from './pages/publications.ts';
import {
  ADMINISTRATOR,
  fixtureFile,
  institution,
  letIn,
  MUNICIPAL,
  REGION,
  REGIONAL,
  requestCabinet,
  SCHOOL,
  sendFile,
} from './region.ts';

const PDF = Buffer.from('%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<<>>\n%%EOF\n');
const OTHER = institution(4);

test('[S4-07] [S4-08] [S0-05] recommendations go from the region over the municipality to the institutions, and every mark comes back live', async ({
  hub,
  openBrowser,
}) => {
  for (const who of [SCHOOL, OTHER]) await letIn(hub, who);
  const region = new PublicationsPage(await openBrowser(REGIONAL.username));
  const municipality = new PublicationsPage(await openBrowser(MUNICIPAL[0].username));
  const foreign = new PublicationsPage(await openBrowser(MUNICIPAL[1].username));
  const school = await openBrowser(SCHOOL.id);
  await municipality.open();
  await foreign.open();
  await school.goto(`/cabinet/${SCHOOL.id}`);
  await expect(school.getByTestId('publications-waiting')).toHaveText('Всё прочитано');
  const loads = [municipality.page, school].map(countLoads);

  await test.step('the region sends it with a file; both municipalities see it come', async () => {
    await region.publish({
      ...{ title: 'Рекомендации, I этап', text: 'Проверьте графики.' },
      file: { name: 'рекомендации.pdf', buffer: PDF },
    });
    await expect(municipality.item('Рекомендации, I этап')).toContainText('не прочитано');
    await expect(foreign.item('Рекомендации, I этап')).toContainText('не прочитано');
    await expect(region.mark('Округ № 1')).toContainText('получено, не прочитано');
  });
  const address = region.page.url();

  await test.step('the first opening is the mark that the region sees without asking', async () => {
    const regionLoads = countLoads(region.page);
    await municipality.page.getByRole('link', { name: 'Рекомендации, I этап' }).click();
    await expect(municipality.page.getByText('Проверьте графики.')).toBeVisible();
    const download = municipality.page.waitForEvent('download');
    await municipality.page.getByRole('link', { name: 'рекомендации.pdf' }).click();
    expect(await readFile(await (await download).path())).toEqual(PDF);
    await expect(region.mark('Округ № 1')).toContainText(MUNICIPAL[0].name);
    await expect(region.mark('Округ № 2')).toContainText('получено, не прочитано');
    expect(regionLoads()).toBe(0);
  });

  await test.step('the municipality sends it on with its own words: the list is shown first', async () => {
    await municipality.page.getByLabel('Сопроводительный текст').fill('Ответ до пятницы.');
    await municipality.page.getByRole('button', { name: 'Передать дальше' }).click();
    const dialog = municipality.page.getByRole('alertdialog');
    await expect(dialog.getByRole('listitem')).toHaveCount(3);
    await dialog.getByRole('button', { name: 'Передать дальше' }).click();
    await expect(school.getByTestId('publications-waiting')).toHaveText('1 ждёт прочтения');
    expect(loads[1]?.(), 'the cabinet was not loaded anew').toBe(0);
    await expect(region.mark('Округ № 1')).toContainText(/\d\d:\d\d.*\d\d:\d\d.*\d\d:\d\d/s);
  });

  await test.step('the institution reads it, and both levels above see that', async () => {
    await school.getByRole('link', { name: 'Рекомендации, I этап' }).click();
    await expect(school.getByText('Ответ до пятницы.')).toBeVisible();
    await expect(school.getByText(/^Прочитано /)).toBeVisible();
    await expect(municipality.mark(SCHOOL.name)).toContainText('прочитано');
    await expect(region.mark(SCHOOL.name)).toContainText('Светлова Мария Ивановна');
    // The menu of a cabinet has four items, and publications are none of them.
    await expect(school.getByRole('navigation', { name: 'Личный кабинет' }).getByRole('listitem')).toHaveCount(4);
  });

  await test.step('an institution that was not addressed is refused on every path', async () => {
    const stranger = await openBrowser(OTHER.id);
    expect((await stranger.goto(address))?.status()).toBe(403);
    expect((await stranger.goto(`/cabinet/${SCHOOL.id}/publications`))?.status()).toBe(403);
    const file = await school.getByRole('link', { name: 'рекомендации.pdf' }).getAttribute('href');
    expect((await stranger.request.get(file ?? '')).status()).toBe(403);
    expect((await foreign.page.request.get(`${address}?as=48-m1`)).status()).toBe(403);
  });

  await test.step('withdrawn with a reason: it is said at once where it stands open, and its file is gone', async () => {
    const file = await school.getByRole('link', { name: 'рекомендации.pdf' }).getAttribute('href');
    await region.page.getByRole('button', { name: 'Отозвать' }).click();
    await region.page.getByLabel('Причина').fill('не тот файл');
    await region.page.getByRole('alertdialog').getByRole('button', { name: 'Отозвать' }).click();
    await expect(school.getByText('не тот файл')).toBeVisible();
    await expect(school.getByRole('link', { name: 'рекомендации.pdf' })).toHaveCount(0);
    expect((await school.request.get(file ?? '')).status()).toBe(403);
    await expect(region.page.getByRole('link', { name: 'рекомендации.pdf' })).toBeVisible();
  });
});

test('[G-06] a planned publication comes at its moment by itself, and is not there before; [S0-05] an institution sends a file to its centre', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const region = new PublicationsPage(await openBrowser(REGIONAL.username));
  const municipality = new PublicationsPage(await openBrowser(MUNICIPAL[0].username));
  await municipality.open();

  await test.step('planned: the region sees when, nobody below sees anything', async () => {
    await region.publish({ title: 'Вариант 1', text: 'Работа.', releaseAt: '2013-11-20T10:30' });
    await expect(region.page.getByText('Выйдет 20.11.2013 10:30')).toBeVisible();
    expect((await municipality.page.request.get(region.page.url())).status()).toBe(403);
    await expect(municipality.page.getByText('Пока ничего не прислали')).toBeVisible();
  });

  await test.step('at the moment it is there', async () => {
    await hub.setClock('2013-11-20T10:30:00+04:00');
    await expect(municipality.item('Вариант 1')).toBeVisible();
    await expect(region.mark('Округ № 1')).toContainText('получено, не прочитано');
  });

  await test.step('the institution’s file is with the centre, which sees from whom', async () => {
    const school = new PublicationsPage(await openBrowser(SCHOOL.id));
    await region.open();
    await region.page.getByRole('tab', { name: /^Получено/ }).click();
    await school.page.goto(`/cabinet/${SCHOOL.id}/publications`);
    await school.page.getByRole('link', { name: 'Отправить в центр' }).click();
    await school.live();
    await school.page.getByLabel('Заголовок').fill('Справка о графике');
    await school.page
      .getByLabel('Добавить файл')
      .setInputFiles({ name: 'взлом.pdf', buffer: Buffer.from('<script>'), mimeType: 'application/pdf' });
    await expect(school.page.getByRole('alert')).toContainText('такой вид не подходит');
    await school.page
      .getByLabel('Добавить файл')
      .setInputFiles({ name: 'справка.pdf', buffer: PDF, mimeType: 'application/pdf' });
    await expect(school.page.getByText('справка.pdf', { exact: true })).toBeVisible();
    // What was begun is there again, over a reload too.
    await school.page.reload();
    await school.live();
    await expect(school.page.getByText('справка.pdf', { exact: true })).toBeVisible();
    await expect(school.page.getByLabel('Заголовок')).toHaveValue('Справка о графике');
    await school.page.getByRole('button', { name: 'Отправить', exact: true }).click();
    await expect(school.page.getByRole('heading', { name: 'Справка о графике' })).toBeVisible();
    await expect(region.item('Справка о графике')).toContainText(SCHOOL.name);
    await region.page.getByRole('link', { name: 'Справка о графике' }).click();
    await expect(school.mark('Липецкая область')).toContainText('прочитано');
  });
});

test('[S1-28] a coordinator sees publications, materials and the progress of work at once, live', async ({
  hub,
  openBrowser,
}) => {
  const college = { id: 'c48-1', name: 'Колледж № 1' };
  await hub.call('units', 'create', ADMINISTRATOR, REGION, {
    ...{ id: college.id, kind: 'college', name: college.name, shortName: '', zone: null },
  });
  const municipality = await openBrowser(MUNICIPAL[0].username);
  const region = await openBrowser(REGIONAL.username);
  for (const page of [municipality, region]) {
    await page.goto('/');
    await expect(page.getByText('на связи', { exact: true })).toBeVisible();
  }
  const loads = [municipality, region].map(countLoads);
  await expect(municipality.getByText('Материалов пока нет')).toBeVisible();
  await expect(region.getByRole('region', { name: 'Областной мониторинг посещаемости' })).toContainText('0/3');

  await test.step('what the region publishes is there, unread and among the materials', async () => {
    const author = new PublicationsPage(await openBrowser(REGIONAL.username));
    await author.publish({ title: 'Рекомендации, II этап', text: 'Текст.' });
    await expect(municipality.getByTestId('publications-waiting')).toHaveText('1 ждёт прочтения');
    await expect(municipality.getByRole('link', { name: 'Рекомендации, II этап' })).toHaveCount(2);
    await expect(region.getByRole('link', { name: 'Рекомендации, II этап' })).toHaveCount(1);
  });

  await test.step('[S1-28] every college of the region stands there, and what it does is seen', async () => {
    const colleges = region.getByRole('region', { name: 'Колледжи региона' });
    await expect(colleges).toContainText('Колледж № 1');
    await expect(colleges).toContainText('не подключена');
    await requestCabinet(hub, { ...SCHOOL, ...college });
    await expect(colleges).toContainText('запрос');
    await expect(municipality.getByText('Колледж № 1')).toHaveCount(0);
  });

  await test.step('an institution that is done moves the figures of its municipality', async () => {
    await letIn(hub, SCHOOL);
    await sendFile(hub, SCHOOL, await fixtureFile('good.xls'));
    await expect(region.getByRole('region', { name: 'Областной мониторинг посещаемости' })).toContainText('1/3');
    await expect(municipality.getByRole('region', { name: 'Областной мониторинг посещаемости' })).toContainText('1/3');
    expect(loads.map((count) => count())).toEqual([0, 0]);
  });
});

for (const one of LOOKS)
  test(`pages of publications, ${one.name}`, async ({ hub, browser, openBrowser }) => {
    await letIn(hub, SCHOOL);
    const region = new PublicationsPage(await openBrowser(REGIONAL.username));
    const file = { name: 'методические рекомендации по составлению графика.pdf', buffer: PDF };
    await region.publish({ title: 'Рекомендации муниципальным координаторам, I этап', text: 'Текст.', file });
    const { pathname } = new URL(region.page.url());
    const sights = [
      { name: 'home-regional', path: '/', username: REGIONAL.username, heading: 'Мониторинги' },
      { name: 'home-municipal', path: '/', username: MUNICIPAL[0].username, heading: 'Мониторинги' },
      { name: 'cabinet', path: `/cabinet/${SCHOOL.id}`, username: SCHOOL.id, heading: 'Информация об организации' },
      { name: 'publications', path: '/publications', username: REGIONAL.username, heading: 'Публикации' },
      { name: 'publication-new', path: '/publications/new', username: REGIONAL.username, heading: 'Новая публикация' },
      { name: 'publication', path: pathname, username: REGIONAL.username, heading: /^Рекомендации/ },
      {
        ...{ name: 'publication-municipal', path: pathname, username: MUNICIPAL[0].username },
        heading: /^Рекомендации/,
      },
      {
        ...{ name: 'cabinet-publications', path: `/cabinet/${SCHOOL.id}/publications`, username: SCHOOL.id },
        heading: 'Публикации',
      },
      {
        ...{ name: 'to-centre', path: `/publications/new?unit=${SCHOOL.id}`, username: SCHOOL.id },
        heading: 'Отправить в центр',
      },
    ];
    for (const sight of sights) {
      const context = await browser.newContext(contextOf(one));
      await signIn(context, hub, sight.username);
      const page = await context.newPage();
      await look(page, sight, one);
      if (process.env['SCREENSHOTS'] !== undefined)
        await page.screenshot({ path: `${process.env['SCREENSHOTS']}/${sight.name}-${one.name}.png`, fullPage: true });
      await context.close();
    }
  });
