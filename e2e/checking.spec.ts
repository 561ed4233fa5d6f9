/** Answers in own words: two experts mark each without knowing of the other, a third decides, and the coordinator follows and takes the results. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { UNITS_LIMITS } from '#exchange/units-form.ts';
import { openTable } from '#exchange/read/open-table.ts';
import type { FieldReading } from '#collector/reading.ts';
import { appointExpert, STUDY } from './federation.ts';
import { countLoads, expect, signIn } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { ErrorDesk } from './pages/error-desk.ts';
import { test as pairTest } from './pair.ts';
import { code, DESK, SCANNING_CENTRE, sendScan, setUpScanning, UNCLEAR } from './scanning.ts';

const test = pairTest.extend({
  environment: async ({ environment }, use) => {
    await use({ ...environment, COLLECTOR: 'said' });
  },
});

const CHECKING = `/checking/${STUDY}/${SCANNING_CENTRE}`;
const CROP = { x: 200, y: 700, width: 520, height: 160 };
const written = (key: string): FieldReading => ({
  ...{ kind: 'freeAnswer', key, crop: CROP, isBlank: false, inkShare: 0.1 },
});
const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();
const answer = (page: Page, label: string) => page.getByRole('heading', { name: label, exact: true });
const isIdle = (page: Page) => expect(page.getByRole('heading', { name: 'Сейчас проверять нечего' })).toBeVisible();
const progress = (page: Page, checked: number, works: number) =>
  expect(
    page.getByRole('progressbar', { name: `Проверено работ: ${checked} из ${works} с развёрнутыми ответами` }),
  ).toBeVisible();

/** A file that the page gives, as its rows of text; read as the hub reads files that are sent to it. */
async function rowsOf(page: Page, link: string): Promise<string[][]> {
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: link }).click();
  const table = await openTable(await readFile(await (await download).path()), UNITS_LIMITS);
  const rows: string[][] = [];
  await table.readSheet(0, {
    row(_, cells) {
      rows.push(Array.from(cells, (cell) => (cell?.kind === 'number' ? String(cell.number) : (cell?.text ?? ''))));
      return true;
    },
  });
  table.close();
  return rows;
}

/** An answer for the eye: the stand-in's images are one grey dot. */
async function handwriting(page: Page): Promise<Buffer> {
  await page.setViewportSize({ width: 1_200, height: 420 });
  await page.setContent(
    '<body style="margin:32px;font:italic 30px serif;line-height:2">Путь равен площади под графиком скорости:<br>s = v₀t + at²/2 = 4·3 + 2·9/2 = 21 м, поэтому тело успеет остановиться.</body>',
  );
  return page.screenshot({ type: 'jpeg' });
}

test('[S1-13] [S1-54] answers are marked by two experts on two nodes, a third decides, and the coordinator sees it and takes the results', async ({
  hub,
  second,
  browser,
}) => {
  const [batch = ''] = await setUpScanning(hub);
  const experts = { exp1: 'Лебедева Нина Юрьевна', exp2: 'Громов Олег Ильич', exp3: 'Зайцев Пётр Львович' };
  for (const [username, name] of Object.entries(experts)) await appointExpert(hub, username, name);
  const visit = async (node: HubNode, username: string, path: string): Promise<Page> => {
    const context = await browser.newContext({ baseURL: node.url });
    await signIn(context, node, username);
    const page = await context.newPage();
    await page.goto(path);
    await live(page);
    return page;
  };
  const [one, two, three] = [
    await visit(hub, 'exp1', CHECKING),
    await visit(second, 'exp2', CHECKING),
    await visit(hub, 'exp3', CHECKING),
  ];
  const coordinator = await visit(second, 'oiv', CHECKING);
  const desk = new ErrorDesk(await visit(hub, 'ivanov', DESK));
  const loads = [one, two, three, coordinator].map(countLoads);
  for (const expert of [one, two, three]) await isIdle(expert);

  await test.step('a doubtful bubble keeps a work from the experts until it is confirmed', async () => {
    await sendScan(desk.page.request, hub, batch, [
      { code: code(1), ...UNCLEAR },
      { code: code(1, 2), fields: [written('free1'), written('free2')] },
    ]);
    await expect(desk.openCount).toHaveText('1');
    await progress(coordinator, 0, 1);
    for (const expert of [one, two, three]) await isIdle(expert);
    await desk.openNext();
    await desk.page.keyboard.press('b');
    await expect(desk.openCount).toHaveText('0');
  });

  await test.step('then it opens at two of them by itself; who agree have checked it', async () => {
    // Whoever was first has the first answer; all three are asked for two answers with two marks each.
    const marks: Record<string, [string, string]> = { 'Задание 31': ['2', '2'], 'Задание 32': ['1', '3'] };
    const given: Record<string, number> = {};
    const marked: Record<string, Page[]> = {};
    const isDone = (): boolean => Object.keys(marks).every((label) => given[label] === 2);
    while (!isDone())
      for (const expert of [one, two, three]) {
        const heading = expert.locator('section.desk h2');
        const label = (await heading.count()) > 0 ? ((await heading.first().textContent()) ?? '') : '';
        const points = marks[label]?.[given[label] ?? 0];
        if (points === undefined || marked[label]?.includes(expert)) continue;
        await expert.keyboard.press(points);
        given[label] = (given[label] ?? 0) + 1;
        marked[label] = [...(marked[label] ?? []), expert];
        await expect(expert.getByText(/Оценено вами на этой странице: \d/)).toContainText(
          String(Object.values(marked).filter((by) => by.includes(expert)).length),
        );
      }
    const third = [one, two, three].find((expert) => !marked['Задание 32']?.includes(expert));
    if (!third) throw new Error('nobody is left to decide');
    await progress(coordinator, 0, 1);
    // Where two differ it opens at the third, who had nothing to do, by itself.
    await expect(answer(third, 'Задание 32')).toBeVisible();
    await third.keyboard.press('3');
    await progress(coordinator, 1, 1);
    // His mark is taken back, and given anew.
    await isIdle(third);
    await third.keyboard.press('z');
    await progress(coordinator, 0, 1);
    await expect(answer(third, 'Задание 32')).toBeVisible();
    await third.keyboard.press('2');
    await progress(coordinator, 1, 1);
    for (const expert of [one, two, three]) await progress(expert, 1, 1);
    expect(loads.map((count) => count())).toEqual([0, 0, 0, 0]);
  });

  await test.step('the results say what the paper says and what the experts said, of numbers and not of names', async () => {
    for (const link of ['Результаты .xlsx', 'Результаты .csv']) {
      const [headings = [], ...rows] = await rowsOf(coordinator, link);
      expect(rows.map((row) => Object.fromEntries(headings.map((heading, at) => [heading, row[at]])))).toEqual([
        {
          ...{ Организация: 'Колледж № 1', Аудитория: '1', 'Код участника': '1', Явка: 'был' },
          ...{ 'Состояние работы': 'проверена', 'Задание 5': 'Б' },
          ...{ 'Задание 31': 'Ответ написан', 'Задание 32': 'Ответ написан' },
          ...{ 'Баллы: Задание 31': '2', 'Баллы: Задание 32': '2' },
        },
      ]);
    }
  });

  await test.step('every look of the page', async () => {
    // Their open pages would take whatever comes.
    for (const expert of [one, two, three]) await expert.context().close();
    await sendScan(desk.page.request, hub, batch, [
      { code: code(2) },
      { code: code(2, 2), fields: [written('free1')] },
    ]);
    const drawn = await handwriting(await (await browser.newContext()).newPage());
    for (const sight of LOOKS)
      for (const username of ['exp1', 'oiv']) {
        const context = await browser.newContext({ ...contextOf(sight), baseURL: hub.url });
        await signIn(context, hub, username);
        await context.route(/\/checking\/.*\/image/, (route) =>
          route.fulfill({ body: drawn, contentType: 'image/jpeg' }),
        );
        const name = username === 'oiv' ? 'checking-coordinator' : 'checking';
        // The expert has an answer before him.
        const heading = username === 'oiv' ? 'Проверка развёрнутых ответов' : 'Задание 31';
        await look(await context.newPage(), { name, path: CHECKING, heading, isPictured: true }, sight);
        await context.close();
      }
  });
});
