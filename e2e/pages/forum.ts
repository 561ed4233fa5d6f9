/** The forum of a procedure. */
import type { Locator, Page } from '@playwright/test';
import { BASE } from '../region.ts';

export class ForumPage {
  readonly page: Page;
  readonly list: Locator;
  readonly thread: Locator;
  readonly composer: Locator;
  readonly text: Locator;
  readonly send: Locator;
  readonly official: Locator;
  readonly queued: Locator;
  readonly similar: Locator;
  readonly live: Locator;

  constructor(page: Page) {
    this.page = page;
    this.list = page.getByTestId('forum-list');
    this.thread = page.getByTestId('thread');
    this.composer = page.getByTestId('composer');
    this.text = this.composer.getByRole('textbox');
    this.send = this.composer.getByRole('button', { name: 'Отправить' });
    this.official = page.getByTestId('official');
    this.queued = page.getByTestId('queued');
    this.similar = page.getByTestId('similar');
    this.live = page.getByText('на связи', { exact: true });
  }

  async open(url = ''): Promise<void> {
    await this.page.goto(`${url}${BASE}/forum`);
    await this.live.waitFor();
  }

  question(text: string | RegExp): Locator {
    return this.list.getByRole('link').filter({ hasText: text });
  }

  /** Messages of the opened thread, in their order. */
  get messages(): Locator {
    return this.thread.locator('li.message');
  }

  button = (name: string): Locator => this.page.getByRole('button', { name, exact: true });

  async ask(text: string): Promise<void> {
    await this.button('Задать вопрос').click();
    await this.text.fill(text);
    await this.send.click();
  }
}
