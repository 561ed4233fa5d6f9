/** A cabinet from the institution's letter to its filled information, with the centre in a browser of its own. */
import { countLoads, expect, test } from './fixtures.ts';
import { InformationPage, RequestForm, row } from './pages/cabinet-request.ts';
import { notice, SignInPage, TicketPage } from './pages/site.ts';
import { letIn, ORGANIZER, PASSWORD, SCHOOL } from './region.ts';

test('[S0-03] [S0-09] [S0-10] [S0-11] [S0-12] [S0-14] [S0-15] [S0-16] [S0-17] [S0-04] an institution asks for its cabinet, is let in live, fills its information, and the centre sees how far', async ({
  visitor,
  openBrowser,
}) => {
  test.slow();
  const queue = await openBrowser('regional');
  await queue.goto('/cabinets/requests');
  await expect(notice(queue, 'Запросов ещё не было')).toBeVisible();
  const overview = await openBrowser('regional');
  await overview.goto('/cabinets');
  await expect(row(overview, SCHOOL)).toContainText('не подключена');

  const ticket = new TicketPage(visitor);
  await test.step('the institution finds itself and asks by its letter', async () => {
    await visitor.goto('/');
    await visitor.getByRole('link', { name: 'Запросить личный кабинет' }).click();
    const form = new RequestForm(visitor);
    await form.choose(SCHOOL);
    await form.fill({ ...ORGANIZER, phone: 'позвоните' });
    await form.send.click();
    await expect(visitor.getByRole('alert')).toContainText('«Телефон»: нужно от 5 до 15 цифр');
    await visitor.getByLabel('Телефон').fill(ORGANIZER.phone);
    await form.send.click();
    await expect(ticket.awaited).toBeVisible();
  });

  await test.step('the centre sees it come, and issues; the waiting page changes by itself', async () => {
    await expect(row(queue, SCHOOL)).toContainText('ждут решения');
    await expect(row(overview, SCHOOL)).toContainText('запрос у центра');
    const loads = countLoads(visitor);
    await row(queue, SCHOOL).getByRole('rowheader').click();
    const dialog = queue.getByRole('dialog');
    await expect(dialog).toContainText('№ 01-12/7 от 19.11.2013');
    await dialog.getByRole('button', { name: 'Выдать кабинет' }).click();
    await expect(dialog).toContainText('сразу сможет задать имя и пароль');
    await dialog.getByRole('button', { name: 'Выдать кабинет' }).click();
    await expect(ticket.given).toBeVisible();
    expect(loads(), 'the page was not loaded anew').toBe(0);
    await expect(notice(queue, 'Все запросы рассмотрены')).toBeVisible();
    await expect(row(overview, SCHOOL)).toContainText('доступ выдан');
  });

  const information = new InformationPage(visitor);
  await test.step('the coordinator sets name and password, and signs in for the first time', async () => {
    await ticket.username.fill('school-101');
    await ticket.password.fill(PASSWORD);
    await ticket.create.click();
    const signInPage = new SignInPage(visitor);
    await expect(signInPage.title).toBeVisible();
    await signInPage.signIn('school-101');
    await expect(visitor).toHaveURL(new RegExp(`/cabinet/${SCHOOL.id}$`));
    await expect(row(overview, SCHOOL)).toContainText('подключена');
    await expect(row(overview, SCHOOL)).toContainText('5/6');
  });

  await test.step('the menu has four items; the page opens read-only and never shows a password', async () => {
    await expect(information.menu.getByRole('listitem')).toHaveText([
      'Информация об организации',
      'Мониторинги',
      'Прошедшие мониторинги',
      'Выйти из системы',
    ]);
    const content = visitor.getByRole('main');
    await expect(content.getByRole('heading', { name: 'Общеобразовательная организация' })).toBeVisible();
    await expect(content).toContainText('не показывается');
    await expect(information.shown('surname')).toHaveText(ORGANIZER.surname);
    await expect(information.site).toHaveCount(0);
  });

  await test.step('what no field can hold is refused by name; what can is seen by the centre live', async () => {
    const loads = countLoads(overview);
    await information.edit.click();
    await information.site.fill('нет сайта');
    await information.save.click();
    await expect(visitor.getByRole('alert')).toContainText('это не адрес сайта');
    await information.site.fill('school101.example.org');
    await information.save.click();
    await expect(information.shown('site')).toHaveText('school101.example.org');
    await expect(visitor.getByText('Заполнено 6 из 6')).toBeVisible();
    await expect(row(overview, SCHOOL)).toContainText('6/6');
    expect(loads(), 'the overview was not loaded anew').toBe(0);
    await expect(visitor.getByRole('main')).toContainText('school101.example.org');
  });

  await test.step('the monitorings of the institution are listed, and signing out is one of the four', async () => {
    await information.menu.getByRole('link', { name: 'Мониторинги', exact: true }).click();
    await expect(visitor.getByRole('main')).toContainText('Организация не зарегистрирована в этом мониторинге');
    await information.menu.getByRole('link', { name: 'Прошедшие мониторинги' }).click();
    await expect(notice(visitor, 'Прошедших мониторингов нет')).toBeVisible();
    await information.menu.getByRole('button', { name: 'Выйти из системы' }).click();
    await expect(visitor.getByRole('link', { name: 'Войти' })).toBeVisible();
  });
});

test('two who change the same at once both see both versions, and nothing typed is lost', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const first = new InformationPage(await openBrowser(SCHOOL.id));
  const second = new InformationPage(await openBrowser(SCHOOL.id));
  for (const { page, edit } of [first, second]) {
    await page.goto(`/cabinet/${SCHOOL.id}`);
    await expect(page.getByText('на связи', { exact: true })).toBeVisible();
    await edit.click();
  }
  await second.position.fill('Завуч');
  await first.position.fill('Директор');
  await first.site.fill('school101.example.org');
  await first.save.click();
  await expect(first.shown('position')).toHaveText('Директор');

  // What the second left alone follows; what both changed is shown in both versions.
  await expect(second.page.getByRole('row', { name: /Должность/ })).toContainText('Директор');
  await expect(second.page.getByRole('row', { name: /Должность/ })).toContainText('Завуч');
  await expect(second.site).toHaveValue('school101.example.org');
  await expect(second.position).toHaveValue('Завуч');
  await second.page.getByRole('button', { name: 'Оставить моё' }).click();
  await second.save.click();
  await expect(first.shown('position')).toHaveText('Завуч');
  await expect(second.shown('site')).toHaveText('school101.example.org');
});
