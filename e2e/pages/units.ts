/** The tree of units, its imports, and the search that reaches it from everywhere. */
import type { Locator, Page } from '@playwright/test';

export class UnitsPage {
  readonly page: Page;
  readonly filter: Locator;

  constructor(page: Page) {
    this.page = page;
    this.filter = page.getByRole('main').getByRole('searchbox');
  }

  async open(): Promise<void> {
    await this.page.goto('/units', { waitUntil: 'networkidle' });
  }

  async openLine(name: string): Promise<void> {
    await this.page.getByRole('button', { name: `Показать подчинённых: ${name}` }).click();
  }

  line(name: string): Locator {
    return this.page.getByRole('main').getByRole('link', { name, exact: true });
  }
}

export class ImportPage {
  readonly page: Page;
  readonly confirm: Locator;

  constructor(page: Page) {
    this.page = page;
    this.confirm = page.getByRole('main').getByRole('button', { name: /^Записать:/ });
  }

  async send(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.page.goto('/imports', { waitUntil: 'networkidle' });
    await this.page.locator('input[type=file]').setInputFiles(file);
    await this.page.getByRole('button', { name: 'Загрузить и сравнить' }).click();
    await this.page.waitForURL(/\/imports\/[\w-]{20,}$/);
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name: new RegExp(`^${name}`) });
  }
}

export class GlobalSearch {
  readonly dialog: Locator;
  readonly field: Locator;

  constructor(page: Page) {
    this.dialog = page.getByRole('dialog', { name: 'Поиск по своду' });
    this.field = this.dialog.getByRole('searchbox');
  }
}
