/** Asking for a cabinet, the centre's queue, the overview, and an institution's information of itself. */
import type { Locator, Page } from '@playwright/test';
import { ORGANIZER, type Institution } from '../region.ts';

export class RequestForm {
  readonly page: Page;
  readonly search: Locator;
  readonly send: Locator;

  constructor(page: Page) {
    this.page = page;
    this.search = page.getByRole('searchbox', { name: 'Найти организацию' });
    this.send = page.getByRole('button', { name: 'Отправить запрос' });
  }

  async choose({ name }: Institution): Promise<void> {
    await this.search.fill(name);
    await this.page.getByRole('main').getByRole('link', { name, exact: true }).click();
  }

  async fill(coordinator = ORGANIZER): Promise<void> {
    await this.page.getByLabel('Руководитель организации').fill('Тестов Иван Иванович');
    await this.page.getByLabel('Номер письма').fill('01-12/7');
    await this.page.getByLabel('Дата письма').fill('2013-11-19');
    await this.page.getByLabel('Фамилия', { exact: true }).fill(coordinator.surname);
    await this.page.getByLabel('Имя', { exact: true }).fill(coordinator.firstName);
    await this.page.getByLabel('Отчество').fill(coordinator.patronymic);
    await this.page.getByLabel('Должность').fill(coordinator.position);
    await this.page.getByLabel('Телефон').fill(coordinator.phone);
    await this.page.getByLabel('Электронная почта').fill(coordinator.email);
  }
}

/** A row of a table of the centre, by the institution in its first cell. */
export const row = (page: Page, { name }: Institution): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });

export class InformationPage {
  readonly page: Page;
  readonly menu: Locator;
  readonly edit: Locator;
  readonly site: Locator;
  readonly position: Locator;
  readonly save: Locator;

  constructor(page: Page) {
    this.page = page;
    this.menu = page.getByRole('navigation', { name: 'Личный кабинет' });
    this.edit = page.getByRole('link', { name: 'Изменить', exact: true });
    this.site = page.getByLabel('Официальный сайт');
    this.position = page.getByLabel('Должность');
    this.save = page.getByRole('button', { name: 'Сохранить' });
  }

  shown(field: string): Locator {
    return this.page.locator(`dd[data-field="${field}"]`);
  }
}
