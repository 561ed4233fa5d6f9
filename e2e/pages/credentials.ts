/** Access data: the table of a territory, one institution's access, and the making of many. */
import type { Locator, Page } from '@playwright/test';
import { expect } from '../fixtures.ts';
import type { Institution } from '../region.ts';

export class CredentialsPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.goto('/credentials');
    await expect(this.page.getByText('на связи', { exact: true })).toBeVisible();
  }

  row(who: Institution): Locator {
    return this.page.getByRole('row', { name: who.name });
  }

  /** Does a deed for everything that is shown and fit for it. */
  async doAll(name: string): Promise<void> {
    await this.page.getByRole('button', { name: new RegExp(`^${name} ·`) }).click();
    const dialog = this.page.getByRole('alertdialog');
    await dialog.getByRole('button', { name, exact: true }).click();
    await expect(dialog).toBeHidden();
  }
}

export class AccessPage {
  readonly page: Page;
  readonly email: Locator;
  readonly verify: Locator;
  readonly openSecret: Locator;
  readonly hand: Locator;
  readonly secret: Locator;

  constructor(page: Page) {
    this.page = page;
    this.email = page.getByLabel('Электронная почта руководителя');
    this.verify = page.getByRole('button', { name: 'Подтвердить адрес' });
    this.openSecret = page.getByRole('button', { name: 'Открыть пароль' });
    this.hand = page.getByRole('button', { name: 'Передан организации' });
    this.secret = page.locator('code').last();
  }

  async open(who: Institution): Promise<void> {
    await this.page.goto(`/credentials/${who.id}`);
    await expect(this.page.getByText('на связи', { exact: true })).toBeVisible();
  }

  entry(text: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: text });
  }
}
