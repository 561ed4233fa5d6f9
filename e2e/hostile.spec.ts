/** What people really send: every workbook of `exchange/fixtures` and worse, each with an answer of its own on the page (S2-19). */
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { request as askServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice } from './pages/site.ts';
import { BASE, fixture, letIn, SCHOOL, submissionsOf } from './region.ts';

interface Expected {
  answer: 'accepted' | 'refused';
  format: 'xls' | 'xlsx' | null;
  findings?: string[];
  notes?: string[];
}

const expected = JSON.parse(await readFile(fixture('expected.json'), 'utf8')) as Record<string, Expected>;

test.beforeEach(({ hub }) => letIn(hub, SCHOOL));

/** Sends files one after another through the page and holds each answer to what `expected.json` says. */
async function sendAll(cabinet: CabinetPage, names: readonly string[]): Promise<void> {
  for (const name of names)
    await test.step(name, async () => {
      const wanted = expected[name];
      await cabinet.sendConfirmed(fixture(name));
      const latest = cabinet.history.first();
      await expect(latest).toContainText(name);
      if (wanted?.answer === 'accepted') {
        await expect(latest).toContainText('обработан, отчёт готов');
        await expect(cabinet.report).toBeVisible();
        await expect(cabinet.notes).toHaveCount(wanted.notes?.length ?? 0);
        return;
      }
      await expect(cabinet.errorsTitle).toContainText(`в файле ${name}`);
      await expect(cabinet.needs('Исправить ошибки и отправить файл снова')).toBeVisible();
      expect(await cabinet.listedErrors(), name).toEqual(wanted?.findings);
      // Words, not codes; and a copy with the errors written in wherever there is a workbook to write into.
      await expect(cabinet.errors.first()).not.toContainText('finding_');
      await expect(cabinet.annotated).toHaveCount(wanted?.format === null ? 0 : 2);
    });
}

for (const format of ['xls', 'xlsx'] as const)
  test(`[S2-19] each .${format} that people really send has its own named answer on the page`, async ({
    openBrowser,
  }) => {
    test.slow();
    const cabinet = new CabinetPage(await openBrowser(SCHOOL.id));
    await cabinet.open(SCHOOL);
    await sendAll(
      cabinet,
      Object.keys(expected).filter((name) => name.endsWith(`.${format}`)),
    );
  });

test('[S2-19] the same file twice is told from a new one, whatever it is called', async ({ hub, openBrowser }) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  await cabinet.sendConfirmed(fixture('good.xls'));
  await expect(cabinet.report).toBeVisible();
  await cabinet.sendConfirmed({
    name: 'исправленный.xls',
    mimeType: 'application/vnd.ms-excel',
    buffer: await readFile(fixture('good.xls')),
  });
  await expect(notice(page, 'Файл не принят: это тот же самый файл')).toBeVisible();
  await expect(cabinet.report).toBeVisible();
  expect((await submissionsOf(hub, SCHOOL)).map(({ status }) => status)).toEqual(['rejected', 'processed']);
});

test('a file of 200 MB is refused by the page before it is sent', async ({ hub, openBrowser }) => {
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  const folder = await mkdtemp(join(tmpdir(), 'svod-e2e-'));
  const path = join(folder, 'большой.xls');
  const file = await open(path, 'w');
  await file.truncate(200 * 2 ** 20);
  await file.close();
  await cabinet.sendConfirmed(path);
  await expect(notice(page, 'Файл не принят: он слишком большой')).toBeVisible();
  await expect(page.getByRole('alert')).toContainText('200 МБ, а принимается не больше 5 МБ');
  await rm(folder, { recursive: true });
  expect(await submissionsOf(hub, SCHOOL)).toEqual([]);
});

/** Begins to send a file, stops after some bytes without ending it, and reads the answer that comes all the same. */
async function beginToSend(
  hub: HubNode,
  context: BrowserContext,
  headers: Record<string, string>,
  bytes: number,
): Promise<number> {
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  const url = `${hub.url}${BASE}/cabinet/${SCHOOL.id}/upload?name=big.xls&attested=yes`;
  return new Promise((resolve, reject) => {
    const sending = askServer(url, {
      method: 'POST',
      headers: { ...headers, cookie, 'content-type': 'application/octet-stream' },
    });
    sending.on('error', reject);
    sending.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.resume();
      sending.destroy();
    });
    sending.write(Buffer.alloc(bytes));
  });
}

test('a file of 200 MB sent past the page is refused by the server from its head, and the attempt is kept', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser(SCHOOL.id);
  const answer = await beginToSend(hub, page.context(), { 'content-length': String(200 * 2 ** 20) }, 2 ** 16);
  expect(answer).toBe(413);
  expect(await submissionsOf(hub, SCHOOL)).toMatchObject([{ status: 'rejected', code: 'file_too_large' }]);
});

test('a file that never tells its length is cut off when it passes the limit', async ({ hub, openBrowser }) => {
  const page = await openBrowser(SCHOOL.id);
  expect(await beginToSend(hub, page.context(), { 'transfer-encoding': 'chunked' }, 17 * 2 ** 20)).toBe(413);
});
