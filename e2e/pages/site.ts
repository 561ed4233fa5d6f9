/** The public pages of a monitoring: about, registration, the ticket, participants; and signing in. */
import type { Locator, Page } from '@playwright/test';
import { BASE, ORGANIZER, PASSWORD, type Institution } from '../region.ts';

/** A refusal or a notice by a part of its title. */
export const notice = (page: Page, title: string | RegExp): Locator => page.getByRole('heading', { name: title });

export class Site {
  readonly page: Page;
  readonly menu: Locator;

  constructor(page: Page) {
    this.page = page;
    this.menu = page.getByRole('banner').getByRole('navigation');
  }

  async open(path = ''): Promise<void> {
    await this.page.goto(`${BASE}${path}`);
  }

  menuItem(name: string): Locator {
    return this.menu.getByRole('link', { name, exact: true });
  }
}

export class RegistrationPage {
  readonly page: Page;
  readonly address = `${BASE}/registration`;
  readonly send: Locator;

  constructor(page: Page) {
    this.page = page;
    this.send = page.getByRole('button', { name: 'Зарегистрировать' });
  }

  async open(): Promise<void> {
    await this.page.goto(this.address);
  }

  async choose({ municipalityName, id }: Institution): Promise<void> {
    await this.page.getByRole('combobox', { name: 'Муниципалитет' }).selectOption(municipalityName);
    await this.page.getByRole('combobox', { name: 'Организация' }).selectOption(id);
  }

  async nameOrganizer(organizer = ORGANIZER): Promise<void> {
    await this.page.getByLabel('Фамилия', { exact: true }).fill(organizer.surname);
    await this.page.getByLabel('Имя', { exact: true }).fill(organizer.firstName);
    await this.page.getByLabel('Отчество').fill(organizer.patronymic);
    await this.page.getByLabel('Должность').fill(organizer.position);
    await this.page.getByLabel('Телефон').fill(organizer.phone);
    await this.page.getByLabel('Электронная почта').fill(organizer.email);
  }
}

/** The page that the holder of a registration's address sees. */
export class TicketPage {
  readonly page: Page;
  readonly awaited: Locator;
  readonly given: Locator;
  readonly username: Locator;
  readonly password: Locator;
  readonly create: Locator;

  constructor(page: Page) {
    this.page = page;
    this.awaited = notice(page, 'Заявка у центра');
    this.given = notice(page, 'Доступ открыт: задайте имя и пароль');
    this.username = page.getByLabel('Имя для входа');
    this.password = page.getByLabel('Пароль', { exact: true });
    this.create = page.getByRole('button', { name: 'Создать и войти' });
  }
}

export class SignInPage {
  readonly page: Page;
  readonly username: Locator;
  readonly password: Locator;
  readonly enter: Locator;
  readonly title: Locator;

  constructor(page: Page) {
    this.page = page;
    this.title = page.getByRole('heading', { name: 'Вход', exact: true });
    this.username = page.getByLabel('Имя для входа');
    this.password = page.getByLabel('Пароль', { exact: true });
    this.enter = page.getByRole('main').getByRole('button', { name: 'Войти' });
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`/sign-in${query}`);
  }

  async signIn(username: string, password = PASSWORD): Promise<void> {
    await this.username.fill(username);
    await this.password.fill(password);
    await this.enter.click();
  }
}
