/** The coordinators' board: whose rows, live changes, sums, address, keys, export, the lost line. */
import { readFile } from 'node:fs/promises';
import * as xlsx from '@e965/xlsx';
import type { BrowserContext } from '@playwright/test';
import { io, type Socket } from 'socket.io-client';
import { boardStream, cabinetStream } from '#models/journal/stream.ts';
import { CONTRACT_VERSION, type ClientToServer, type ServerToClient } from '#realtime/contract.ts';
import { countLoads, expect, test } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { BoardPage, STEPS } from './pages/board.ts';
import { notice } from './pages/site.ts';
import {
  BASE,
  downloadTemplate,
  fixtureFile,
  giveAccess,
  INSTITUTIONS,
  institution,
  letIn,
  PROCEDURE,
  register,
  SCHOOL,
  sendFile,
} from './region.ts';

const FIRST = institution(1);
const SECOND = institution(2);
const THIRD = institution(3);
const FOURTH = institution(4);
const FIFTH = institution(5);

/** First has its report, second sent a bad file, fourth a file without the tick, third waits for access; the rest are silent. */
async function letThemWork(hub: HubNode): Promise<void> {
  for (const who of [FIRST, SECOND, FOURTH]) await letIn(hub, who);
  await downloadTemplate(hub, FIRST);
  await sendFile(hub, FIRST, await fixtureFile('good.xls'));
  await sendFile(hub, SECOND, await fixtureFile('errors.xls'));
  await sendFile(hub, FOURTH, await fixtureFile('good.xls'), false);
  await register(hub, THIRD);
}

test('the regional coordinator sees every municipality, and the sums agree in every column', async ({
  hub,
  openBrowser,
}) => {
  await letThemWork(hub);
  const board = new BoardPage(await openBrowser('regional'));
  await board.open();
  await expect(board.cell(FIRST, 'Отчёт')).toContainText('готово');
  await expect(board.cell(SECOND, 'Обработан')).toContainText('ошибка');
  await expect(board.names).toHaveText([
    /Округ № 1\s*3/,
    'МБОУ СОШ № 101',
    'МБОУ СОШ № 102',
    'МБОУ СОШ № 103',
    /Округ № 2\s*2/,
    'МБОУ СОШ № 104',
    'МБОУ СОШ № 105',
    /Округ № 3\s*2/,
    'МБОУ СОШ № 106',
    'МБОУ СОШ № 107',
  ]);
  // done of the municipality / of the region, per step
  const wanted = {
    Зарегистрирована: ['3/3', '1/2', '0/2', '4/7'],
    'Шаблон скачан': ['1/3', '0/2', '0/2', '1/7'],
    'Файл отправлен': ['2/3', '1/2', '0/2', '3/7'],
    Подтверждён: ['2/3', '0/2', '0/2', '2/7'],
    Обработан: ['1/3', '0/2', '0/2', '1/7'],
    Отчёт: ['1/3', '0/2', '0/2', '1/7'],
  };
  for (const step of STEPS) {
    const at = STEPS.indexOf(step);
    const shown = ['Округ № 1', 'Округ № 2', 'Округ № 3'].map((name) =>
      board.municipality(name).getByRole('gridcell').nth(at),
    );
    for (const [index, cell] of [...shown, board.sum(step)].entries())
      await expect(cell, step).toContainText(wanted[step][index] ?? '');
  }
  for (const [label, value] of [
    ['организаций в списке', '7'],
    ['зарегистрированы', '4'],
    ['ждут доступа', '1'],
    ['ждут знака', '1'],
    ['ошибки в файле', '1'],
    ['отчёт готов', '1'],
  ] as const)
    await expect(board.figure(label).first()).toContainText(value);
});

test('a deed of an institution is on the board without reload, in its row and in the sums', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open();
  const loads = countLoads(page);
  await expect(board.sum('Зарегистрирована')).toContainText('0/7');
  await letIn(hub, FIRST);
  await expect(board.cell(FIRST, 'Зарегистрирована')).toContainText('готово');
  await expect(board.sum('Зарегистрирована')).toContainText('1/7 · 14%');
  await downloadTemplate(hub, FIRST);
  await expect(board.cell(FIRST, 'Шаблон скачан')).toContainText('10:0');
  await sendFile(hub, FIRST, await fixtureFile('good.xls'));
  await expect(board.cell(FIRST, 'Отчёт')).toContainText('готово');
  await expect(board.municipality('Округ № 1').getByRole('gridcell').last()).toContainText('1/3');
  await expect(board.figure('отчёт готов')).toContainText(/1\s*из 7/);
  expect(loads()).toBe(0);
});

test('the coordinator lets many in at once after seeing the list', async ({ hub, openBrowser }) => {
  await register(hub, FIRST);
  await register(hub, FOURTH);
  const board = new BoardPage(await openBrowser('regional'));
  await board.open('?filter=awaiting');
  await board.page.getByRole('button', { name: 'Открыть доступ всем показанным: 2' }).click();
  const question = board.page.getByRole('alertdialog');
  await expect(question.getByRole('listitem')).toHaveText([FIRST.name, FOURTH.name]);
  await question.getByRole('button', { name: 'Открыть доступ' }).click();
  await expect(question).toBeHidden();
  await expect(board.figure('ждут доступа')).toContainText('0');
});

/** Asks the live layer for streams with the cookies of a browser. */
async function ask<Answer>(
  hub: HubNode,
  context: BrowserContext,
  question: (socket: Socket<ServerToClient, ClientToServer>) => Promise<Answer>,
): Promise<Answer> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const socket: Socket<ServerToClient, ClientToServer> = io(hub.url, {
    path: '/live',
    transports: ['websocket'],
    extraHeaders: { cookie },
  });
  try {
    return await question(socket);
  } finally {
    socket.disconnect();
  }
}

test('a municipal coordinator sees only his own territory: on the page, by address, in the export and live', async ({
  hub,
  openBrowser,
}) => {
  await letThemWork(hub);
  const page = await openBrowser('municipal-2');
  const board = new BoardPage(page);
  await board.open();
  await expect(board.names).toHaveText([/Округ № 2/, FOURTH.name, FIFTH.name]);
  await board.open(`?q=${encodeURIComponent(SCHOOL.name)}`);
  await expect(board.names).toHaveCount(0);

  const exported = await page.request.get(`${BASE}/board/export`);
  const book = xlsx.read(await exported.body());
  const csv = xlsx.utils.sheet_to_csv(book.Sheets[book.SheetNames[0] ?? ''] ?? {});
  expect(csv).toContain(FOURTH.name);
  expect(csv).not.toContain(FIRST.name);

  // Reports of his own territory, never files, and nothing of a neighbour.
  for (const path of [
    `/report/${FIRST.id}`,
    `/cabinet/${FIRST.id}`,
    `/cabinet/${FOURTH.id}`,
    `/board/participation/${FIRST.id}`,
  ])
    expect((await page.request.get(`${BASE}${path}`, { maxRedirects: 0 })).status(), path).toBe(403);
});

test('the live layer refuses a municipal coordinator the stream of another municipality', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser('municipal-2');
  const stream = (unit: string): string => boardStream(PROCEDURE, unit);
  const answers = await ask(hub, page.context(), async (socket) => ({
    own: await socket.emitWithAck('subscribe', {
      version: CONTRACT_VERSION,
      ticket: null,
      streams: [stream('48-m2')],
    }),
    other: await socket.emitWithAck('subscribe', {
      version: CONTRACT_VERSION,
      ticket: null,
      streams: [stream('48-m1')],
    }),
    snapshot: await socket.emitWithAck('snapshot', { ticket: null, stream: stream('48-m1') }),
    pull: await socket.emitWithAck('pull', { ticket: null, stream: stream('48-m1'), epoch: 'any', after: 0 }),
    cabinet: await socket.emitWithAck('subscribe', {
      version: CONTRACT_VERSION,
      ticket: null,
      streams: [cabinetStream(PROCEDURE, FOURTH.id)],
    }),
  }));
  expect(answers.own).toMatchObject({ ok: true });
  const refused = { ok: false, code: 'not_allowed' };
  expect([answers.snapshot, answers.pull]).toEqual([refused, refused]);
  const none = (stream: string) => ({ ok: true, heads: [], refused: [{ stream, code: 'not_allowed' }] });
  expect(answers.other).toEqual(none(stream('48-m1')));
  expect(answers.cabinet).toEqual(none(cabinetStream(PROCEDURE, FOURTH.id)));
});

test('filter, search and order live in the address, so that a view can be sent to a colleague', async ({
  hub,
  openBrowser,
}) => {
  await letThemWork(hub);
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open();
  await expect(board.cell(SECOND, 'Обработан')).toContainText('ошибка');
  await board.figure('ошибки в файле').click();
  await expect(page).toHaveURL(/filter=problems/);
  await expect(board.names).toHaveText([/Округ № 1/, SECOND.name]);
  await board.figure('ошибки в файле').click();
  await expect(page).not.toHaveURL(/filter/);

  await board.search.fill('округ № 2');
  await expect(board.names).toHaveText([/Округ № 2/, FOURTH.name, FIFTH.name]);
  await board.heading('Организация').getByRole('button').click();
  await board.heading('Организация').getByRole('button').click();
  await expect(board.heading('Организация')).toHaveAttribute('aria-sort', 'descending');
  await expect(board.names).toHaveText([/Округ № 2/, FIFTH.name, FOURTH.name]);
  await expect(page).toHaveURL(/sort=name\.descending/);

  const colleague = new BoardPage(await openBrowser('regional'));
  await colleague.page.goto(page.url());
  await expect(colleague.search).toHaveValue('округ № 2');
  await expect(colleague.names).toHaveText([/Округ № 2/, FIFTH.name, FOURTH.name]);
});

test('the export downloads what is filtered', async ({ hub, openBrowser }) => {
  await letThemWork(hub);
  const board = new BoardPage(await openBrowser('regional'));
  await board.open();
  await board.search.fill('округ № 2');
  await expect(board.names).toHaveCount(3);
  const link = board.page.getByRole('link', { name: 'Выгрузить в Excel' });
  await expect(link).toHaveAttribute('href', /\?q=/);
  const [download] = await Promise.all([board.page.waitForEvent('download'), link.click()]);
  expect(download.suggestedFilename()).toMatch(/^Ход мониторинга .+\.xlsx$/);
  const book = xlsx.read(await readFile(await download.path()));
  const rows = xlsx.utils.sheet_to_json<string[]>(book.Sheets[book.SheetNames[0] ?? ''] ?? {}, { header: 1 });
  const named = rows.flat().filter((value) => INSTITUTIONS.some(({ name }) => name === value));
  expect(named).toEqual([FOURTH.name, FIFTH.name]);
  expect(rows.flat()).toEqual(expect.arrayContaining([...STEPS]));
});

test('the board is walked with the keyboard alone: arrows, Enter, Escape, / and ?', async ({ hub, openBrowser }) => {
  await letThemWork(hub);
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open();
  const { keyboard } = page;

  await keyboard.press('/');
  await expect(board.search).toBeFocused();
  await keyboard.type('Округ № 2');
  await expect(board.names).toHaveCount(3);
  await keyboard.press('Escape');
  await expect(board.search).toHaveValue('');
  await expect(board.names).toHaveCount(10);

  // From the search on, Tab comes to the table, which is one stop.
  const focusedInTable = (): Promise<boolean> =>
    page.evaluate(() => document.activeElement?.closest('[role="treegrid"]') !== null);
  for (let presses = 0; presses < 12 && !(await focusedInTable()); presses += 1) await keyboard.press('Tab');
  const municipality = board.names.first();
  await expect(municipality).toBeFocused();
  await keyboard.press('Enter');
  await expect(board.row(FIRST)).toBeHidden();
  await keyboard.press('ArrowRight');
  await expect(board.row(FIRST)).toBeVisible();
  await keyboard.press('ArrowDown');
  const name = board.row(FIRST).getByRole('rowheader');
  await expect(name).toBeFocused();
  await keyboard.press('ArrowRight');
  await expect(board.cell(FIRST, 'Зарегистрирована')).toBeFocused();
  await keyboard.press('ArrowLeft');
  await keyboard.press('Enter');
  await expect(board.dialog.getByRole('heading', { name: FIRST.name })).toBeVisible();
  await keyboard.press('Escape');
  await expect(board.dialog).toBeHidden();
  await expect(name).toBeFocused();

  await keyboard.press('?');
  await expect(board.dialog.getByRole('heading', { name: 'Клавиши' })).toBeVisible();
  await keyboard.press('Escape');
  await expect(name).toBeFocused();
});

test('an order that changed under the reader’s hands waits for him', async ({ hub, openBrowser }) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open('?sort=registered.descending');
  await board.row(FIRST).hover();
  await register(hub, THIRD);
  await expect(board.cell(THIRD, 'Зарегистрирована')).toContainText('ждёт вас');
  const update = page.getByRole('button', { name: /обновить порядок/ });
  await expect(update).toBeVisible();
  await expect(board.names.nth(1)).toHaveText(FIRST.name);
  await update.click();
  await expect(board.names.nth(1)).toHaveText(THIRD.name);
});

test('a refused registration tells its reason on the organizer’s page, and a new address voids the old one', async ({
  hub,
  openBrowser,
  visitor,
}) => {
  const ticket = await register(hub, FIRST);
  await visitor.goto(`${BASE}/registration/${ticket}`);
  await expect(visitor.getByText('на связи', { exact: true })).toBeVisible();
  const board = new BoardPage(await openBrowser('regional'));
  await board.open();
  await board.openInstitution(FIRST);
  await board.dialog.getByRole('button', { name: 'Отказать' }).click();
  await board.dialog.getByLabel('Причина').fill('организатор не назначен приказом');
  await board.dialog.getByRole('button', { name: 'Отказать' }).click();
  await expect(notice(visitor, 'В доступе отказано')).toBeVisible();
  await expect(visitor.getByRole('alert')).toContainText('организатор не назначен приказом');

  await giveAccess(hub, FIRST);
  await expect(notice(visitor, 'Доступ открыт: задайте имя и пароль')).toBeVisible();
  await board.dialog.getByRole('button', { name: 'Выдать новый адрес' }).click();
  const address = await board.dialog.getByRole('code').innerText();
  const other = await openBrowser();
  await other.goto(address);
  await expect(notice(other, 'Доступ открыт: задайте имя и пароль')).toBeVisible();
  const old = await visitor.request.get(`${BASE}/registration/${ticket}`);
  expect(old.status()).toBe(404);
});

test('a lost connection is shown as stale at once, and heals with everything that happened meanwhile', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open();
  const loads = countLoads(page);
  await page.context().setOffline(true);
  await expect(board.lost).toBeVisible();
  await expect(notice(page, /^Внимание: Данные на .+: связи с сервером нет/)).toBeVisible();
  await letIn(hub, FIRST);
  await register(hub, FIFTH);
  await page.context().setOffline(false);
  await expect(board.live).toBeVisible();
  await expect(board.lost).toBeHidden();
  await expect(board.cell(FIRST, 'Зарегистрирована')).toContainText('готово');
  await expect(board.cell(FIFTH, 'Зарегистрирована')).toContainText('ждёт вас');
  await expect(board.sum('Зарегистрирована')).toContainText('2/7');
  expect(loads()).toBe(0);
});

test('when the last day ends, what is missing becomes overdue on an open board', async ({ hub, openBrowser }) => {
  // Signed in on that day: a session that nobody used for nine would be over.
  await hub.setClock('2013-11-29T23:50:00+04:00');
  const board = new BoardPage(await openBrowser('regional'));
  await hub.setClock('2013-11-29T23:59:45+04:00');
  await board.open();
  await expect(board.cell(FIRST, 'Отчёт')).toContainText('не начато');
  await expect(board.cell(FIRST, 'Отчёт')).toContainText('просрочено');
  await expect(board.figure('просрочено')).toContainText(/7\s*из 7/);
});
