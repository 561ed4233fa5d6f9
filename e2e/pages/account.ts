/** The pages of signing in beyond the first, and the account. */
import type { Locator, Page } from '@playwright/test';

export class Entrance {
  readonly page: Page;
  readonly newPassword: Locator;
  readonly setPassword: Locator;
  readonly code: Locator;
  readonly secret: Locator;
  readonly turnOn: Locator;
  readonly recovery: Locator;
  readonly kept: Locator;

  constructor(page: Page) {
    this.page = page;
    this.newPassword = page.getByLabel('Новый пароль');
    this.setPassword = page.getByRole('button', { name: 'Задать пароль' });
    this.code = page.getByRole('main').getByRole('textbox');
    this.secret = page.locator('code.mono');
    this.turnOn = page.getByRole('button', { name: 'Включить второй фактор' });
    this.recovery = page.getByRole('region', { name: 'Коды восстановления' }).getByRole('listitem');
    this.kept = page.getByRole('link', { name: 'Коды сохранены, продолжить' });
  }

  /** The key that is shown to be typed. */
  async readSecret(): Promise<string> {
    return (await this.secret.innerText()).replaceAll('-', '');
  }

  async enterCode(code: string): Promise<void> {
    await this.code.fill(code);
    await this.page.getByRole('main').getByRole('button', { name: 'Войти' }).click();
  }
}

export class AccountPage {
  readonly page: Page;
  readonly sessions: Locator;
  readonly endOthers: Locator;
  readonly email: Locator;

  constructor(page: Page) {
    this.page = page;
    this.sessions = page.getByRole('region', { name: 'Где вы вошли' }).getByRole('listitem');
    this.endOthers = page.getByRole('button', { name: 'Завершить остальные сеансы' });
    this.email = page.getByRole('region', { name: 'Почта для писем' });
  }

  async open(): Promise<void> {
    await this.page.goto('/account');
  }
}
