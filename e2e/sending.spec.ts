/** Template, file, tick, report, errors and the last day (S2-09 … S2-21). */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as xlsx from '@e965/xlsx';
import { countLoads, expect, test } from './fixtures.ts';
import { BoardPage } from './pages/board.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice } from './pages/site.ts';
import {
  BASE,
  CENTRE,
  FIRST_LATE,
  fixture,
  fixtureFile,
  institution,
  LAST_SECOND,
  letIn,
  SCHOOL,
  sendFile,
  submissionsOf,
} from './region.ts';

/** Reads the compound file that an .xls is; the library leaves it untyped. */
const compound = xlsx.CFB as {
  read: (bytes: Buffer, options: { type: 'buffer' }) => unknown;
  find: (file: unknown, name: string) => { content: Uint8Array } | null;
};

/** The words of domain 5.3, which the administration of the institution confirms. */
const ATTESTATION = `Администрация ${SCHOOL.name} подтверждает, что предоставляемые данные о посещаемости за первое и второе полугодие 2012-2013 учебного года полностью соответствует информации, отраженной в журналах успеваемости за оговоренный период.`;

test.beforeEach(({ hub }) => letIn(hub, SCHOOL));

/** Signed in on the last day: a session that nobody has used for hours is over. */
const SAME_DAY = '2013-11-29T23:50:00+04:00';

test('[S2-10] [S2-12] the template’s link prints format and size, and the file has both and asks for both half-years', async ({
  openBrowser,
}) => {
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  await cabinet.open(SCHOOL);
  const [link, newer] = [cabinet.templateLinks.first(), cabinet.templateLinks.nth(1)];
  await expect(link).toHaveText(
    /^\s*Шаблон для заполнения данных о посещаемости \(MS Excel 2003\) \(\d+\s(кб|Кб)\)\s*$/,
  );
  const printed = Number(/\((\d+)\s[кК]б\)/.exec(await link.innerText())?.[1]);

  const bytes = await readFile(await (await cabinet.download(link)).path());
  expect(Math.round(bytes.length / 1024)).toBe(printed);
  // A BIFF8 workbook: the stream is called Workbook, and its first record says version 6.
  const stream = compound.find(compound.read(bytes, { type: 'buffer' }), 'Workbook');
  expect(Buffer.from(stream?.content ?? []).subarray(0, 6)).toEqual(Buffer.from([0x09, 0x08, 0x10, 0x00, 0x00, 0x06]));
  const book = xlsx.read(bytes);
  const sheet = book.Sheets[book.SheetNames[0] ?? ''] ?? {};
  expect(xlsx.utils.sheet_to_csv(sheet)).toContain('за первое и второе полугодие 2012-2013 учебного года');
  expect(xlsx.utils.sheet_to_csv(sheet)).toMatch(/Класс,"?Полугодие.*,Число обучающихся/);

  const second = await readFile(await (await cabinet.download(newer)).path());
  expect(second.subarray(0, 2).toString()).toBe('PK');
  expect(Math.round(second.length / 1024)).toBe(Number(/\((\d+)\s[кК]б\)/.exec(await newer.innerText())?.[1]));
});

test('[S2-06] [S2-11] a template that was saved, filled by another program and saved again reaches the region as a report', async ({
  openBrowser,
}) => {
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  const board = new BoardPage(await openBrowser('regional'));
  await cabinet.open(SCHOOL);
  await board.open();
  const template = await cabinet.download(cabinet.templateLinks.first());

  const book = xlsx.read(await readFile(await template.path()));
  const sheet = book.Sheets[book.SheetNames[0] ?? ''] ?? {};
  const rows = [
    ['5А', 'I', 25, 82, 310, 190, 12],
    ['5А', 'II', 24, 88, 280, 150, 20],
  ];
  xlsx.utils.sheet_add_aoa(sheet, rows, { origin: 'A6' });
  const filled = xlsx.write(book, { bookType: 'biff8', type: 'buffer' }) as Buffer;

  await cabinet.sendConfirmed({
    name: 'Посещаемость 101.xls',
    mimeType: 'application/vnd.ms-excel',
    buffer: filled,
  });
  const line = cabinet.report.getByRole('row', { name: /^5А/ });
  await expect(line.getByRole('cell')).toContainText(['25', '310', '24', '280', '590', '340', '32']);
  await expect(board.cell(SCHOOL, 'Отчёт')).toContainText('готово');
});

test('[S2-13] [S2-14] a file is picked with «Выберите файл», and only a chosen file makes the button active', async ({
  openBrowser,
}) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  await expect(cabinet.send).toBeDisabled();

  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByText('Выберите файл', { exact: true }).click(),
  ]);
  await chooser.setFiles(fixture('good.xls'));
  await expect(cabinet.send).toBeEnabled();
  await page.getByRole('button', { name: 'Убрать файл' }).click();
  await expect(cabinet.send).toBeDisabled();
});

test('[S2-14] the upload shows how far it is, and can be cancelled', async ({ openBrowser }) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  const slow = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 256 * 1024 };
  await line.send('Network.emulateNetworkConditions', slow);
  await cabinet.file.setInputFiles({
    name: 'большой.xls',
    mimeType: 'application/vnd.ms-excel',
    buffer: Buffer.alloc(4 * 2 ** 20),
  });
  await cabinet.send.click();
  await expect(cabinet.progress).toHaveAttribute('aria-valuenow', /^[1-9]\d?$/);
  await page.getByRole('button', { name: 'Отмена' }).click();
  await expect(cabinet.progress).toBeHidden();
  await expect(cabinet.send).toBeEnabled();
});

test('[S2-15] [S2-16] without the tick a file waits and nothing is made of it; the tick sets it going', async ({
  hub,
  openBrowser,
}) => {
  const other = institution(4);
  await letIn(hub, other);
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  const board = new BoardPage(await openBrowser('regional'));
  await cabinet.open(SCHOOL);
  await board.open();
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await expect(cabinet.tick).not.toBeChecked();
  await cabinet.send.click();
  await expect(cabinet.needs('Подтвердить достоверность данных')).toBeVisible();
  await expect(board.cell(SCHOOL, 'Файл отправлен')).toContainText('готово');
  await expect(board.cell(SCHOOL, 'Подтверждён')).toContainText('ждёт');

  // A later file, confirmed, is read: the reader has passed by the one that waits.
  await sendFile(hub, other, await fixtureFile('foreign-institution.xls'));
  await expect(board.cell(other, 'Обработан')).toContainText('ошибка');
  await expect(board.cell(SCHOOL, 'Обработан')).toContainText('не начато');
  await expect(board.sum('Отчёт')).toContainText('0/7');
  await expect(cabinet.report).toBeHidden();
  expect((await submissionsOf(hub, SCHOOL)).map(({ status }) => status)).toEqual(['uploaded']);

  await expect(cabinet.confirm).toBeDisabled();
  await cabinet.laterTick.check();
  await cabinet.confirm.click();
  await expect(cabinet.report).toBeVisible();
  await expect(board.cell(SCHOOL, 'Отчёт')).toContainText('готово');
});

test('[S2-16] a new file unsets the tick: each file is confirmed for itself', async ({ hub, openBrowser }) => {
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await cabinet.tick.check();
  await cabinet.file.setInputFiles(fixture('good.xlsx'));
  await expect(cabinet.tick).not.toBeChecked();
  await cabinet.send.click();
  await expect(cabinet.needs('Подтвердить достоверность данных')).toBeVisible();
  await cabinet.file.setInputFiles(fixture('messy-good.xls'));
  await cabinet.send.click();
  await expect(cabinet.need).toContainText('messy-good.xls');
  expect((await submissionsOf(hub, SCHOOL)).map(({ status }) => status)).toEqual(['uploaded', 'replaced']);
});

test('[S2-17] the tick is kept with its text, who set it, when, and the hash of the file, and the report says so', async ({
  hub,
  openBrowser,
}) => {
  await hub.setClock('2013-11-21T14:00:00+04:00');
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await expect(cabinet.tick).toHaveAccessibleName(ATTESTATION);
  await hub.standAt('2013-11-21T14:05:06+04:00');
  await cabinet.tick.check();
  await cabinet.send.click();

  const hash = createHash('sha256')
    .update(await readFile(fixture('good.xls')))
    .digest('hex');
  await expect(cabinet.report).toContainText('Достоверность подтвердил(а) Светлова Мария Ивановна 21.11.2013 14:05:06');
  await expect(cabinet.report).toContainText(`SHA-256 ${hash}`);
  const [kept] = await submissionsOf(hub, SCHOOL);
  expect(kept).toMatchObject({
    status: 'processed',
    attestation: {
      text: ATTESTATION,
      personName: 'Светлова Мария Ивановна',
      atMs: Date.parse('2013-11-21T14:05:06+04:00'),
      sha256: hash,
    },
  });
});

test('[S2-18] the report comes at once without reload, with a plot, and as PDF and Excel', async ({ openBrowser }) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  const loads = countLoads(page);
  await cabinet.sendConfirmed(fixture('good.xls'));
  await expect(cabinet.plot).toBeVisible();
  expect(loads()).toBe(0);
  await expect(cabinet.report.getByRole('table', { name: 'По классам' }).getByRole('row', { name: /^\d/ })).toHaveCount(
    12,
  );

  const pdf = await readFile(await (await cabinet.download(cabinet.report.getByRole('link', { name: 'PDF' }))).path());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  const file = await cabinet.download(cabinet.report.getByRole('link', { name: 'Excel' }));
  const table = xlsx.read(await readFile(await file.path()));
  const text = table.SheetNames.map((name) => xlsx.utils.sheet_to_csv(table.Sheets[name] ?? {})).join('\n');
  expect(text).toContain(SCHOOL.name);
  expect(text).toContain('Пропущено уроков');

  await page.goto(`${BASE}/report/${SCHOOL.id}`);
  await expect(cabinet.report).toContainText(SCHOOL.name);
});

test('[S2-19] a bad file is answered error by error, comes back with them written in, and can be sent again as often as needed', async ({
  hub,
  openBrowser,
}) => {
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  const board = new BoardPage(await openBrowser('regional'));
  await cabinet.open(SCHOOL);
  await board.open();
  await cabinet.sendConfirmed(fixture('errors.xls'));
  await expect(cabinet.needs('Исправить ошибки и отправить файл снова')).toBeVisible();
  await expect(cabinet.errors).toHaveCount(12);
  await expect(board.cell(SCHOOL, 'Обработан')).toContainText('12 ошибок');

  const word = cabinet.errors.filter({ hasText: 'not_a_number' }).getByRole('cell');
  await expect(word.nth(0)).toHaveText('Посещаемость');
  await expect(word.nth(1)).toHaveText('E6');
  await expect(word.nth(2)).toHaveText('двенадцать');
  await expect(word.nth(3)).toContainText(/число/i);
  await expect(word.nth(4)).not.toContainText('finding_');
  await expect(cabinet.errors.first().getByRole('link', { name: 'Спросить' })).toHaveAttribute(
    'href',
    /\/forum\?ask=&stage=send&code=[a-z_]+$/,
  );

  await test.step('the same file comes back with the errors written into it', async () => {
    const link = cabinet.page.getByRole('link', { name: 'Скачать файл с пометками об ошибках' }).first();
    const back = xlsx.read(await readFile(await (await cabinet.download(link)).path()));
    expect(back.SheetNames).toContain('Ошибки');
    const listed = xlsx.utils.sheet_to_csv(back.Sheets['Ошибки'] ?? {});
    expect(listed).toContain('E6');
    expect(listed).toContain('двенадцать');
    expect(listed).not.toContain('finding_');
  });

  await test.step('tries are free: a worse file, then the same bad one again, then the good one', async () => {
    await cabinet.sendConfirmed(fixture('empty.xls'));
    await expect(cabinet.errors).toContainText(['sheet_empty']);
    await cabinet.sendConfirmed(fixture('errors.xls'));
    await expect(cabinet.errors).toHaveCount(12);
    expect((await submissionsOf(hub, SCHOOL)).map(({ status }) => status)).toEqual(['failed', 'failed', 'failed']);
    await cabinet.sendConfirmed(fixture('good.xls'));
    await expect(cabinet.report).toBeVisible();
    await expect(cabinet.errors).toHaveCount(0);
    await expect(board.cell(SCHOOL, 'Отчёт')).toContainText('готово');
  });
});

test('[S2-20] a file sent in the last second of 29.11.2013 in Moscow is accepted and read', async ({
  hub,
  openBrowser,
}) => {
  await hub.setClock(SAME_DAY);
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await cabinet.tick.check();
  await hub.standAt(LAST_SECOND);
  await cabinet.send.click();
  await expect(cabinet.report).toBeVisible();
  await expect(cabinet.history).toContainText('29.11.2013 23:59:59');
});

test('[S2-21] from 30.11.2013 00:00 the server refuses a file, from an open page as well as past it, and keeps only the attempt', async ({
  hub,
  openBrowser,
}) => {
  await hub.setClock(SAME_DAY);
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await cabinet.tick.check();
  await hub.standAt(FIRST_LATE);
  await cabinet.send.click();
  await expect(notice(page, 'Файл не принят: срок прошёл')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('29.11.2013');

  const { content } = await fixtureFile('good.xlsx');
  const past = await page.request.post(`${BASE}/cabinet/${SCHOOL.id}/upload?name=good.xlsx&attested=yes`, {
    data: Buffer.from(content),
    headers: { 'content-type': 'application/octet-stream' },
  });
  expect(past.status()).toBe(403);
  expect(await past.json()).toMatchObject({ refusal: { code: 'window_closed' } });
  const kept = await submissionsOf(hub, SCHOOL);
  expect(kept.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

  // A page opened now offers nothing to send.
  await cabinet.open(SCHOOL);
  await expect(cabinet.needs('Срок прошёл, данных нет')).toBeVisible();
  await expect(cabinet.send).toBeHidden();
  await expect(page.getByText('Срок приёма файлов прошёл')).toBeVisible();
});

test('[S2-21] an open page closes by itself when the last day ends by the server’s clock', async ({
  hub,
  openBrowser,
}) => {
  await hub.setClock(SAME_DAY);
  const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
  await hub.setClock('2013-11-29T23:59:45+04:00');
  await cabinet.open(SCHOOL);
  await expect(cabinet.send).toBeVisible();
  await expect(cabinet.needs('Срок прошёл, данных нет')).toBeVisible();
  await expect(cabinet.send).toBeHidden();
});

test('[S2-15] [S2-21] a tick set after the last day on a file sent in time is refused, and the page warned of it before', async ({
  hub,
  openBrowser,
}) => {
  await hub.setClock(SAME_DAY);
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  await cabinet.file.setInputFiles(fixture('good.xls'));
  await cabinet.send.click();
  await expect(cabinet.need).toContainText('Файл получен и ждёт знака «✓»');
  await cabinet.laterTick.check();
  await hub.standAt(FIRST_LATE);
  await cabinet.confirm.click();
  await expect(notice(page, 'Подтверждение не принято: срок прошёл')).toBeVisible();
  expect((await submissionsOf(hub, SCHOOL)).map(({ status }) => status)).toEqual(['uploaded']);
});

test('[S2-04] [S2-07] the cabinet leads in three steps and gives the centre’s telephone and address', async ({
  openBrowser,
}) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  await expect(cabinet.steps).toHaveCount(3);
  await expect(cabinet.steps).toContainText(['Регистрация и доступ', 'Заполнение шаблона', 'Отправка файла']);
  await expect(page.getByRole('link', { name: CENTRE.phone })).toHaveAttribute('href', 'tel:+70000000048');
  await expect(page.getByRole('link', { name: CENTRE.email })).toHaveAttribute(
    'href',
    new RegExp(`^mailto:${CENTRE.email}`),
  );
});
