/** Two nodes over one database: a deed on one is seen on the other, with Redis between them, without it, and after a node died. */
import { countLoads, expect } from './fixtures.ts';
import { HubNode } from './hub-node.ts';
import { BoardPage } from './pages/board.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { test } from './pair.ts';
import {
  appoint,
  BASE,
  fixture,
  fixtureFile,
  institution,
  letIn,
  MUNICIPAL,
  register,
  recall,
  SCHOOL,
  sendFile,
} from './region.ts';

test('a deed on one node is on the other’s board with Redis alive, killed and restarted, each once', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await page.goto(`${second.url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  const loads = countLoads(page);

  await test.step('Redis alive', async () => {
    await letIn(hub, institution(1));
    await expect(board.cell(institution(1), 'Зарегистрирована')).toContainText('готово');
  });
  await test.step('Redis killed: slower, but everything comes', async () => {
    await redis.kill();
    await letIn(hub, institution(4));
    await sendFile(hub, institution(1), await fixtureFile('good.xls'));
    await expect(board.cell(institution(4), 'Зарегистрирована')).toContainText('готово');
    await expect(board.cell(institution(1), 'Отчёт')).toContainText('готово');
    // The line to the second node itself never broke.
    await expect(board.live).toBeVisible();
  });
  await test.step('Redis back', async () => {
    await redis.start();
    await register(hub, institution(6));
    await expect(board.cell(institution(6), 'Зарегистрирована')).toContainText('ждёт вас');
    await expect(board.sum('Зарегистрирована')).toContainText('3/7');
  });
  expect(loads()).toBe(0);
});

test('an organizer on one node and a coordinator on the other meet live', async ({ hub, second, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const organizer = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(organizer);
  await cabinet.open(SCHOOL);
  const coordinator = await openBrowser('regional');
  await coordinator.goto(`${second.url}${BASE}/board`);
  const board = new BoardPage(coordinator);
  await expect(board.live).toBeVisible();
  await cabinet.sendConfirmed(fixture('good.xls'));
  await expect(cabinet.report).toBeVisible();
  await expect(board.cell(SCHOOL, 'Отчёт')).toContainText('готово');
});

test('a node that dies leaves its pages stale at once, and they heal without loss when it is back', async ({
  hub,
  second,
  environment,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  const { url } = second;
  await page.goto(`${url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  const loads = countLoads(page);
  await second.kill();
  await expect(board.lost).toBeVisible();

  await letIn(hub, institution(2));
  await register(hub, institution(5));
  await expect(board.sum('Зарегистрирована')).toContainText('0/7');

  const again = HubNode.start();
  await again.open({ ...environment, PORT: new URL(url).port });
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(2), 'Зарегистрирована')).toContainText('готово');
  await expect(board.cell(institution(5), 'Зарегистрирована')).toContainText('ждёт вас');
  await expect(board.sum('Зарегистрирована')).toContainText('2/7');
  expect(loads()).toBe(0);
  await again.end();
});

test('[A-2] a role that ended on one node darkens the open page on the other, also while Redis is gone', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  await register(hub, institution(1));
  const page = await openBrowser(MUNICIPAL[0].username);
  const board = new BoardPage(page);
  await page.goto(`${second.url}${BASE}/board`);
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(1), 'Зарегистрирована')).toContainText('ждёт вас');
  await redis.kill();
  await recall(hub, MUNICIPAL[0], 'municipalCoordinator');
  await expect(page.getByText('отключено', { exact: true })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
  // What may not be seen any longer is not shown any longer.
  await expect(board.names).toHaveCount(0);
});

test('[A-2] an appointment whose last day passed darkens the open page on the other node, also while Redis is gone', async ({
  hub,
  second,
  redis,
  openBrowser,
}) => {
  await appoint(hub, {
    ...{ name: 'Временная Анна', username: 'temporary', role: 'municipalCoordinator', unit: '48-m1' },
    to: '2013-11-20',
  });
  for (const node of [hub, second]) await node.setClock('2013-11-20T23:50:00+04:00');
  const page = await openBrowser('temporary');
  await page.goto(`${second.url}${BASE}/board`);
  await expect(new BoardPage(page).live).toBeVisible();
  await redis.kill();
  for (const node of [hub, second]) await node.setClock('2013-11-21T00:00:00+04:00');
  await expect(page.getByRole('heading', { name: 'Это вам не открыто' })).toBeVisible();
});
