/** How the pages look and read: wide and narrow, light and dark, for eyes and for screen readers. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, signIn, test } from './fixtures.ts';
import { contextOf, fillRegion, look, LOOKS, type Sight } from './look.ts';
import { ADMINISTRATOR, BASE, institution, letIn, requestCabinet, SCHOOL } from './region.ts';

for (const view of LOOKS) {
  test(`the public pages at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    const ticket = await fillRegion(hub);
    const sights: Sight[] = [
      { name: 'home', path: '/', heading: 'Мониторинги' },
      { name: 'about', path: BASE, heading: 'Как проходит работа' },
      { name: 'registration', path: `${BASE}/registration`, heading: 'Регистрация участников' },
      { name: 'ticket', path: `${BASE}/registration/${ticket}`, heading: 'Заявка у центра' },
      { name: 'participants', path: `${BASE}/participants`, heading: 'Участники проекта' },
      { name: 'sign-in', path: '/sign-in', heading: 'Вход' },
      { name: 'forgotten', path: '/sign-in/forgotten', heading: 'Забыт пароль' },
      { name: 'not-found', path: '/nowhere', heading: 'Не получилось', isMissing: true },
    ];
    const context = await browser.newContext(contextOf(view));
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const page = await context.newPage();
        await look(page, sight, view);
        await page.close();
      });
    await context.close();
  });

  test(`the pages of work at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    await fillRegion(hub);
    const cabinetOf = (number: number): string => `${BASE}/cabinet/${institution(number).id}`;
    const sights: (Sight & { username: string })[] = [
      { name: 'cabinet', username: 'i48-5', path: cabinetOf(5), heading: 'Скачать шаблон', isPictured: true },
      { name: 'errors', username: 'i48-1', path: cabinetOf(1), heading: /ошибок в файле/, isPictured: true },
      { name: 'unattested', username: 'i48-4', path: cabinetOf(4), heading: 'Подтвердить достоверность' },
      { name: 'account', username: 'i48-1', path: '/account', heading: 'Учётная запись' },
      { name: 'board', username: 'regional', path: `${BASE}/board`, heading: 'Ход мониторинга', isPictured: true },
      { name: 'board-municipal', username: 'municipal-1', path: `${BASE}/board`, heading: 'Ход мониторинга' },
      { name: 'settings', username: 'administrator', path: '/settings', heading: 'Настройка' },
      { name: 'letters', username: 'administrator', path: '/letters', heading: 'Письма' },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const context = await browser.newContext(contextOf(view));
        await signIn(context, hub, sight.username);
        await look(await context.newPage(), sight, view);
        await context.close();
      });
  });
}

for (const view of LOOKS)
  test(`people and invitations at ${view.name} are clear to eyes and screen readers`, async ({ hub, browser }) => {
    test.slow();
    const { code } = await hub.call(
      'appointments',
      'appoint',
      ADMINISTRATOR,
      { role: 'municipalCoordinator', unit: '48-m3', name: 'Ветрова Ольга Игоревна', channel: 'card' },
      'ru',
    );
    const sights: Sight[] = [
      { name: 'people', username: 'regional', path: '/people', heading: 'Люди', isPictured: true },
      { name: 'people-none', username: 'municipal-1', path: '/people?stage=ended', heading: 'Люди' },
      { name: 'account-appointments', username: 'municipal-1', path: '/account', heading: 'Ваши назначения' },
      { name: 'invitation', path: `/invitation/${code ?? ''}`, heading: 'Ветрова Ольга Игоревна', isPictured: true },
      { name: 'invitation-code', path: '/invitation', heading: 'Приглашение' },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const context = await browser.newContext(contextOf(view));
        if (sight.username !== undefined) await signIn(context, hub, sight.username);
        await look(await context.newPage(), sight, view);
        await context.close();
      });
  });

for (const view of LOOKS)
  test(`cabinets and requests for them at ${view.name} are clear to eyes and screen readers`, async ({
    hub,
    browser,
  }) => {
    test.slow();
    await letIn(hub, SCHOOL);
    const ticket = await requestCabinet(hub, institution(2));
    const own = `/cabinet/${SCHOOL.id}`;
    const sights: Sight[] = [
      { name: 'cabinet-request', path: '/cabinet-request?q=округ', heading: 'Запрос личного кабинета' },
      { name: 'cabinet-request-form', path: '/cabinet-request?institution=i48-3', heading: 'Официальное письмо' },
      { name: 'cabinet-request-ticket', path: `/cabinet-request/${ticket}`, heading: 'Заявка у центра' },
      { name: 'information', username: SCHOOL.id, path: own, heading: 'Общеобразовательная организация' },
      { name: 'information-edit', username: SCHOOL.id, path: `${own}?edit`, heading: 'Контактная информация' },
      { name: 'monitorings', username: SCHOOL.id, path: `${own}/monitorings`, heading: 'Мониторинги' },
      { name: 'past', username: SCHOOL.id, path: `${own}/past`, heading: 'Прошедших мониторингов нет' },
      { name: 'cabinets', username: 'regional', path: '/cabinets', heading: 'Кабинеты' },
      { name: 'requests', username: 'regional', path: '/cabinets/requests', heading: 'Запросы кабинетов' },
    ];
    for (const sight of sights)
      await test.step(sight.name, async () => {
        const context = await browser.newContext(contextOf(view));
        if (sight.username !== undefined) await signIn(context, hub, sight.username);
        await look(await context.newPage(), sight, view);
        await context.close();
      });
  });

test.describe('at the first start', () => {
  test.use({ isSetUp: false });

  test('the setup is clear to eyes and screen readers at every width and in every light', async ({ browser }) => {
    for (const view of LOOKS)
      await test.step(view.name, async () => {
        const context = await browser.newContext(contextOf(view));
        await look(await context.newPage(), { name: 'setup', path: '/setup', heading: 'Первый запуск' }, view);
        await context.close();
      });
  });
});

test('the dialogs of the board are clear to screen readers', async ({ hub, openBrowser }) => {
  await fillRegion(hub);
  const page = await openBrowser('regional');
  await page.goto(`${BASE}/board`);
  await expect(page.getByText('на связи', { exact: true })).toBeVisible();
  for (const who of [SCHOOL, institution(6), institution(7)]) {
    await page.getByRole('rowheader', { name: who.name, exact: true }).click();
    await expect(page.getByRole('dialog').getByRole('heading', { name: who.name })).toBeVisible();
    const { violations } = await new AxeBuilder({ page }).include('dialog[open]').analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.keyboard.press('Escape');
  }
});
