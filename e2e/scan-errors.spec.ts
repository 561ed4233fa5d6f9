/** The desk of upload errors: two specialists on two nodes and a coordinator who watches, by keyboard from beginning to end. */
import type { Page } from '@playwright/test';
import { encode } from '#collector/code.ts';
import { STUDY } from './federation.ts';
import { countLoads, expect, signIn } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test as pairTest } from './pair.ts';
import { BLANK, code, DESK, SCANNING_CENTRE, sendScan, setUpScanning, UNCLEAR, UNREADABLE } from './scanning.ts';

const test = pairTest.extend({
  environment: async ({ environment }, use) => {
    await use({ ...environment, COLLECTOR: 'said' });
  },
});

const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();
const queue = (page: Page) => page.getByTestId('error-queue');
const errors = (page: Page, title: string) => queue(page).getByRole('link').filter({ hasText: title });
const title = (page: Page) => page.locator('#error-title');
const openCount = (page: Page) => page.getByTestId('open-count');

/** Walks the queue by its keys until an error of this title has the focus, and opens it. */
async function openByKeys(page: Page, wanted: string): Promise<void> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(title(page)).toHaveCount(0);
  for (let steps = 0; steps < 30; steps += 1) {
    await page.keyboard.press('j');
    if ((await page.locator('a[data-error]:focus').textContent())?.includes(wanted)) break;
  }
  await page.keyboard.press('Enter');
  await expect(title(page)).toHaveText(wanted);
  await expect(page.getByRole('group', { name: 'Способы решить' })).toBeVisible();
}

/** A page for the eye: the stand-in's images are one grey dot. */
async function picture(page: Page): Promise<Buffer> {
  await page.setViewportSize({ width: 827, height: 1169 });
  const rows = Array.from({ length: 15 }, (_, at) => `<p>${at + 1} &nbsp; ◯ &nbsp; ⬤ &nbsp; ◯ &nbsp; ◯</p>`).join('');
  await page.setContent(`<body style="margin:60px;font:20px serif"><h1>Бланк ответов участника</h1>${rows}</body>`);
  return page.screenshot({ type: 'jpeg' });
}

test('[S1-12] [S1-13] errors appear live, are settled by keyboard, each by one specialist, and seen by the coordinator', async ({
  hub,
  second,
  browser,
}) => {
  const [batch = ''] = await setUpScanning(hub);
  const visit = async (node: HubNode, username: string): Promise<Page> => {
    const context = await browser.newContext({ baseURL: node.url });
    await signIn(context, node, username);
    const page = await context.newPage();
    await page.goto(DESK);
    await live(page);
    return page;
  };
  const ivanov = await visit(hub, 'ivanov');
  const petrova = await visit(second, 'petrova');
  const coordinator = await visit(second, 'oiv');
  const loads = [ivanov, petrova, coordinator].map(countLoads);
  for (const page of [ivanov, petrova, coordinator])
    await expect(page.getByRole('heading', { name: 'Ошибок нет' }).first()).toBeVisible();

  await test.step('a file is sent, and its errors are here for everybody', async () => {
    await sendScan(ivanov.request, hub, batch, [
      { code: code(1), ...UNCLEAR },
      { code: code(1, 2) },
      { code: null, findings: [UNREADABLE] },
      ...Array.from({ length: 5 }, () => ({ code: null, findings: [BLANK] })),
      { code: null, isSetAside: true },
    ]);
    for (const page of [ivanov, petrova, coordinator]) await expect(openCount(page)).toHaveText('8');
    await expect(coordinator.getByRole('heading', { name: /Страница пустая: 5 страниц/ })).toBeVisible();
    await expect(coordinator.getByText('Сканер снимает и чистые обороты')).toBeVisible();
  });

  await test.step('who has an error is seen by the others, and the next free one is offered', async () => {
    await openByKeys(ivanov, 'Отметка неясная');
    await expect(ivanov.getByText('Задание 5: отметка слабее обычной (Б 31%, В 12%)')).toBeVisible();
    await expect(errors(petrova, 'Отметка неясная')).toContainText('Иванов Пётр Ильич');
    await expect(errors(coordinator, 'Отметка неясная')).toContainText('Иванов Пётр Ильич');
    await errors(petrova, 'Отметка неясная').click();
    await expect(petrova.getByRole('heading', { name: 'Эту ошибку разбирает Иванов Пётр Ильич' })).toBeVisible();
    await expect(petrova.getByRole('group', { name: 'Способы решить' })).toHaveCount(0);
    await petrova.keyboard.press('n');
    await expect(title(petrova)).not.toHaveText('Отметка неясная');
    await expect(petrova.getByRole('group', { name: 'Способы решить' })).toBeVisible();
  });

  await test.step('marks are decided by one letter, taken back, and decided again', async () => {
    // The way that one key tells is open at once.
    await expect(ivanov.getByRole('button', { name: 'Решить отметки' })).toHaveAttribute('aria-pressed', 'true');
    await ivanov.keyboard.press('b');
    await expect(errors(petrova, 'Отметка неясная')).toHaveCount(0);
    await expect(openCount(coordinator)).toHaveText('7');
    // The next one is open at once, and is not the one that the other has.
    await expect(title(ivanov)).toBeVisible();
    await ivanov.keyboard.press('u');
    await expect(title(ivanov)).toHaveText('Отметка неясная');
    await expect(ivanov.getByRole('heading', { name: 'Решение отменено: ошибка снова у вас.' })).toBeVisible();
    await expect(errors(petrova, 'Отметка неясная')).toContainText('вернулась');
    await expect(ivanov.getByRole('button', { name: 'Решить отметки' })).toHaveAttribute('aria-pressed', 'true');
    await ivanov.keyboard.press('c');
    await expect(openCount(petrova)).toHaveText('7');
  });

  await test.step('a code is typed: a slip is told before it is sent, a code that stands elsewhere by the hub', async () => {
    await openByKeys(petrova, 'Код листа не читается');
    await petrova.keyboard.press('1');
    const right = encode(code(2));
    const field = petrova.getByLabel('Код листа', { exact: true });
    await expect(field).toBeFocused();
    await petrova.keyboard.type(right.slice(0, 19).toLowerCase());
    await expect(petrova.getByText('Набрано 19 из 20')).toBeVisible();
    await petrova.keyboard.type(right[19] === '7' ? '8' : '7');
    await expect(petrova.getByText('Один из знаков неверный')).toBeVisible();
    await petrova.keyboard.press('Backspace');
    await petrova.keyboard.type(right.slice(19));
    await expect(petrova.getByText('Код верный')).toBeVisible();
    await petrova.keyboard.press('Enter');
    await expect(openCount(ivanov)).toHaveText('6');
  });

  await test.step('what a whole batch has in common is settled at once', async () => {
    await openByKeys(ivanov, 'Страница отложена: прочитать её не удалось');
    await petrova.keyboard.press('Escape');
    await petrova.getByRole('button', { name: 'Считать пустым: все' }).click();
    await petrova.getByRole('dialog').getByRole('button', { name: 'Считать пустым: все' }).click();
    await expect(openCount(coordinator)).toHaveText('1');
    await expect(petrova.getByRole('dialog')).toHaveCount(0);
  });

  await test.step('the institution is asked for a new scan; the coordinator reads what became of it', async () => {
    await ivanov.keyboard.press('1');
    await ivanov.keyboard.type('Отсканируйте лист 9 заново');
    await ivanov.keyboard.press('Enter');
    for (const page of [ivanov, petrova, coordinator]) await expect(openCount(page)).toHaveText('0');
    await coordinator.getByRole('button', { name: /Ждут скана/ }).click();
    await errors(coordinator, 'Страница отложена').click();
    await expect(coordinator.getByText('Отсканируйте лист 9 заново').first()).toBeVisible();
    await expect(coordinator.getByRole('listitem').filter({ hasText: 'запрошен повторный скан' })).toContainText(
      'Иванов',
    );
    await expect(coordinator.getByRole('button', { name: 'Взять ошибку' })).toHaveCount(0);
    await expect(coordinator).toHaveURL(/awaited=/);
    await expect(ivanov.getByTestId('pace')).toContainText('Сегодня разобрана 1 ошибка');
  });

  await test.step('what a later page answers closes by itself: the desk tells it, and takes nobody from his work', async () => {
    await expect(petrova.getByTestId('healed-errors')).toHaveCount(0);
    await sendScan(ivanov.request, hub, batch, [{ code: code(5), ...UNCLEAR }]);
    await expect(openCount(petrova)).toHaveText('1');
    await petrova.getByRole('button', { name: /К разбору/ }).focus();
    await sendScan(ivanov.request, hub, batch, [{ code: code(5), fields: [] }]);
    for (const page of [petrova, ivanov, coordinator]) {
      await expect(openCount(page)).toHaveText('0');
      await expect(page.getByTestId('healed-errors')).toContainText('Закрылось само');
      await expect(page.getByTestId('healed-errors')).toContainText('ответила страница 1 файла скан.pdf');
    }
    await expect(petrova.getByRole('button', { name: /К разбору/ })).toBeFocused();
  });

  await test.step('[S1-13] a work tells its life on one page', async () => {
    expect(loads.map((count) => count())).toEqual([0, 0, 0]);
    await coordinator.goto(`/collector/${STUDY}/${SCANNING_CENTRE}/works/c48-1/1`);
    await expect(coordinator.getByRole('heading', { name: 'Работа участника 1' })).toBeVisible();
    const steps = coordinator.getByRole('listitem');
    await expect(steps.filter({ hasText: 'Бланки напечатаны' })).toBeVisible();
    await expect(steps.filter({ hasText: 'Отметка неясная: решена' }).last()).toContainText('Задание 5 — В');
    expect((await coordinator.goto(`/collector/${STUDY}/${SCANNING_CENTRE}/works/c48-1/77`))?.status()).toBe(404);
  });

  await test.step('every look of the desk and of a work', async () => {
    await sendScan(ivanov.request, hub, batch, [
      { code: code(3), ...UNCLEAR },
      { code: code(4), ...UNCLEAR },
      { code: null, findings: [UNREADABLE] },
      ...Array.from({ length: 6 }, () => ({ code: null, findings: [BLANK] })),
    ]);
    await expect(openCount(petrova)).toHaveText('9');
    const unclear = await errors(petrova, 'Отметка неясная').first().getAttribute('href');
    const drawn = await picture(await (await browser.newContext()).newPage());
    for (const one of LOOKS) {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, 'ivanov');
      await context.route(/\/collector\/pages\/[^/]+\/(image|as-came|crop|thumbnail)/, (route) =>
        route.fulfill({ body: drawn, contentType: 'image/jpeg' }),
      );
      const page = await context.newPage();
      for (const [name, path, heading] of [
        ['scan-errors', DESK, 'Ошибки загрузки'],
        ['scan-error', unclear ?? '', 'Отметка неясная'],
        ['scan-work', `/collector/${STUDY}/${SCANNING_CENTRE}/works/c48-1/1`, 'Работа участника 1'],
      ] as const)
        await look(page, { name, path, heading, isPictured: true }, one);
      await context.close();
    }
  });
});
