/** Publications: what a unit got and sent, the writing of one, and one with its marks. */
import type { Locator, Page } from '@playwright/test';
import { expect } from '../fixtures.ts';

export class PublicationsPage {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async open(): Promise<void> {
    await this.page.goto('/publications');
    await this.live();
  }

  async live(): Promise<void> {
    await expect(this.page.getByText('на связи', { exact: true })).toBeVisible();
  }

  /** A line of what was got. */
  item(title: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: title });
  }

  /** A line of what was sent. */
  sent(title: string): Locator {
    return this.page.getByRole('row').filter({ hasText: title });
  }

  /** A line of the marks. */
  mark(name: string): Locator {
    return this.page.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  /** Writes a publication and sends it to everybody on the list. */
  async publish({ title, text, file, releaseAt }: Written): Promise<void> {
    await this.page.goto('/publications/new');
    await this.live();
    await this.page.getByLabel('Заголовок').fill(title);
    await this.page.getByLabel('Текст', { exact: true }).fill(text);
    if (file) {
      await this.page.getByLabel('Добавить файл').setInputFiles({ ...file, mimeType: 'application/octet-stream' });
      await expect(this.page.getByText(file.name, { exact: true })).toBeVisible();
    }
    if (releaseAt !== undefined) await this.page.getByLabel('Выйдет').fill(releaseAt);
    const verb = releaseAt === undefined ? 'Отправить' : 'Запланировать';
    await this.page.getByRole('button', { name: verb, exact: true }).click();
    const dialog = this.page.getByRole('alertdialog');
    await dialog.getByRole('button', { name: verb, exact: true }).click();
    await expect(this.page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
    await this.live();
    // Rows wait while a pointer rests over their table.
    await this.page.mouse.move(0, 0);
  }
}

export interface Written {
  title: string;
  text: string;
  file?: { name: string; buffer: Buffer };
  /** In the zone of the region, as `2013-11-21T09:00`. */
  releaseAt?: string;
}
