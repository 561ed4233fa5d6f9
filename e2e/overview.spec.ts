/** Above the boards: what a territory adds up to, what a board showed at a moment, and whether the counters are true. */
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, look, LOOKS, type Sight } from './look.ts';
import { BoardPage } from './pages/board.ts';
import { BASE, institution, letIn, register, SCHOOL } from './region.ts';

test('the overview adds up the boards, moves by itself, and leads to the board of each part', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser('regional');
  await page.goto(`${BASE}/board`);
  await page.getByRole('link', { name: 'Сводка' }).click();
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await expect(row('Округ № 1').getByRole('gridcell').nth(1)).toHaveText('1');
  await expect(row('Округ № 2').getByRole('gridcell').nth(1)).toHaveText('0');
  await register(hub, institution(4));
  await expect(row('Округ № 2').getByRole('gridcell').nth(1)).toHaveText('1');
  await expect(row('Округ № 2').getByRole('gridcell').nth(2)).toHaveText('1');

  await row('Округ № 2').getByRole('link', { name: 'Округ № 2' }).click();
  const board = new BoardPage(page);
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(4), 'Зарегистрирована')).toContainText('ждёт вас');
  await expect(page.getByText(SCHOOL.name)).toHaveCount(0);
});

test('a board as at a moment shows what was true then, does not move, and leads back', async ({ hub, openBrowser }) => {
  await hub.setClock('2013-11-20T11:00:00+04:00');
  await register(hub, SCHOOL);
  await hub.setClock('2013-11-20T11:10:00+04:00');
  await register(hub, institution(4));
  const page = await openBrowser('regional');
  await page.goto(`${BASE}/board?at=2013-11-20T07:05:00.000Z`);
  const board = new BoardPage(page);
  await expect(page.getByText('Прошлое: так доска выглядела на 20.11.2013 11:05:00')).toBeVisible();
  await expect(board.cell(SCHOOL, 'Зарегистрирована')).not.toHaveText('');
  await expect(board.cell(institution(4), 'Зарегистрирована')).not.toContainText('ждёт вас');
  await page.getByRole('link', { name: 'К настоящему' }).click();
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(4), 'Зарегистрирована')).toContainText('ждёт вас');
});

for (const view of LOOKS)
  test(`what stands above the boards at ${view.name} is clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    await letIn(hub, SCHOOL);
    await register(hub, institution(4));
    const at = new Date(await hub.now()).toISOString();
    const sights: (Sight & { username: string })[] = [
      {
        name: 'overview',
        username: 'regional',
        path: `${BASE}/overview`,
        heading: 'Сводка по территории',
        isPictured: true,
      },
      {
        name: 'board-past',
        username: 'regional',
        path: `${BASE}/board?at=${at}`,
        heading: /Прошлое/,
        isPictured: true,
      },
      {
        name: 'counters',
        username: 'administrator',
        path: '/settings/counters',
        heading: 'Счётчики',
        isPictured: true,
      },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const context = await browser.newContext(contextOf(view));
        await signIn(context, hub, sight.username);
        await look(await context.newPage(), sight, view);
        await context.close();
      });
  });
