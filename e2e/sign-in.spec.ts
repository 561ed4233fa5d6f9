/** Signing in: the first time, with a code, without the telephone, and after the password is forgotten. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { codeAt } from '#models/safeguard/totp.ts';
import { expect, test } from './fixtures.ts';
import type { HubNode } from './hub-node.ts';
import { AccountPage, Entrance } from './pages/account.ts';
import { notice, SignInPage } from './pages/site.ts';
import { ADMINISTRATOR, appoint, BASE, letIn, PASSWORD, SCHOOL } from './region.ts';

const NEWCOMER = {
  name: 'Новикова Вера Павловна',
  username: 'novikova',
  role: 'municipalCoordinator',
  unit: '48-m1',
} as const;

async function clear(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes.map(({ target }) => target.join(' ')).join()}`)).toEqual([]);
}

/** The code of the telephone a moment later: each opens once. */
async function nextCode(hub: HubNode, secret: string): Promise<string> {
  await hub.setClock((await hub.now()) + 31_000);
  return codeAt(secret, await hub.now());
}

test.describe('where the second factor is required', () => {
  test.use({ environment: { SECOND_FACTOR: 'required' } });

  test('[S1-27] a coordinator’s first sign-in, a code, a recovery code, and the end of other sessions', async ({
    hub,
    visitor,
    openBrowser,
  }) => {
    test.slow();
    const newcomer = await appoint(hub, NEWCOMER);
    const given = await hub.call('safeguards', 'giveNewPassword', ADMINISTRATOR, newcomer, 'ru');
    const signInPage = new SignInPage(visitor);
    const entrance = new Entrance(visitor);

    // The password that another set opens nothing but the way to one's own.
    await visitor.goto(`${BASE}/board`);
    await signInPage.signIn(NEWCOMER.username, given.password);
    await expect(visitor.getByRole('heading', { name: 'Новый пароль' })).toBeVisible();
    await visitor.goto(`${BASE}/board`);
    await expect(visitor.getByRole('heading', { name: 'Новый пароль' })).toBeVisible();
    await clear(visitor);
    await entrance.newPassword.fill('sunflower2026');
    await entrance.setPassword.click();
    await expect(notice(visitor, 'Пароль не принят: он слишком известен')).toBeVisible();
    await entrance.newPassword.fill(PASSWORD);
    await entrance.setPassword.click();

    // The second factor is enrolled before anything else is seen.
    await expect(visitor.getByRole('heading', { name: 'Второй фактор' })).toBeVisible();
    await expect(visitor.getByRole('img', { name: /Рисунок для камеры/ })).toBeVisible();
    await clear(visitor);
    const secret = await entrance.readSecret();
    await entrance.code.fill('000000');
    await entrance.turnOn.click();
    await expect(notice(visitor, 'Код не подошёл')).toBeVisible();
    expect(await entrance.readSecret()).toBe(secret);
    await entrance.code.fill(codeAt(secret, await hub.now()));
    await entrance.turnOn.click();
    await expect(entrance.recovery).toHaveCount(10);
    await clear(visitor);
    const [recovery = ''] = await entrance.recovery.allInnerTexts();
    await entrance.kept.click();
    await expect(visitor).toHaveURL(new RegExp(`${BASE}/board$`));
    await expect(visitor.getByRole('rowheader', { name: SCHOOL.name })).toBeVisible();

    // Signing in again takes password and code.
    await visitor.goto('/account');
    await visitor.getByRole('button', { name: NEWCOMER.name }).click();
    await visitor.getByRole('menuitem', { name: 'Выйти' }).click();
    await signInPage.open('?next=/account');
    await signInPage.signIn(NEWCOMER.username);
    await expect(visitor.getByRole('heading', { name: 'Код подтверждения' })).toBeVisible();
    await clear(visitor);
    await entrance.enterCode('000000');
    await expect(notice(visitor, 'Код не подошёл')).toBeVisible();
    await entrance.enterCode(await nextCode(hub, secret));
    await expect(visitor.getByRole('heading', { name: 'Учётная запись' })).toBeVisible();

    // On another device without the telephone: a recovery code; the sessions elsewhere end.
    const other = await openBrowser();
    const otherEntrance = new Entrance(other);
    const account = new AccountPage(other);
    await other.goto('/sign-in?next=/account');
    await new SignInPage(other).signIn(NEWCOMER.username);
    await other.getByRole('link', { name: /войти с кодом восстановления/ }).click();
    await expect(other.getByLabel('Код восстановления')).toBeVisible();
    await otherEntrance.enterCode(recovery.toLowerCase());
    await expect(account.sessions).toHaveCount(2);
    await expect(other.getByText('Кодов восстановления осталось: 9')).toBeVisible();
    await expect(notice(other, /Вход с нового устройства/)).toBeVisible();
    await clear(other);
    await other.getByRole('button', { name: 'Да, это я' }).click();
    await expect(notice(other, /Вход с нового устройства/)).toBeHidden();
    await account.endOthers.click();
    await expect(notice(other, 'Остальные сеансы завершены')).toBeVisible();
    await expect(account.sessions).toHaveCount(1);
    await visitor.goto(`${BASE}/board`);
    await expect(signInPage.title).toBeVisible();
  });
});

test('a forgotten password has a way back through a letter to the confirmed address', async ({
  hub,
  openBrowser,
  visitor,
}) => {
  test.slow();
  await letIn(hub, SCHOOL);
  const own = await openBrowser(SCHOOL.id);
  const { email } = new AccountPage(own);
  await own.goto('/account');
  await email.getByLabel('Электронная почта').fill('svetlova@example.org');
  await email.getByLabel('Нынешний пароль').fill(PASSWORD);
  await email.getByRole('button', { name: 'Сохранить и прислать ссылку' }).click();
  await expect(notice(own, 'Письмо со ссылкой отправлено на svetlova@example.org')).toBeVisible();

  // There is no mail server here: the administrator reads letters and hands them over.
  const letters = await openBrowser('administrator');
  const linkOf = async (subject: string): Promise<string> => {
    const letter = letters.getByRole('article').filter({ has: letters.getByRole('heading', { name: subject }) });
    await expect
      .poll(async () => {
        await letters.goto('/letters');
        return letter.count();
      })
      .toBe(1);
    return (await letter.getByRole('link').getAttribute('href')) ?? '';
  };
  await own.goto(await linkOf('Подтвердите адрес почты'));
  await own.getByRole('button', { name: 'Подтвердить' }).click();
  await expect(notice(own, 'Адрес подтверждён')).toBeVisible();
  await clear(letters);

  await visitor.goto('/sign-in');
  await visitor.getByRole('link', { name: 'Забыли пароль?' }).click();
  await expect(visitor.getByRole('heading', { name: 'Забыт пароль' })).toBeVisible();
  await visitor.getByLabel('Имя для входа').fill(SCHOOL.id);
  await visitor.getByRole('button', { name: 'Прислать ссылку' }).click();
  await expect(notice(visitor, 'Запрос принят')).toBeVisible();
  await clear(visitor);
  await visitor.goto(await linkOf('Новый пароль для «Свода»'));
  await visitor.getByLabel('Новый пароль').fill('осенний-поезд-на-север');
  await visitor.getByRole('button', { name: 'Задать пароль' }).click();
  const signInPage = new SignInPage(visitor);
  await expect(signInPage.title).toBeVisible();
  await signInPage.signIn(SCHOOL.id, 'осенний-поезд-на-север');
  await expect(visitor.getByRole('link', { name: 'Личный кабинет' })).toBeVisible();
  // The session that was open elsewhere has ended with the old password.
  await own.goto('/account');
  await expect(new SignInPage(own).title).toBeVisible();
});

test('[S2-08] an organizer who lost everything comes back by the centre’s new address', async ({
  hub,
  openBrowser,
  visitor,
}) => {
  await letIn(hub, SCHOOL);
  const board = await openBrowser('regional');
  await board.goto(`${BASE}/board`);
  await board.getByRole('rowheader', { name: SCHOOL.name, exact: true }).click();
  await board.getByRole('button', { name: 'Вернуть вход: новый адрес' }).click();
  await visitor.goto(await board.getByRole('dialog').getByRole('code').innerText());
  await expect(visitor.getByRole('heading', { name: 'Задайте имя и пароль заново' })).toBeVisible();
  await visitor.getByLabel('Пароль', { exact: true }).fill('осенний-поезд-на-север');
  await visitor.getByRole('button', { name: 'Создать и войти' }).click();
  const signInPage = new SignInPage(visitor);
  await expect(signInPage.title).toBeVisible();
  await signInPage.signIn(SCHOOL.id, 'осенний-поезд-на-север');
  await expect(visitor).toHaveURL(new RegExp(`${BASE}/cabinet`));
});

test('forms of signing in are taken from the hub’s own pages only, whatever Host says', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(SCHOOL.id);
  const evil = 'https://evil.example.org';
  for (const path of [
    '/sign-in',
    '/sign-in/code',
    '/sign-in/password',
    '/sign-in/second-factor',
    '/sign-in/forgotten',
    '/sign-in/link/any',
    '/account?/password',
    '/account?/email',
    '/account?/everywhere',
    '/account/second-factor',
    '/account/address/any',
    '/sign-out',
  ])
    await test.step(path, async () => {
      const form = { username: SCHOOL.id, password: PASSWORD, present: PASSWORD, next: 'taken-over-by-another' };
      for (const headers of [{ origin: evil }, { origin: evil, host: 'evil.example.org', 'x-forwarded-host': 'x' }]) {
        const answer = await page.request.post(path, { form, headers, maxRedirects: 0 });
        expect(answer.status()).toBe(403);
      }
    });
  await page.goto('/account');
  await expect(page.getByRole('heading', { name: 'Учётная запись' })).toBeVisible();
});

test('pages of signing in are not framed, not cached, and keep their addresses to themselves', async ({
  hub,
  openBrowser,
}) => {
  await letIn(hub, SCHOOL);
  const page = await openBrowser(SCHOOL.id);
  const account = (await page.request.get('/account')).headers();
  expect(account['cache-control']).toBe('private, no-store');
  expect(account['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(account['content-security-policy']).toMatch(/script-src 'self' 'nonce-/);
  expect(account['content-security-policy']).toContain("worker-src 'self'");
  expect(account['x-content-type-options']).toBe('nosniff');
  expect(account['x-frame-options']).toBeDefined();
  for (const path of ['/sign-in/link/any', '/account/address/any']) {
    const answer = await page.request.get(path);
    expect(answer.status(), path).toBe(404);
    expect(answer.headers()['referrer-policy'], path).toBe('strict-origin');
  }
});
