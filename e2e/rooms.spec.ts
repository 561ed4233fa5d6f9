/** Places of a study: the region's scanning centre and the rooms of its colleges, on two nodes. */
import type { Page } from '@playwright/test';
import { FOUNDER, setUpFederation } from './federation.ts';
import { countLoads, expect, signIn, test as onOneNode } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { contextOf, look, LOOKS } from './look.ts';
import { test } from './pair.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
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
    await hub.call('appointments', 'accept', code ?? '', { username: 'scanner', password: 'журнал-звонок-перемена' });
    await region.getByRole('button', { name: /^Выполнено: .*специалист/ }).click();
    await region.getByRole('button', { name: 'Подтвердить: требования выполнены' }).click();
    await expect(region.getByText(/Выполнение требований подтверждает Орлова Анна Петровна/)).toBeVisible();
    await expect(row(federal, 'Липецкая область')).toContainText('требования выполнены');
    expect(loads()).toBe(0);
  });
});

for (const one of LOOKS)
  onOneNode(`pages of places, ${one.name}`, async ({ hub, browser }) => {
    await setUpFederation(hub);
    await nameCentre(hub);
    const visit = async (username: string): Promise<Page> => {
      const context = await browser.newContext({ ...contextOf(one), baseURL: hub.url });
      await signIn(context, hub, username);
      return context.newPage();
    };
    const [organizer, region] = [await visit('federal'), await visit('oiv')];
    const pages: [Page, string, string, string][] = [
      [organizer, 'scanning-centres', '/scanning-centres', 'Центры сканирования'],
      [region, 'scanning-centre', '/scanning-centres/r48', 'Центр сканирования'],
    ];
    for (const [page, name, path, heading] of pages) await look(page, { name, path, heading, isPictured: true }, one);
    for (const page of [organizer, region]) await page.context().close();
  });
