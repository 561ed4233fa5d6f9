/** The Collector from printed forms to a batch without errors: coordinator, specialist and college, each in a browser of its own, on two nodes. */
import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { PDFDocument } from 'pdf-lib';
import { chanceOf } from '#collector/degrade/chance.ts';
import { fillIn } from '#collector/degrade/hand.ts';
import { packJpeg } from '#collector/degrade/kinds.ts';
import { renderPdf } from '#collector/degrade/paper.ts';
import { COVER, SHEET_COUNT_KEYS } from '#collector/forms/cover.ts';
import { pdfOf } from '#collector/testing.ts';
import type { Person } from '#models/people/person.ts';
import {
  FEDERAL,
  FOUNDER,
  handOverStudy,
  sampleStudy,
  SCANNING,
  setUpFederation,
  setUpScanning,
  SPECIALIST,
  STUDY,
} from './federation.ts';
import { countLoads, expect, signIn, test as alone } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test } from './pair.ts';

const DPI = 200;
const SHEETS_SEED = 48;
const BOARD = `/collector/${STUDY}/${SCANNING}`;
const COLLEGE = 'Колледж № 1';
const HEAD: Person = { ...FOUNDER, assignments: [{ role: 'institutionHead', unit: 'c48-1', path: '/fed/r48/c48-1/' }] };
const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const figure = (page: Page, name: string) =>
  page.getByRole('group', { name: 'Показатели и отбор' }).getByRole('button', { name });
const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();

/** Pages of a document, from one to another, counted from 0. */
async function pagesOf(bytes: Uint8Array, from: number, to?: number): Promise<Buffer> {
  const [whole, part] = [await PDFDocument.load(bytes), await PDFDocument.create()];
  const wanted = whole.getPageIndices().slice(from, to);
  for (const page of await part.copyPages(whole, wanted)) part.addPage(page);
  return Buffer.from(await part.save());
}

test('[S1-04] [S1-13] [S1-23] [S1-24] [S1-25] [S1-51] forms are printed, come back in a package, are scanned, and everybody sees how far they are', async ({
  hub,
  second,
  openBrowser,
}) => {
  test.setTimeout(180_000);
  await setUpFederation(hub);
  await setUpScanning(hub);
  await handOverStudy(hub);
  const coordinator = await openBrowser('oiv');
  const specialist = await openBrowser(SPECIALIST);
  const college = await openBrowser('head-1');
  let forms: Uint8Array = new Uint8Array();

  await test.step('[S1-51] the coordinator prints forms; how many pages is said before', async () => {
    await coordinator.goto(`/study/${STUDY}/r48`);
    await coordinator.getByRole('link', { name: 'Коллектор: Центр сканирования' }).click();
    await expect(coordinator.getByText('Бланки ещё не печатали')).toBeVisible();
    await live(coordinator);
    await expect(coordinator.getByText('В выборке исследования пока нет колледжей региона')).toBeVisible();
    const isReloaded = countLoads(coordinator);
    await hub.call('study', 'publishSample', FEDERAL, { procedure: STUDY, region: 'r48' }, ['c48-1', 'c48-3']);
    await expect(coordinator.getByRole('button', { name: 'Напечатать бланки' })).toBeVisible();
    await specialist.goto(`${second.url}/collector`);
    await expect(specialist.getByText('Колледж появится здесь')).toBeVisible();
    await live(specialist);
    await coordinator.getByRole('button', { name: 'Напечатать бланки' }).click();
    const dialog = coordinator.getByRole('dialog');
    // What the college states while the page is open is offered at once.
    await hub.call('study', 'inform', FOUNDER, { procedure: STUDY, region: 'r48' }, null);
    const stated = { name: 'Актовый зал', isConditional: false, subject: 'Физика', seats: 2 };
    await hub.call('rooms', 'add', HEAD, { procedure: STUDY, college: 'c48-1' }, stated);
    await expect(async () => {
      await dialog.getByLabel('Колледж').selectOption('Колледж № 3');
      await dialog.getByLabel('Колледж').selectOption(COLLEGE);
      await expect(dialog.getByLabel('Аудитория', { exact: true })).toHaveValue('Актовый зал', { timeout: 500 });
    }).toPass();
    expect(isReloaded()).toBe(0);
    await dialog.getByLabel('Аудитория', { exact: true }).fill('Каб. 12');
    await dialog.getByLabel('Участников').fill('2');
    await expect(dialog.getByTestId('print-pages')).toHaveText('Будет напечатано 6 страниц');
    await dialog.getByRole('button', { name: 'Напечатать' }).click();
    await expect(coordinator.getByRole('dialog')).toHaveCount(0);
    const download = coordinator.waitForEvent('download');
    await coordinator.getByRole('link', { name: 'Скачать PDF' }).click();
    forms = await readFile(await (await download).path());
    await expect(row(specialist, COLLEGE)).toContainText('ждём приёмки');
  });

  await college.goto('/cabinet/c48-1/monitorings');
  await live(college);
  await expect(college.getByText('Доставочный пакет ещё не принят.')).toBeVisible();
  // The menu of a cabinet has four items, and scans are none of them (S0-17).
  await expect(college.getByRole('navigation', { name: 'Личный кабинет' }).getByRole('listitem')).toHaveCount(4);
  const loads = [coordinator, specialist, college].map(countLoads);

  await test.step('[S1-23] [S1-24] an accepted package opens the way to the specialist at once', async () => {
    await coordinator.getByRole('button', { name: `Принять пакет: ${COLLEGE}` }).click();
    await coordinator.getByLabel('Листов в пакете').fill('5');
    await coordinator.getByRole('dialog').getByRole('button', { name: 'Принять пакет' }).click();
    await expect(row(coordinator, COLLEGE)).toContainText('принят, 5 листов');
    await expect(college.getByText(/Пакет принят .*: 5 листов/)).toBeVisible();
    await row(coordinator, COLLEGE).getByRole('rowheader').click();
    await coordinator.getByRole('button', { name: 'Отметить пересчёт' }).click();
    const recount = coordinator.getByRole('dialog', { name: 'Отметить пересчёт' });
    await recount.getByLabel('Листов в пакете').fill('4');
    await recount.getByLabel('Почему число другое').fill('лист склеился');
    await recount.getByRole('button', { name: 'Отметить пересчёт' }).click();
    await expect(recount).toHaveCount(0);
    await expect(coordinator.getByText(/Было 5; пересчёт .*: лист склеился/)).toBeVisible();
    await coordinator.getByRole('button', { name: 'Закрыть' }).click();
    await specialist.getByRole('button', { name: `Открыть загрузку: ${COLLEGE}` }).click();
    await expect(specialist.getByRole('heading', { name: `${COLLEGE}, загрузка 1` })).toBeVisible();
    await live(specialist);
  });

  await test.step('[S1-04] [S1-13] what the specialist sends is read, and figures move on every screen', async () => {
    await expect(row(coordinator, `${COLLEGE}, загрузка 1`)).toContainText('открыта, файлов нет');
    const file = { name: 'скан 1.pdf', mimeType: 'application/pdf', buffer: await pagesOf(forms, 0, -1) };
    await specialist.getByLabel('Выбрать файлы').setInputFiles(file);
    await expect(row(specialist, 'скан 1.pdf')).toContainText('5 из 5', { timeout: 60_000 });
    const cover = { name: 'лист.pdf', mimeType: 'application/pdf', buffer: await filledCover(specialist, 4) };
    await specialist.getByLabel('Выбрать файлы').setInputFiles(cover);
    await expect(specialist.getByTestId('cover')).toHaveText('Листов по сопроводительному листу: 4, пришло: 4', {
      timeout: 60_000,
    });
    await expect(
      specialist.getByRole('img', { name: /./ }).or(specialist.getByText('участник 2, стр. 1')),
    ).toBeVisible();
    await expect(figure(coordinator, 'Прочитано')).toContainText('5 из 6');
    await expect(college.getByTestId('own-scans')).toContainText('5 из 6');
  });

  await test.step('[S1-25] the end of a batch tells what is missing; the college reads what it is asked for', async () => {
    await specialist.getByRole('button', { name: 'Всё отправлено' }).click();
    const dialog = specialist.getByRole('alertdialog');
    await expect(dialog).toContainText('каких страниц не хватает');
    await dialog.getByRole('button', { name: 'Всё отправлено' }).click();
    await expect(specialist.getByTestId('batch-state')).toBeVisible();
    await expect(figure(coordinator, 'Ошибок открыто')).toContainText('1', { timeout: 30_000 });
    await expect(college.getByText('Открытые ошибки: 1')).toBeVisible();
    await askRescan(hub);
    await expect(college.getByText('Просят прислать лист снова: пришлите оборот бланка 2')).toBeVisible();
  });

  await test.step('[S1-51] the missing page comes, the error heals, and the board ends at none open', async () => {
    await specialist.getByRole('button', { name: 'Открыть снова' }).click();
    const file = { name: 'скан 2.pdf', mimeType: 'application/pdf', buffer: await pagesOf(forms, -1) };
    await specialist.getByLabel('Выбрать файлы').setInputFiles(file);
    await expect(figure(coordinator, 'Прочитано')).toContainText('6 из 6', { timeout: 60_000 });
    await specialist.getByRole('button', { name: 'Всё отправлено' }).click();
    await specialist.getByRole('alertdialog').getByRole('button', { name: 'Всё отправлено' }).click();
    await expect(figure(coordinator, 'Ошибок открыто')).toContainText('0');
    await expect(college.getByText('Открытых ошибок нет.')).toBeVisible();
    await expect(figure(coordinator, 'Работ собрано')).toContainText('2 из 2');
  });
  expect(loads.map((count) => count())).toEqual([0, 0, 0]);
});

/** The cover sheet of the batch that is open in a browser, printed, filled in and scanned. */
async function filledCover(page: Page, sheets: number): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Сопроводительный лист' }).click();
  const [image] = await renderPdf(await readFile(await (await download).path()), DPI);
  const [form] = COVER.pages;
  if (!image || !form) throw new Error('the cover has no page');
  const digits = new Map(SHEET_COUNT_KEYS.map((key, at) => [key as string, String(sheets).padStart(3, '0')[at]]));
  fillIn(image, form, DPI, chanceOf(SHEETS_SEED), { choose: ({ key }) => ({ option: `d${digits.get(key)}` }) });
  return Buffer.from(await pdfOf([packJpeg(image, 80)]));
}

/** The specialist asks the college for the sheet of the one error that is open. */
async function askRescan(hub: HubNode): Promise<void> {
  const person = {
    ...FOUNDER,
    assignments: [{ role: 'scanningSpecialist' as const, unit: SCANNING, path: `/fed/r48/${SCANNING}/` }],
  };
  const { state } = await hub.call('scanning', 'errors', person, STUDY, SCANNING);
  const error = state.errors[0]?.id ?? '';
  const place = { procedure: STUDY, centre: SCANNING, error };
  const { token } = await hub.call('scanning', 'claim', person, place, { deed: 'take' });
  const settlement = { way: 'requestRescan', note: 'пришлите оборот бланка 2' };
  await hub.call('scanning', 'settle', person, place, { token, settlement });
}

for (const one of LOOKS)
  alone(`pages of the Collector, ${one.name}`, async ({ hub, browser }) => {
    await setUpFederation(hub);
    await setUpScanning(hub);
    await sampleStudy(hub, ['c48-1', 'c48-3']);
    const at = (college: string) => ({ procedure: STUDY, centre: SCANNING, college });
    const rooms = [
      { name: 'Каб. 1', participants: 3 },
      { name: 'Каб. 2', participants: 2 },
    ];
    await hub.call('scanning', 'print', FOUNDER, at('c48-1'), { rooms, spares: 1 });
    await hub.call('scanning', 'print', FOUNDER, at('c48-3'), { rooms, spares: 0 });
    await hub.call('scanning', 'acceptPackage', FOUNDER, at('c48-1'), { sheets: 9 });
    const visit = async (username: string): Promise<Page> => {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, username);
      return context.newPage();
    };
    // Whoever watches several centres sees them side by side.
    await hub.call('units', 'create', FOUNDER, 'r48', {
      ...{ id: 'sc48-2', kind: 'scanningCentre', name: 'Второй пункт сканирования', shortName: '', zone: null },
    });
    const [region, specialist, college] = [await visit('oiv'), await visit(SPECIALIST), await visit('head-1')];
    const federal = await visit('federal');
    await region.goto(BOARD);
    const link = region.getByRole('link', { name: 'Скачать PDF' });
    await expect(link).toHaveCount(2, { timeout: 30_000 });
    const printed = await region.request.get((await link.last().getAttribute('href')) ?? '');
    await specialist.goto(BOARD);
    await specialist.getByRole('button', { name: `Открыть загрузку: ${COLLEGE}` }).click();
    await expect(specialist.getByRole('heading', { name: `${COLLEGE}, загрузка 1` })).toBeVisible();
    const batch = new URL(specialist.url()).pathname;
    const file = { name: 'скан.pdf', mimeType: 'application/pdf', buffer: await printed.body() };
    await specialist.getByLabel('Выбрать файлы').setInputFiles(file);
    await expect(row(specialist, 'скан.pdf')).toContainText('прочитан', { timeout: 60_000 });
    const pages: [Page, string, string, string][] = [
      [region, 'collector', BOARD, 'Коллектор'],
      [specialist, 'collector-batch', batch, `${COLLEGE}, загрузка 1`],
      [college, 'collector-college', '/cabinet/c48-1/monitorings', 'Исследование СПО'],
      [region, 'collector-rooms', `${BOARD}?college=c48-1`, COLLEGE],
      [federal, 'collectors', '/collector', 'Коллектор'],
    ];
    for (const [page, name, path, heading] of pages) await look(page, { name, path, heading, isPictured: true }, one);
    for (const page of [region, specialist, college, federal]) await page.context().close();
  });
