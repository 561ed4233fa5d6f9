/** The tree in a browser: a list comes in, its difference is seen and confirmed, what it brought is found and goes out again. */
import { readFile } from 'node:fs/promises';
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS, type Sight } from './look.ts';
import { fixture } from './region.ts';
import { notice } from './pages/site.ts';
import { GlobalSearch, ImportPage, UnitsPage } from './pages/units.ts';

const HEADINGS = 'Код;Вид;Название;Краткое название;Код вышестоящей;Часовой пояс;Состояние;Код преемника';
const list = (...rows: string[]) => ({
  name: 'Список организаций.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from([HEADINGS, ...rows].join('\r\n')),
});

test('[S1-53] [S0-04] a list is sent, its difference is seen and confirmed, what it brought is found and exported', async ({
  openBrowser,
}) => {
  test.slow();
  const page = await openBrowser('administrator');
  const tree = new UnitsPage(page);
  const imports = new ImportPage(page);

  await test.step('the tree shows the territory and opens line by line', async () => {
    await tree.open();
    await expect(page.getByText('муниципалитетов: 3')).toBeVisible();
    await tree.openLine('Округ № 1');
    await expect(tree.line('МБОУ СОШ № 101')).toBeVisible();
  });

  await test.step('a list with a broken row names it by its cell and is not written', async () => {
    await imports.send(fixture('units/broken-row.xlsx'));
    await expect(notice(page, 'В файле есть строки с ошибками: 1')).toBeVisible();
    await expect(page.getByText('лист «Организации», ячейка E9')).toBeVisible();
    await expect(page.getByText('«48-m77»')).toBeVisible();
    await expect(imports.confirm).toHaveCount(0);
  });

  await test.step('a good one shows what it would change', async () => {
    await imports.send(
      list(
        'i48-1;Организация;Гимназия № 101 имени Ёлкина;;48-m1;;;',
        'i48-2;Организация;МБОУ СОШ № 102;;48-m2;;;',
        'c48-1;Колледж;Колледж № 1;;48;;;',
      ),
    );
    await expect(imports.tab('Новые')).toContainText('1');
    await expect(imports.tab('Изменённые')).toContainText('1');
    await expect(imports.tab('Переведённые')).toContainText('1');
    await imports.tab('Переведённые').click();
    await expect(page.getByText('из «Округ № 1» в «Округ № 2»')).toBeVisible();
  });

  await test.step('and is written after the confirmation, without the page being loaded anew', async () => {
    await imports.confirm.click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Записать: 3' }).click();
    await expect(notice(page, 'Список записан')).toBeVisible();
  });

  await test.step('the search finds it by a part of its name from any page', async () => {
    await page.goto('/account', { waitUntil: 'networkidle' });
    const search = new GlobalSearch(page);
    await page.keyboard.press('/');
    await search.field.fill('елки');
    await search.dialog.getByRole('link', { name: /Гимназия № 101/ }).press('Enter');
    await expect(page).toHaveURL(/\/units\/i48-1$/);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Гимназия № 101 имени Ёлкина');
    await expect(page.getByText('Название: «МБОУ СОШ № 101» → «Гимназия № 101 имени Ёлкина»')).toBeVisible();
  });

  await test.step('and what goes out has it', async () => {
    await tree.open();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Скачать .csv' }).click(),
    ]);
    const text = await readFile(await download.path(), 'utf8');
    expect(text).toContain('c48-1;Колледж;Колледж № 1;;48;;действует;');
  });
});

test('a unit is edited, added to, merged and opened again by hand', async ({ openBrowser }) => {
  const page = await openBrowser('administrator');
  const dialog = page.getByRole('dialog');
  await page.goto('/units/48-m3', { waitUntil: 'networkidle' });

  await page.getByRole('button', { name: 'Добавить' }).click();
  await dialog.getByLabel('Код').fill('i48-1');
  await dialog.getByLabel('Название', { exact: true }).fill('Новая школа');
  await dialog.getByRole('button', { name: 'Добавить' }).click();
  await expect(dialog.getByRole('heading', { name: 'Не сохранено: код занят' })).toBeVisible();
  await dialog.getByLabel('Код').fill('new-1');
  await dialog.getByRole('button', { name: 'Добавить' }).click();
  await expect(page.getByRole('main').getByRole('link', { name: 'Новая школа' })).toBeVisible();

  await page.getByRole('button', { name: 'Присоединить' }).click();
  await expect(dialog).toContainText('Подчинённых, которые перейдут к преемнику: 3');
  await dialog.getByRole('searchbox').fill('округ 2');
  await dialog.getByRole('button', { name: /Округ № 2/ }).click();
  await dialog.getByRole('button', { name: 'Присоединить' }).click();
  await expect(page.getByRole('main').getByRole('link', { name: 'Округ № 2' }).first()).toBeVisible();
  await expect(page.getByText('Никто не подчинён.')).toBeVisible();
  await page.getByRole('button', { name: 'Открыть снова' }).click();
  await expect(page.getByRole('button', { name: 'Закрыть', exact: true })).toBeEnabled();
});

test('a municipal coordinator sees his own part of the tree and changes nothing', async ({ openBrowser }) => {
  const page = await openBrowser('municipal-1');
  await page.goto('/units', { waitUntil: 'networkidle' });
  await expect(page.getByRole('link', { name: 'МБОУ СОШ № 101' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Загрузка списков' })).toHaveCount(0);
  expect((await page.goto('/units/48-m2'))?.status()).toBe(404);
  await page.goto('/units/i48-1', { waitUntil: 'networkidle' });
  await expect(page.getByRole('button', { name: 'Изменить' })).toHaveCount(0);
});

for (const view of LOOKS)
  test(`the pages of the tree at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    const context = await browser.newContext(contextOf(view));
    await signIn(context, hub, 'administrator');
    const sending = await context.newPage();
    const imports = new ImportPage(sending);
    await imports.send(fixture('units/broken-row.xlsx'));
    await expect(notice(sending, 'В файле есть строки с ошибками: 1')).toBeVisible();
    const sights: Sight[] = [
      { name: 'units', path: '/units', heading: 'Организации', isPictured: true },
      { name: 'unit', path: '/units/48-m1', heading: 'Округ № 1', isPictured: true },
      { name: 'imports', path: '/imports', heading: 'Загрузка списков', isPictured: true },
      { name: 'import', path: new URL(sending.url()).pathname, heading: 'broken-row.xlsx', isPictured: true },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const page = await context.newPage();
        await look(page, sight, view);
        await page.close();
      });
    await context.close();
  });
