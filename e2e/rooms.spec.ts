/** Places of a study: the region's scanning centre and the rooms of its colleges, on two nodes. */
import type { Page } from '@playwright/test';
import type { Person } from '#models/people/person.ts';
import { FOUNDER, sampleStudy, setUpFederation, STUDY } from './federation.ts';
import { countLoads, expect, signIn, test as onOneNode } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test } from './pair.ts';
import { PASSWORD } from './region.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
/** How many rooms of a college have an organizer. */
const cell = (page: Page, name: string) => row(page, name).getByRole('link', { name: /аудиторий|из/ });
const live = (page: Page) => expect(page.getByText('на связи', { exact: true })).toBeVisible();

const openScanningPoint = (hub: HubNode) =>
  hub.call('units', 'create', FOUNDER, 'r48', {
    ...{ id: 's48-1', kind: 'scanningCentre', name: 'РЦОИ Липецкой области', shortName: '', zone: null },
  });

/** The centre with half of what is required. */
async function nameCentre(hub: HubNode): Promise<void> {
  await openScanningPoint(hub);
  const unit = 's48-1';
  await hub.call('scanningCentres', 'choose', FOUNDER, 'r48', { unit, sort: 'dataProcessingCentre', rev: 0 });
  for (const requirement of ['resolution', 'feeder', 'line'])
    await hub.call('scanningCentres', 'check', FOUNDER, 'r48', { requirement, isMet: true, unit });
}

/** A college with a room that has its organizer, one that waits for him, and one without. */
async function fillRooms(hub: HubNode): Promise<void> {
  await sampleStudy(hub, ['c48-1', 'c48-3']);
  await hub.call('study', 'inform', FOUNDER, { procedure: STUDY, region: 'r48' }, null);
  const head: Person = {
    ...FOUNDER,
    assignments: [{ role: 'institutionHead', unit: 'c48-1', path: '/fed/r48/c48-1/' }],
  };
  const rooms: string[] = [];
  for (const [name, subject, isConditional] of [
    ['101', 'Физика', false],
    ['101-2', 'Химия', true],
    ['Лаборатория', 'Химия', false],
  ]) {
    const stated = { name, subject, isConditional, seats: 12 };
    rooms.push((await hub.call('rooms', 'add', head, { procedure: STUDY, college: 'c48-1' }, stated)).room);
  }
  for (const [at, name] of ['Физикова Анна Петровна', 'Вторая Ольга Олеговна'].entries()) {
    const { code } = await hub.call(
      'appointments',
      'appoint',
      head,
      {
        ...{ role: 'roomOrganizer', unit: 'c48-1', procedure: STUDY, room: rooms[at + 1], name, channel: 'card' },
        ...{ isEmployee: true, subjects: ['Физика'] },
      },
      'ru',
    );
    if (at === 0) await hub.call('appointments', 'accept', code ?? '', { username: 'fizikova', password: PASSWORD });
  }
}

test('a region names its scanning centre, a college its rooms, and those above see it on the other node', async ({
  hub,
  second,
  openBrowser,
}) => {
  await setUpFederation(hub);
  await openScanningPoint(hub);
  const federal = await openBrowser('federal');
  const region = await openBrowser('oiv');

  await test.step('[S1-03] the centre, requirement by requirement', async () => {
    await federal.goto(`${second.url}/scanning-centres`);
    await live(federal);
    await expect(row(federal, 'Липецкая область')).toContainText('центр не назван');
    const loads = countLoads(federal);
    await region.goto('/scanning-centres');
    await expect(region.getByText('Регион ещё не назвал центр сканирования')).toBeVisible();
    await live(region);
    await region.getByRole('button', { name: 'Назвать центр' }).click();
    await region.getByRole('button', { name: 'Сохранить' }).click();
    await expect(row(federal, 'Липецкая область')).toContainText('РЦОИ Липецкой области');
    for (const what of [/разрешением/, /автоподатчиком/, /Рабочее место/, /Линия связи/, /запираемое/])
      await region.getByRole('button', { name: new RegExp(`^Выполнено: .*${what.source}`) }).click();
    await expect(row(federal, 'Липецкая область')).toContainText('5 из 6');
    await region.getByRole('button', { name: /^Выполнено: .*специалист/ }).click();
    await expect(region.getByText('Не отмечено: у центра нет специалиста по сканированию')).toBeVisible();
    const { code } = await hub.call(
      'appointments',
      'appoint',
      FOUNDER,
      { role: 'scanningSpecialist', unit: 's48-1', name: 'Сканов Илья Петрович', channel: 'card' },
      'ru',
    );
    await expect(region.getByText('Сканов Илья Петрович')).toBeVisible();
    await hub.call('appointments', 'accept', code ?? '', { username: 'scanner', password: PASSWORD });
    await region.getByRole('button', { name: /^Выполнено: .*специалист/ }).click();
    await region.getByRole('button', { name: 'Подтвердить: требования выполнены' }).click();
    await expect(region.getByText(/Выполнение требований подтверждает Орлова Анна Петровна/)).toBeVisible();
    await expect(row(federal, 'Липецкая область')).toContainText('требования выполнены');
    expect(loads()).toBe(0);
  });

  await sampleStudy(hub, ['c48-1', 'c48-3']);
  await hub.call('study', 'inform', FOUNDER, { procedure: STUDY, region: 'r48' }, null);
  const college = await openBrowser('head-1');

  await test.step('[S1-08] [S1-09] the college states its rooms; the region counts them on the other node', async () => {
    await region.goto(`${second.url}/study/${STUDY}/r48`);
    await live(region);
    await expect(cell(region, 'Колледж № 1')).toHaveText('аудиторий нет');
    await college.goto('/cabinet/c48-1/monitorings');
    await college.getByRole('link', { name: 'Аудитории и организаторы' }).click();
    await live(college);
    await expect(college.getByRole('navigation', { name: 'Личный кабинет' }).getByRole('listitem')).toHaveCount(4);
    const add = async (name: string, subject: string, isConditional = false): Promise<void> => {
      await college.getByRole('button', { name: 'Внести аудиторию' }).click();
      await college.getByLabel('Номер или название').fill(name);
      if (isConditional) await college.getByLabel('Условная аудитория').check();
      await college.getByLabel('Предмет исследования').selectOption(subject);
      await college.getByLabel('Мест', { exact: true }).fill('12');
      await college.getByRole('button', { name: 'Сохранить' }).click();
      await expect(college.getByRole('heading', { name, exact: true })).toBeVisible();
    };
    await add('101', 'Физика');
    await add('101-2', 'Химия', true);
    await expect(cell(region, 'Колледж № 1')).toHaveText('0 из 2');
  });

  const dialog = college.getByRole('dialog');
  const ask = async (
    room: string,
    name: string,
    { isEmployee = true, subjects = [] as string[] } = {},
  ): Promise<void> => {
    await college.getByRole('button', { name: `Назначить организатора: ${room}`, exact: true }).click();
    await dialog.getByLabel('Фамилия, имя, отчество').fill(name);
    if (isEmployee) await dialog.getByLabel('Это сотрудник нашего колледжа').check();
    for (const subject of subjects) await dialog.getByLabel(subject, { exact: true }).check();
    await dialog.getByLabel('Карточкой').check();
    await dialog.getByRole('button', { name: 'Назначить' }).click();
  };
  const refused = async (...words: string[]): Promise<void> => {
    for (const word of words) await expect(dialog.getByText(word)).toBeVisible();
    await dialog.getByRole('button', { name: 'Отмена' }).click();
  };
  /** The card of the invitation, put away; whoever got it takes it. */
  const takenFromCard = async (username: string): Promise<void> => {
    const card = college.getByRole('alertdialog');
    const code = await card.locator('code.code').textContent();
    await card.getByRole('button', { name: 'Карточка сохранена или напечатана' }).click();
    await hub.call('appointments', 'accept', code ?? '', { username, password: PASSWORD });
  };

  await test.step('[S1-08] [S1-09] [S1-10] the director appoints; three who may not be are refused by name', async () => {
    await ask('101', 'Чужая Вера Ильинична', { isEmployee: false });
    await refused('Не назначено: это не сотрудник колледжа', 'Чужая Вера Ильинична: не отмечено');
    await ask('101', 'Физикова Анна Петровна', { subjects: ['Физика'] });
    await refused('Физикова Анна Петровна — специалист по предмету «Физика»');
    await ask('101-2', 'Физикова Анна Петровна', { subjects: ['Физика'] });
    await expect(cell(region, 'Колледж № 1')).toHaveText('0 из 2, приглашено 1');
    await takenFromCard('fizikova');
    await expect(cell(region, 'Колледж № 1')).toHaveText('1 из 2');
    await ask('101', 'Физикова Анна Петровна');
    await refused('Физикова Анна Петровна отвечает за аудиторию 101-2');
    await ask('101', 'Вторая Ольга Олеговна');
    await takenFromCard('vtoraya');
    await expect(cell(region, 'Колледж № 1')).toHaveText('2 из 2');
    await expect(college.getByTestId('organized')).toHaveText('Организаторы назначены: 2 из 2');
  });

  await test.step('[S1-36] the region filters who has not appointed all; replacing keeps the history, removing asks', async () => {
    await region.getByRole('button', { name: /Назначены не все организаторы/ }).click();
    await expect(row(region, 'Колледж № 3')).toBeVisible();
    await expect(row(region, 'Колледж № 1')).toHaveCount(0);
    await college.getByRole('button', { name: 'Вторая Ольга Олеговна' }).click();
    await dialog.getByRole('button', { name: 'Сменить' }).click();
    await dialog.getByLabel('Фамилия, имя, отчество').fill('Третья Инна Игоревна');
    await dialog.getByLabel('Это сотрудник нашего колледжа').check();
    await dialog.getByLabel('Карточкой').check();
    await dialog.getByRole('button', { name: 'Назначить' }).click();
    await takenFromCard('tretya');
    await college.getByRole('button', { name: 'Третья Инна Игоревна' }).click();
    await expect(dialog.getByRole('listitem').filter({ hasText: 'Вторая Ольга Олеговна' })).toBeVisible();
    await dialog.getByRole('button', { name: 'Закрыть' }).click();
    await college.getByRole('button', { name: 'Убрать: 101', exact: true }).click();
    const asking = college.getByRole('alertdialog');
    await expect(asking.getByText('За неё отвечает Третья Инна Игоревна')).toBeVisible();
    await asking.getByLabel('Причина').fill('ремонт');
    await asking.getByRole('button', { name: 'Убрать' }).click();
    await expect(college.getByTestId('organized')).toHaveText('Организаторы назначены: 1 из 1');
    await region.getByRole('button', { name: /Назначены не все организаторы/ }).click();
    await expect(cell(region, 'Колледж № 1')).toHaveText('1 из 1');
  });

  await test.step('[S1-32] access data are made for the sample, which nobody types', async () => {
    await region.getByRole('link', { name: 'Данные доступа для выборки' }).click();
    await expect(region.getByLabel('Исследование', { exact: true })).toHaveValue(STUDY);
    await live(region);
    await region.getByRole('button', { name: 'Создать', exact: true }).click();
    await expect(region.getByText('новых доступов 2, уже были у 0, всего организаций 2')).toBeVisible();
  });
});

for (const one of LOOKS)
  onOneNode(`pages of places, ${one.name}`, async ({ hub, browser }) => {
    await setUpFederation(hub);
    await nameCentre(hub);
    await fillRooms(hub);
    const visit = async (username: string): Promise<Page> => {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, username);
      return context.newPage();
    };
    const [organizer, region, head] = [await visit('federal'), await visit('oiv'), await visit('head-1')];
    const pages: [Page, string, string, string][] = [
      [organizer, 'scanning-centres', '/scanning-centres', 'Центры сканирования'],
      [head, 'rooms', `/cabinet/c48-1/rooms/${STUDY}`, 'Аудитории: Исследование СПО'],
      [head, 'rooms-college', '/cabinet/c48-1/monitorings', 'Исследование СПО'],
      [region, 'rooms-region', `/study/${STUDY}/r48`, 'Исследование СПО'],
      [region, 'scanning-centre', '/scanning-centres/r48', 'Центр сканирования'],
    ];
    for (const [page, name, path, heading] of pages) await look(page, { name, path, heading, isPictured: true }, one);
    for (const page of [organizer, region, head]) await page.context().close();
  });
