/** The line of an open page: its states are said, rights that end darken it, a new version is offered, and nothing typed is lost. */
import { countLoads, expect, test } from './fixtures.ts';
import { BoardPage } from './pages/board.ts';
import { CabinetPage } from './pages/cabinet.ts';
import { notice, RegistrationPage, SignInPage, TicketPage } from './pages/site.ts';
import { giveAccess, institution, letIn, ORGANIZER, register, SCHOOL } from './region.ts';

const present = (page: BoardPage['page']) => page.getByTestId('present');
const draft = (page: BoardPage['page']) => page.getByTestId('draft');

test('a page without a line says since when, and is live again by itself without a reload', async ({
  hub,
  openBrowser,
}) => {
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await board.open();
  const loads = countLoads(page);
  await page.context().setOffline(true);
  await expect(board.lost).toBeVisible();
  await expect(notice(page, /^Внимание: Данные на \d\d:\d\d:\d\d: связи с сервером нет/)).toBeVisible();
  await register(hub, institution(2));
  await page.context().setOffline(false);
  await expect(board.live).toBeVisible();
  await expect(board.cell(institution(2), 'Зарегистрирована')).toContainText('ждёт вас');
  expect(loads()).toBe(0);
});

test('a page of a session that ended elsewhere says so and offers to sign in', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(SCHOOL.id);
  const cabinet = new CabinetPage(page);
  await cabinet.open(SCHOOL);
  const same = await page.context().newPage();
  await same.goto('/account');
  await same.getByRole('button', { name: 'Выйти на всех устройствах' }).click();
  await expect(page.getByText('вы вышли', { exact: true })).toBeVisible();
  await expect(notice(page, 'Нужно войти')).toBeVisible();
  await expect(page.getByRole('main').getByRole('link', { name: 'Войти' })).toBeVisible();
});

test('two people at one board see each other, and where one decides', async ({ hub, openBrowser }) => {
  await register(hub, SCHOOL);
  const [first, second] = [await openBrowser('regional'), await openBrowser('municipal-1')];
  const [regional, municipal] = [new BoardPage(first), new BoardPage(second)];
  await regional.open();
  await municipal.open();
  await expect(present(second)).toHaveText('Здесь ещё: Орлова А. П.');
  await expect(present(first)).toHaveText('Здесь ещё: Белова И. С.');

  await regional.openInstitution(SCHOOL);
  await regional.dialog.getByRole('button', { name: 'Отказать' }).click();
  await expect(present(second)).toHaveText('Здесь ещё: Орлова А. П. · пишет: Орлова А. П.');
  await first.close();
  await expect(present(second)).toHaveText('');
});

test('an institution is told that the centre looks at its cabinet, not who', async ({ hub, openBrowser }) => {
  await letIn(hub, SCHOOL);
  const [school, centre] = [await openBrowser(SCHOOL.id), await openBrowser('regional')];
  for (const page of [school, centre]) await new CabinetPage(page).open(SCHOOL);
  await expect(present(school)).toHaveText('Здесь ещё: Региональный координатор');
  await expect(present(centre)).toHaveText('Здесь ещё: Светлова М. И.');
});

test('a node of a later build is told with a button, and nothing happens by itself', async ({ hub, openBrowser }) => {
  await hub.close();
  await hub.open({ SVOD_BUILD: '99999999999999' });
  const { setUpRegion } = await import('./region.ts');
  await setUpRegion(hub);
  await register(hub, SCHOOL);
  const page = await openBrowser('regional');
  const board = new BoardPage(page);
  await page.goto(`${hub.url}/monitoring/attendance-48-2012/board`);
  await expect(board.live).toBeVisible();
  await expect(notice(page, 'Вышла новая версия')).toBeVisible();
  await board.openInstitution(SCHOOL);
  await board.dialog.getByRole('button', { name: 'Отказать' }).click();
  await board.dialog.getByLabel('Причина').fill('нет приказа о назначении');
  const loads = countLoads(page);
  await register(hub, institution(4));
  await expect(board.cell(institution(4), 'Зарегистрирована')).toContainText('ждёт вас');
  expect(loads()).toBe(0);

  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Обновить страницу' }).click();
  await expect.poll(loads).toBe(1);
  await expect(board.live).toBeVisible();
  await board.openInstitution(SCHOOL);
  await board.dialog.getByRole('button', { name: 'Отказать' }).click();
  await expect(board.dialog.getByLabel('Причина')).toHaveValue('нет приказа о назначении');
});

test('what a visitor typed is there after a reload, goes with the deed, and can be thrown away', async ({
  visitor,
}) => {
  const registration = new RegistrationPage(visitor);
  await registration.open();
  await registration.choose(SCHOOL);
  await registration.nameOrganizer();
  await visitor.reload();
  await expect(draft(visitor)).toContainText('Восстановлено то, что вы набрали');
  await expect(visitor.getByLabel('Фамилия', { exact: true })).toHaveValue(ORGANIZER.surname);
  await expect(visitor.getByLabel('Электронная почта')).toHaveValue(ORGANIZER.email);
  await expect(visitor.getByRole('combobox', { name: 'Организация' })).toHaveValue(SCHOOL.id);

  await registration.send.click();
  await expect(notice(visitor, 'Заявка у центра')).toBeVisible();
  await registration.open();
  await expect(visitor.getByLabel('Фамилия', { exact: true })).toHaveValue('');
  await expect(draft(visitor)).toHaveCount(0);

  await visitor.getByLabel('Фамилия', { exact: true }).fill('Ошибкина');
  await visitor.reload();
  await visitor.getByRole('button', { name: 'Начать заново' }).click();
  await expect(visitor.getByLabel('Фамилия', { exact: true })).toHaveValue('');
  await visitor.reload();
  await expect(draft(visitor)).toHaveCount(0);
});

test('what was typed and chosen before the script came is kept when the page comes alive', async ({ visitor }) => {
  const registration = new RegistrationPage(visitor);
  let letScriptCome = (): void => undefined;
  const script = new Promise<void>((resolve) => (letScriptCome = resolve));
  await visitor.route('**/*.js', async (route) => {
    await script;
    await route.continue();
  });
  await visitor.goto(registration.address, { waitUntil: 'commit' });
  await registration.choose(SCHOOL);
  await registration.nameOrganizer();
  letScriptCome();
  await visitor.waitForLoadState('networkidle');
  await expect(visitor.getByRole('combobox', { name: 'Организация' })).toHaveValue(SCHOOL.id);
  await expect(draft(visitor)).toHaveCount(0);
  await visitor.reload();
  await expect(draft(visitor)).toContainText('Восстановлено то, что вы набрали');
  await registration.send.click();
  await expect(notice(visitor, 'Заявка у центра')).toBeVisible();
});

test('what a person typed is there after signing out and in again, and for nobody else', async ({ openBrowser }) => {
  const page = await openBrowser('administrator');
  await page.goto('/settings', { waitUntil: 'networkidle' });
  const lines = page.getByLabel('Список организаций');
  await lines.fill('Округ № 4;i48-9;МБОУ СОШ № 109');
  await page.context().clearCookies();
  await page.goto('/settings');
  const signIn = new SignInPage(page);
  await expect(signIn.title).toBeVisible();
  await signIn.signIn('administrator');
  await expect(lines).toHaveValue('Округ № 4;i48-9;МБОУ СОШ № 109');

  await page.context().clearCookies();
  await page.goto('/sign-in');
  await signIn.signIn('regional');
  await page.goto('/monitoring/attendance-48-2012/registration');
  await expect(draft(page)).toHaveCount(0);
});

test('a name is kept while it is typed, a password never, not even one that is shown', async ({ hub, visitor }) => {
  const address = `/monitoring/attendance-48-2012/registration/${await register(hub, SCHOOL)}`;
  await giveAccess(hub, SCHOOL);
  const ticket = new TicketPage(visitor);
  await visitor.goto(address, { waitUntil: 'networkidle' });
  await ticket.username.fill('school101');
  await ticket.password.fill('a password that is shown');
  await visitor.getByRole('button', { name: 'Показать пароль' }).click();
  await ticket.password.fill('a password that is shown to me');
  await visitor.goto(address);
  await expect(ticket.username).toHaveValue('school101');
  await expect(ticket.password).toHaveValue('');
  const kept = await visitor.evaluate(() => JSON.stringify(Object.entries(localStorage)));
  expect(kept).toContain('school101');
  expect(kept).not.toContain('a password');
});
