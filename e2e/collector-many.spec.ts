/** More errors than a page begins with: figures, filters and the contact sheet tell all of them, and the queue goes on behind its window. */
import type { Page } from '@playwright/test';
import { OPEN_SHOWN_MAX } from '#models/scanning/scan-error.ts';
import { countLoads, expect, test } from './fixtures.ts';
import { BLANK, code, DESK, SCANNING_CENTRE, sendScan, setUpScanning, UNCLEAR } from './scanning.ts';
import { STUDY } from './federation.ts';

test.use({ environment: { COLLECTOR: 'said' } });

const BLANKS = OPEN_SHOWN_MAX + 20;
const PARTICIPANTS = 9;
const ALL = BLANKS + PARTICIPANTS;
const AN_HOUR_MS = 60 * 60_000;

const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();
const errors = (page: Page) => page.locator('a[data-error]');
const openCount = (page: Page) => page.getByTestId('open-count');
const more = (page: Page) => page.getByRole('button', { name: /Показать ещё/ });

test('[S1-12] [S1-13] errors beyond the window of a page are counted, found by filter, marked on the contact sheet, and follow when the first are settled', async ({
  hub,
  openBrowser,
}) => {
  test.setTimeout(180_000);
  const [first = '', second = ''] = await setUpScanning(hub);
  const specialist = await openBrowser('ivanov');
  const blank = { code: null, findings: [BLANK] };
  // Each is another picture: the same one would be dropped.
  const blanks = Array.from({ length: BLANKS }, (_, salt) => ({ ...blank, salt }));
  await sendScan(specialist.request, hub, first, blanks);
  await specialist.goto(DESK);
  await live(specialist);
  await expect(openCount(specialist)).toHaveText(String(BLANKS), { timeout: 60_000 });
  await sendScan(
    specialist.request,
    hub,
    second,
    Array.from({ length: PARTICIPANTS }, (_, at) => ({ code: code(at + 1, 1, { institution: 2 }), ...UNCLEAR })),
  );
  await expect(openCount(specialist)).toHaveText(String(ALL));

  const coordinator = await openBrowser('oiv');
  await test.step('the contact sheet marks every page that has an error', async () => {
    await coordinator.goto(`/collector/${STUDY}/${SCANNING_CENTRE}/batches/${first}`);
    await live(coordinator);
    await expect(coordinator.getByRole('button', { name: `С ошибкой ${BLANKS}` })).toBeVisible();
    await expect(coordinator.locator('li.error')).toHaveCount(BLANKS);
  });

  await test.step('the queue begins with the oldest, and one press brings those behind', async () => {
    await specialist.reload();
    await live(specialist);
    await expect(errors(specialist)).toHaveCount(OPEN_SHOWN_MAX);
    await expect(openCount(specialist)).toHaveText(String(ALL));
    await more(specialist).click();
    await expect(errors(specialist)).toHaveCount(ALL);
    await expect(more(specialist)).toHaveCount(0);
  });

  await test.step('filters reach what the page does not know', async () => {
    await specialist.reload();
    await live(specialist);
    await specialist.getByLabel('Организация').selectOption({ label: 'Колледж № 2' });
    await expect(errors(specialist)).toHaveCount(PARTICIPANTS);
    await specialist.getByLabel('Организация').selectOption({ label: 'Все организации' });
    await specialist.reload();
    await live(specialist);
    await specialist.getByLabel('Что не так').selectOption('MARK_AMBIGUOUS');
    await expect(errors(specialist)).toHaveCount(PARTICIPANTS);
  });

  await test.step('by age: nothing is that old, and then everything', async () => {
    await specialist.goto(`${DESK}?age=60`);
    await live(specialist);
    await expect(specialist.getByRole('heading', { name: 'По этому отбору ничего нет' })).toBeVisible();
    await hub.setClock((await hub.now()) + AN_HOUR_MS);
    await specialist.reload();
    await live(specialist);
    await expect(errors(specialist)).toHaveCount(OPEN_SHOWN_MAX);
    await more(specialist).click();
    await expect(errors(specialist)).toHaveCount(ALL);
  });

  await test.step('the window is settled as one, and what is behind it is here without a reload', async () => {
    await specialist.goto(DESK);
    await live(specialist);
    const loads = [specialist, coordinator].map(countLoads);
    await specialist.getByRole('button', { name: 'Убрать: все' }).click();
    await specialist
      .getByRole('dialog')
      .getByRole('button', { name: /^Убрать/ })
      .click();
    await expect(openCount(specialist)).toHaveText(String(PARTICIPANTS), { timeout: 60_000 });
    await expect(errors(specialist)).toHaveCount(PARTICIPANTS);
    await expect(coordinator.getByRole('button', { name: 'С ошибкой 0' })).toBeVisible();
    await expect(coordinator.locator('li.error')).toHaveCount(0);
    expect(loads.map((count) => count())).toEqual([0, 0]);
  });
});
