/**
 * The Collector as on the days after a study: five hundred pages of two colleges, printed by the hub, spoilt as people and scanners do, sent by two
 * specialists on two nodes of which one is killed in the midst, read by the true reader, and brought to the last work by keyboard.
 */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { MongoClient, type Db } from 'mongodb';
import { encode } from '#collector/code.ts';
import { startProxy } from '#nemesis/proxy.ts';
import { sampleStudy, SCANNING, setUpFederation, setUpScanning, STUDY } from './federation.ts';
import { countLoads, expect, signIn } from './fixtures.ts';
import { HubNode } from './hub-node.ts';
import { ErrorDesk, type Paper } from './pages/error-desk.ts';
import { test } from './pair.ts';
import { isPrinted, pagesOf, printedSheets, questionOf, scanPile, sheetOf } from '#nemesis/pile.ts';
import type { Harm, PileFile, PrintedSheet, Sheet } from '#nemesis/pile.ts';

const SEED = 500;
const DPI = 150;
const BOARD = `/collector/${STUDY}/${SCANNING}`;
/** Participants of each room; sheets of paper as they were counted. */
const FIRST = { name: 'Колледж № 1', institution: 1, rooms: new Array<number>(8).fill(25), sheets: 216 };
const THIRD = { name: 'Колледж № 3', institution: 2, rooms: [20, 20], sheets: 44 };
const PAGES = 500;
const WORKS = 240;
/** Bytes of the last file that pass before the line falls silent: several parts, less than one request. */
const PASSED_OF_LAST = 5 * 2 ** 20;
/** Errors that are open before both begin. */
const ERRORS_FOR_TWO = 4;
const SPECIALISTS = { ivanov: 'Иванов Пётр Ильич', petrova: 'Петрова Анна Олеговна' };

const row = (page: Page, name: string) => page.getByRole('row').filter({ hasText: name });
const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();
const figures = (page: Page) => page.getByRole('group', { name: 'Показатели и отбор' });
const figure = (page: Page, name: string) => figures(page).getByRole('button', { name });

interface Pile {
  files: PileFile[];
  /** What comes back later, when it was asked for. */
  rescan: PileFile;
  printed: PrintedSheet[];
}

/** What people and feeders did to the pile, beside what scanners do to every page. */
function pileOf(first: PrintedSheet[], third: PrintedSheet[]): Pile {
  const harm = (sheets: PrintedSheet[], participant: number, kind: Harm['kind']): void => {
    const sheet = sheetOf(sheets, participant, 1);
    Object.assign(sheet, { spoilt: 'as printed', harm: { kind, ...questionOf(sheet) } });
  };
  for (const participant of [3, 64]) harm(first, participant, 'codesCovered');
  for (const participant of [7, 13, 70]) harm(first, participant, 'twoMarks');
  for (const participant of [9, 60]) harm(first, participant, 'paleMark');
  harm(third, 2, 'paleMark');
  harm(third, 8, 'twoMarks');
  Object.assign(sheetOf(first, 30, 2), { isTwice: true });
  // The second room tells of somebody as absent who left a work.
  const attendance = first.filter(({ marks }) => 'row4' in marks)[1];
  if (attendance) Object.assign(attendance, { spoilt: 'as printed', marks: { ...attendance.marks, row4: 'absent' } });
  const [missing, astray] = [sheetOf(first, 150, 2), sheetOf(third, 5, 1)];
  const quarter = first.length / 4;
  const files = [
    third.filter((sheet) => sheet !== astray),
    ...Array.from({ length: 4 }, (_, at): Sheet[] =>
      first.slice(at * quarter, (at + 1) * quarter).filter((sheet) => sheet !== missing),
    ),
  ];
  files[0]?.splice(20, 0, { isBlank: true });
  files[1]?.splice(40, 0, { isBlank: true });
  files[2]?.splice(10, 0, astray);
  files[3]?.push({ ...sheetOf(first, 20, 1), spoilt: 'rotated 2°' });
  return {
    files: files.map((sheets, at) => ({ name: `скан ${at}.pdf`, sheets })),
    rescan: { name: `скан ${files.length}.pdf`, sheets: [missing] },
    printed: [...first, ...third],
  };
}

/** Notes every value that the figures of the board show, as they change. */
async function watchFigures(page: Page): Promise<() => Promise<Record<string, number[]>>> {
  await figures(page).evaluate((group) => {
    const seen: Record<string, number[]> = {};
    const note = (): void => {
      for (const button of group.querySelectorAll('button')) {
        const name = button.querySelector('.label')?.textContent.trim() ?? '';
        const value = Number(button.querySelector('.value')?.textContent.replaceAll(/\s/g, ''));
        const values = (seen[name] ??= []);
        if (values.at(-1) !== value) values.push(value);
      }
    };
    note();
    new MutationObserver(note).observe(group, { subtree: true, childList: true, characterData: true });
    Object.assign(globalThis, { seenFigures: seen });
  });
  return () => page.evaluate(() => (globalThis as unknown as { seenFigures: Record<string, number[]> }).seenFigures);
}

/* ---- the store ---- */

interface StoredUpload {
  _id: string;
  offset: number;
  status: string;
  sha256?: string;
}
const uploadsOf = (db: Db, name: string): Promise<StoredUpload[]> =>
  db.collection<StoredUpload>('uploads').find({ name }).toArray();
const readingNodes = async (db: Db): Promise<number> =>
  new Set(await db.collection('scanFiles').distinct('node', { status: 'reading' })).size;
const readFiles = (db: Db): Promise<number> => db.collection('scanFiles').countDocuments({ status: 'read' });

interface StoredPage {
  _id: string;
  file: string;
  n: number;
  status: string;
  droppedFor: string | null;
  place: string | null;
  reading: { identity: { text: string } | null; findings: { code: string }[] };
}
interface StoredError {
  _id: string;
  finding: { code: string };
  page: string | null;
  file: string | null;
  status: string;
  byName?: string | null;
}
const errorsOf = (db: Db, filter: object): Promise<StoredError[]> =>
  db.collection<StoredError>('scanErrors').find(filter).toArray();

/** Whoever had each error, in turn, as everybody was told. */
async function holdersOf(db: Db): Promise<Map<string, (string | null)[]>> {
  const events = await db
    .collection<{ body: { claim: { id: string; holder: { name: string } | null } } }>('events')
    .find({ type: 'claimChanged' })
    .sort({ _id: 1 })
    .toArray();
  const holders = new Map<string, (string | null)[]>();
  for (const { body } of events) {
    const { id, holder } = body.claim;
    holders.set(id, [...(holders.get(id) ?? []), holder?.name ?? null]);
  }
  return holders;
}

test('[S1-04] [S1-12] [S1-13] [S1-25] [S1-51] five hundred pages: printed, spoilt, sent over a line that breaks, read though a node is killed, settled by keyboard to the last', async ({
  hub,
  second,
  environment,
  browser,
  openBrowser,
}) => {
  // Two minutes on a machine of its own; beside other work it is the machine that is slow.
  test.setTimeout(480_000);
  const times: string[] = [];
  const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const beganAtMs = performance.now();
    const told = await test.step(name, work);
    times.push(`${((performance.now() - beganAtMs) / 1_000).toFixed(1)} s ${name}`);
    return told;
  };
  const folder = await mkdtemp(join(tmpdir(), 'svod-pile-'));
  const store = await MongoClient.connect(environment['MONGODB_URI'] ?? '');
  const db = store.db();
  await setUpFederation(hub);
  await setUpScanning(hub, SPECIALISTS);
  await sampleStudy(hub, ['c48-1', 'c48-3']);
  await second.setClock(await hub.now());

  const portOf = (node: HubNode): number => Number(new URL(node.url).port);
  const line = await startProxy(portOf(second));
  const [coordinator, college, ivanov] = [
    await openBrowser('oiv'),
    await openBrowser('head-1'),
    await openBrowser('ivanov'),
  ];
  const context = await browser.newContext({ baseURL: second.url.replace(/\d+$/, String(line.port)) });
  await signIn(context, hub, 'petrova');
  const petrova = await context.newPage();
  const patches: { upload: string; offset: number }[] = [];
  petrova.on('request', (request) => {
    const upload = request.url().split('/').at(-1) ?? '';
    if (request.method() === 'PATCH')
      patches.push({ upload, offset: Number(request.headers()['upload-offset'] ?? Number.NaN) });
  });

  const pdfs = await step('the coordinator prints five hundred pages', async () => {
    await coordinator.goto(BOARD);
    await live(coordinator);
    for (const { name, rooms } of [FIRST, THIRD]) {
      await coordinator.getByRole('button', { name: 'Напечатать бланки' }).first().click();
      const dialog = coordinator.getByRole('dialog');
      await dialog.getByLabel('Колледж').selectOption(name);
      for (const [at, participants] of rooms.entries()) {
        if (at > 0) await dialog.getByRole('button', { name: 'Добавить аудиторию' }).click();
        await dialog
          .getByLabel('Аудитория', { exact: true })
          .nth(at)
          .fill(`Каб. ${at + 1}`);
        await dialog.getByLabel('Участников').nth(at).fill(String(participants));
      }
      await dialog.getByRole('button', { name: 'Напечатать' }).click();
      await expect(dialog).toHaveCount(0);
    }
    const paths: string[] = [];
    for (const { name } of [FIRST, THIRD]) {
      const run = coordinator.getByRole('listitem').filter({ hasText: name });
      const download = coordinator.waitForEvent('download', { timeout: 60_000 });
      await run.getByRole('link', { name: 'Скачать PDF' }).click({ timeout: 60_000 });
      paths.push(join(folder, `print-${paths.length}.pdf`));
      await (await download).saveAs(paths.at(-1) ?? '');
    }
    return paths;
  });

  const [first = '', third = ''] = pdfs;
  const pile = pileOf(
    printedSheets({ ...FIRST, pdf: first }, SEED),
    printedSheets({ ...THIRD, pdf: third }, SEED + PAGES),
  );
  expect(pile.printed).toHaveLength(PAGES);
  const files = new Map([...pile.files, pile.rescan].map((file) => [file.name, file]));
  const pathOf = ({ name }: PileFile): string => join(folder, name);
  const paper: Paper = (name, n) => {
    const file = files.get(name);
    const sheet = file && pagesOf(file)[n - 1];
    if (!sheet || !isPrinted(sheet)) throw new Error(`nothing is printed on page ${n} of ${name}`);
    return sheet;
  };
  await step('the pile is marked, spoilt and scanned', () => scanPile(folder, [...files.values()], DPI));

  const seen = await step('packages are accepted, batches opened', async () => {
    // Whoever counted the first one was tired.
    for (const [{ name, sheets }, slip] of [[FIRST, 1] as const, [THIRD, 0] as const]) {
      await coordinator.getByRole('button', { name: `Принять пакет: ${name}` }).click();
      await coordinator.getByLabel('Листов в пакете').fill(String(sheets - slip));
      await coordinator.getByRole('dialog').getByRole('button', { name: 'Принять пакет' }).click();
      await expect(coordinator.getByRole('dialog')).toHaveCount(0);
    }
    await college.goto('/cabinet/c48-1/monitorings');
    await live(college);
    for (const [page, { name }] of [[ivanov, THIRD] as const, [petrova, FIRST] as const]) {
      await page.goto(BOARD);
      await page.getByRole('button', { name: `Открыть загрузку: ${name}` }).click();
      await expect(page.getByRole('heading', { name: `${name}, загрузка 1` })).toBeVisible();
      await live(page);
    }
    return watchFigures(coordinator);
  });
  const batches = [ivanov, petrova].map((page) => new URL(page.url()).pathname);
  const loads = [coordinator, college, ivanov, petrova].map(countLoads);
  const lastName = 'скан 4.pdf';

  const kept = await step('the node that takes and reads them is killed in the midst', async () => {
    const sizes = await Promise.all(pile.files.slice(1, 4).map(async (file) => (await stat(pathOf(file))).size));
    line.swallowAfter(sizes.reduce((sum, size) => sum + size, PASSED_OF_LAST));
    await Promise.all([
      ivanov.getByLabel('Выбрать файлы').setInputFiles(pile.files.slice(0, 1).map(pathOf)),
      petrova.getByLabel('Выбрать файлы').setInputFiles(pile.files.slice(1).map(pathOf)),
    ]);
    // The line is silent in the midst of the last file, and both nodes read.
    await expect
      .poll(async () => (await uploadsOf(db, lastName))[0]?.offset ?? 0, { timeout: 60_000, intervals: [100] })
      .toBeGreaterThan(0);
    await expect.poll(() => readingNodes(db), { timeout: 60_000, intervals: [50] }).toBe(2);
    await second.kill();
    const [upload] = await uploadsOf(db, lastName);
    expect(upload?.status).toBe('receiving');
    const patchesBefore = patches.length;
    line.leadTo(portOf(hub));
    line.setMode('forward');
    return { ...upload, patchesBefore };
  });

  const again = HubNode.start();
  await step('another node takes its place; what was cut off is sent to its end, nothing of it twice', async () => {
    await again.open(environment);
    await again.setClock(await hub.now());
    await expect(petrova.getByText('Передано файлов: 4 из 4')).toBeVisible({ timeout: 60_000 });
    const goneOn = patches.slice(kept.patchesBefore).find(({ upload }) => upload === kept._id);
    expect(goneOn?.offset).toBe(kept.offset);
    expect(kept.offset).toBeGreaterThan(0);
    expect(loads.map((count) => count())).toEqual([0, 0, 0, 0]);
    line.leadTo(portOf(again));
    line.cut('all');
  });

  const desks = [new ErrorDesk(ivanov), new ErrorDesk(petrova)] as const;
  const settleAll = (isOver: () => Promise<boolean>) => Promise.all(desks.map((desk) => desk.settleAll(paper, isOver)));
  const settled = await step(
    'errors come live and are settled by two specialists on two nodes, never both on one',
    async () => {
      for (const { page } of desks) {
        await page.goto(`${BOARD}/errors`);
        await live(page);
      }
      // Without a reload: there is enough for two.
      await expect.poll(() => desks[0].errors.count(), { timeout: 60_000 }).toBeGreaterThanOrEqual(ERRORS_FOR_TWO);
      const taken = await desks[0].openNext();
      await desks[1].open(taken);
      await expect(desks[1].held(SPECIALISTS.ivanov)).toBeVisible();
      await expect(desks[1].ways).toHaveCount(0);
      const isOver = async (): Promise<boolean> =>
        (await readFiles(db)) === pile.files.length && (await errorsOf(db, { status: 'open' })).length === 0;
      return settleAll(isOver);
    },
  );

  await step('what only the end of a batch can tell', async () => {
    for (const [at, page] of [ivanov, petrova].entries()) {
      await page.goto(batches[at] ?? '');
      await live(page);
      await page.getByRole('button', { name: 'Всё отправлено' }).click();
      await page.getByRole('alertdialog').getByRole('button', { name: 'Всё отправлено' }).click();
      await expect(page.getByRole('button', { name: 'Открыть снова' })).toBeVisible();
      await page.goto(`${BOARD}/errors`);
      await live(page);
    }
    const isOver = async (): Promise<boolean> => {
      const ofColleges = await errorsOf(db, { page: null, file: null });
      return ofColleges.length === 3 && ofColleges.every(({ status }) => status !== 'open');
    };
    const more = await settleAll(isOver);
    for (const [at, errors] of more.entries()) settled[at]?.push(...errors);
    await expect(college.getByText('Просят прислать лист снова: пришлите оборот бланка 150')).toBeVisible();
    await expect(figure(coordinator, 'Ошибок открыто')).toContainText('1');
  });

  await step('the sheet that was asked for comes, and nothing is open', async () => {
    await petrova.goto(batches[1] ?? '');
    await petrova.getByRole('button', { name: 'Открыть снова' }).click();
    await petrova.getByLabel('Выбрать файлы').setInputFiles([pathOf(pile.rescan)]);
    await expect(row(petrova, pile.rescan.name)).toContainText('прочитан', { timeout: 30_000 });
    await expect(college.getByText('Открытых ошибок нет.')).toBeVisible();
    await petrova.getByRole('button', { name: 'Всё отправлено' }).click();
    await petrova.getByRole('alertdialog').getByRole('button', { name: 'Всё отправлено' }).click();
    await expect(figure(coordinator, 'Прочитано')).toContainText(`${PAGES} из ${PAGES}`);
    await expect(figure(coordinator, 'Ошибок открыто')).toContainText('0');
    await expect(figure(coordinator, 'Работ собрано')).toContainText(`${WORKS} из ${WORKS}`);
    await expect(college.getByTestId('own-scans')).toContainText('416 из 416');
  });

  await step('the store says the same', async () => {
    for (const file of files.values()) {
      const uploads = await uploadsOf(db, file.name);
      const hash = createHash('sha256').update(await readFile(pathOf(file)));
      expect(uploads.map(({ status, sha256 }) => ({ status, sha256 }))).toEqual([
        { status: 'stored', sha256: hash.digest('hex') },
      ]);
    }
    const pages = await db.collection<StoredPage>('scanPages').find({}).toArray();
    const standing = pages.filter(({ status }) => status === 'standing');
    const textsOf = (sheets: readonly { text: string }[]): string[] => sheets.map(({ text }) => text).toSorted();
    expect(textsOf(standing.map(({ reading }) => ({ text: reading.identity?.text ?? '' })))).toEqual(
      textsOf(pile.printed.map(({ code }) => ({ text: encode(code) }))),
    );
    expect(new Set(standing.map(({ place }) => place)).size).toBe(PAGES);
    // No page was taken for another, and none is there that was not sent.
    const names = new Map(
      (await db.collection<{ _id: string; name: string }>('scanFiles').find({}).toArray()).map((one) => [
        one._id,
        one.name,
      ]),
    );
    for (const { file, n, reading } of standing)
      expect(reading.identity?.text).toBe(encode(paper(names.get(file) ?? '', n).code));
    const dropped = pages.filter(({ status }) => status === 'dropped').map(({ droppedFor }) => droppedFor);
    expect(dropped.toSorted()).toEqual(['blank', 'blank', 'replaced', 'sameImage']);
    const sentPages = [...files.values()].flatMap(pagesOf).length;
    expect(pages).toHaveLength(sentPages);
    const booked = await db.collection('events').countDocuments({ type: 'scanPageChanged', 'body.page.rev': 1 });
    expect(booked, 'each page was booked once').toBe(sentPages);

    const settledBy = await errorsOf(db, { status: 'resolved', byName: { $ne: null } });
    const byName = (name: string): string[] =>
      settledBy.flatMap(({ _id, byName: by }) => (by === name ? [_id] : [])).toSorted();
    const names_ = Object.values(SPECIALISTS);
    const rescan = (await errorsOf(db, { 'finding.code': 'PAGE_MISSING' })).map(({ _id }) => _id);
    for (const errors of settled) expect(errors.length).toBeGreaterThan(1);
    for (const [at, errors] of settled.entries())
      expect(byName(names_[at] ?? '')).toEqual(
        errors
          .map(({ error }) => error)
          .filter((id) => !rescan.includes(id))
          .toSorted(),
      );
    for (const [, holders] of await holdersOf(db))
      for (const [at, holder] of holders.entries())
        expect([null, undefined, holder]).toContain(holder === null ? null : holders[at - 1]);
    const healed = new Map<string, number>();
    for (const { reading } of standing)
      for (const { code } of reading.findings) healed.set(code, (healed.get(code) ?? 0) + 1);
    const moved = await seen();
    for (const name of ['Страниц загружено', 'Прочитано', 'Ошибок исправлено', 'Работ собрано'])
      expect(moved[name]?.length, `${name} moved: ${moved[name]?.join()}`).toBeGreaterThan(4);
    expect(loads.slice(0, 2).map((count) => count())).toEqual([0, 0]);
    times.push(
      `seed ${SEED}: ${sentPages} pages sent, ${standing.length} standing, dropped ${dropped.join()}`,
      `findings of standing pages: ${[...healed].map(([code, count]) => `${code} ${count}`).join(', ')}`,
      `settled: ${settled.map((errors) => errors.map(({ title }) => title).join(', ')).join(' | ')}`,
      `errors open on the board: ${moved['Ошибок открыто']?.join()}`,
    );
  });
  console.log(times.join('\n'));
  await context.close();
  await again.end();
  await store.close();
  await line.close();
  await rm(folder, { recursive: true, force: true });
});
