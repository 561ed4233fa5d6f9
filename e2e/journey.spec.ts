/** The whole way of one institution, from the centre's link to its report, with the coordinator in a browser of his own. */
import { countLoads, expect, test } from './fixtures.ts';
import { BoardPage } from './pages/board.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice, RegistrationPage, SignInPage, Site, TicketPage } from './pages/site.ts';
import { BASE, CENTRE, fixture, ORGANIZER, PASSWORD, register, SCHOOL, TITLE } from './region.ts';

test('[S2-01] [S2-05] [S2-08] [S2-09] [S2-18] [S2-22] an institution registers, is let in live, sends its file and has its report', async ({
  visitor,
  openBrowser,
}) => {
  const coordinator = await openBrowser('regional');
  const board = new BoardPage(coordinator);
  await board.open();
  await expect(board.cell(SCHOOL, 'Зарегистрирована')).toContainText('не начато');

  await test.step('the centre leads to the monitoring by its link', async () => {
    await visitor.goto('/');
    await visitor.getByRole('link', { name: TITLE }).click();
    await expect(visitor).toHaveURL(new RegExp(`${BASE}$`));
    await expect(visitor.getByRole('heading', { level: 1 })).toHaveText(TITLE);
  });

  await test.step('before registration there is no cabinet and no template', async () => {
    await new Site(visitor).menuItem('Личный кабинет').click();
    await expect(visitor).toHaveURL(/\/sign-in\?next=/);
    const refused = await visitor.request.get(`${BASE}/cabinet/${SCHOOL.id}/template.xls`, { maxRedirects: 0 });
    expect(refused.status()).toBe(303);
  });

  const ticket = new TicketPage(visitor);
  await test.step('the organizer registers his institution', async () => {
    const registration = new RegistrationPage(visitor);
    await registration.open();
    await registration.choose(SCHOOL);
    await registration.nameOrganizer();
    await registration.send.click();
    await expect(ticket.awaited).toBeVisible();
    await expect(visitor.getByText(`${SCHOOL.name} · ${ORGANIZER.surname}`)).toBeVisible();
  });

  await test.step('the coordinator sees him wait and lets him in; the waiting page changes by itself', async () => {
    await expect(board.cell(SCHOOL, 'Зарегистрирована')).toContainText('ждёт вас');
    await board.openInstitution(SCHOOL);
    await expect(board.dialog).toContainText(`${ORGANIZER.surname} ${ORGANIZER.firstName} ${ORGANIZER.patronymic}`);
    await expect(board.dialog.getByRole('link', { name: ORGANIZER.email })).toBeVisible();
    const loads = countLoads(visitor);
    await board.dialog.getByRole('button', { name: 'Открыть доступ' }).click();
    await expect(ticket.given).toBeVisible();
    expect(loads(), 'the page was not loaded anew').toBe(0);
    await coordinator.keyboard.press('Escape');
    await expect(board.dialog).toBeHidden();
  });

  await test.step('he sets name and password, signs in and is in his cabinet', async () => {
    await ticket.username.fill('svetlova');
    await ticket.password.fill(PASSWORD);
    await ticket.create.click();
    const signIn = new SignInPage(visitor);
    await expect(signIn.title).toBeVisible();
    await expect(signIn.username).toHaveValue('svetlova');
    await signIn.password.fill(PASSWORD);
    await signIn.enter.click();
    await expect(visitor).toHaveURL(new RegExp(`${BASE}/cabinet/${SCHOOL.id}$`));
  });

  const cabinet = new CabinetPage(visitor);
  await test.step('the head tells whose cabinet it is, and the card what is needed now', async () => {
    await expect(cabinet.title).toHaveText(`Личный кабинет ${SCHOOL.name}`);
    await expect(cabinet.needs('Скачать шаблон и заполнить его')).toBeVisible();
    await expect(cabinet.live).toBeVisible();
  });

  await test.step('the template is his now, and the board sees it taken', async () => {
    const template = await cabinet.download(cabinet.templateLinks.first());
    expect(template.suggestedFilename()).toMatch(/\.xls$/);
    await expect(board.cell(SCHOOL, 'Шаблон скачан')).toContainText('готово');
    await expect(cabinet.needs('Отправить заполненный файл')).toBeVisible();
  });

  await test.step('the filled file becomes a report at once, without reload, in the cabinet and on the board', async () => {
    const loads = countLoads(visitor);
    const boardLoads = countLoads(coordinator);
    await cabinet.sendConfirmed(fixture('good.xls'));
    await expect(cabinet.report).toBeVisible();
    await expect(cabinet.plot).toBeVisible();
    await expect(cabinet.needs('Ничего: данные приняты, отчёт готов')).toBeVisible();
    for (const step of ['Файл отправлен', 'Подтверждён', 'Обработан', 'Отчёт'] as const)
      await expect(board.cell(SCHOOL, step)).toContainText('готово');
    expect(loads() + boardLoads()).toBe(0);
  });
});

test('[S2-23] [S2-24] the site has its five items, and anyone sees who has registered but nobody’s personal data', async ({
  hub,
  visitor,
}) => {
  const site = new Site(visitor);
  await site.open('/participants');
  await expect(site.menu.getByRole('link')).toHaveText([
    'О проекте',
    'Регистрация участников',
    'Участники проекта',
    'Личный кабинет',
    'Официальный сайт центра',
  ]);
  await expect(site.menuItem('Официальный сайт центра')).toHaveAttribute('href', CENTRE.siteUrl);
  await expect(notice(visitor, 'Никто ещё не зарегистрировался')).toBeVisible();

  await register(hub, SCHOOL);
  await visitor.reload();
  const content = visitor.getByRole('main');
  await expect(content).toContainText('Зарегистрирована 1 организация');
  await expect(content.getByRole('listitem').filter({ hasText: SCHOOL.name })).toHaveCount(1);
  await expect(content.getByRole('heading', { name: SCHOOL.municipalityName })).toBeVisible();
  await expect(content).not.toContainText(ORGANIZER.surname);
  await expect(content).not.toContainText(ORGANIZER.phone);
});

test('[S2-02] [S2-03] [S2-07] the about page names the one organizer, his three skills, three steps and the last day', async ({
  visitor,
}) => {
  await new Site(visitor).open();
  const content = visitor.getByRole('main');
  await expect(content).toContainText('Мониторинг в учреждении проводит одно назначенное лицо');
  await expect(content.getByRole('listitem').filter({ hasText: /интернет|Excel|личный кабинет/ })).toContainText([
    'работать в интернете',
    'заполнять таблицы Excel',
    'передавать данные через личный кабинет',
  ]);
  await expect(content.getByRole('heading', { level: 3 })).toHaveText([
    'Регистрация и доступ',
    'Заполнение шаблона',
    'Отправка файла',
  ]);
  await expect(content).toContainText('Файлы принимаются до 29.11.2013, 23:59 включительно');
});
