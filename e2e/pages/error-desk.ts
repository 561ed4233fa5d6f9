/** The desk of upload errors as a specialist uses it who keeps his hands on the keyboard. */
import type { Page } from '@playwright/test';
import { encode } from '#collector/code.ts';
import { expect } from '../fixtures.ts';
import type { PrintedSheet } from '#nemesis/pile.ts';

/** The paper itself: what lies on page `n` of a file. */
export type Paper = (file: string, n: number) => PrintedSheet;

export interface SettledError {
  error: string;
  title: string;
}

/** How long an opened error may take to be his own, before he looks whether somebody else has it (ms). */
const TAKEN_MS = 1_000;

export class ErrorDesk {
  readonly page: Page;
  readonly title;
  readonly ways;
  readonly errors;
  readonly current;
  readonly openCount;
  readonly #decision;
  readonly #panel;

  constructor(page: Page) {
    this.page = page;
    this.title = page.locator('#error-title');
    this.ways = page.getByRole('group', { name: 'Способы решить' });
    this.errors = page.locator('a[data-error]');
    this.current = page.locator('a[data-error][aria-current="true"]');
    this.openCount = page.getByTestId('open-count');
    this.#decision = page.getByRole('region', { name: 'Решение' });
    this.#panel = page.getByTestId('way-panel');
  }

  error(id: string) {
    return this.page.locator(`a[data-error="${id}"]`);
  }

  /** Who has the error that is open, when it is another. */
  held(name: string) {
    return this.page.getByRole('heading', { name: `Эту ошибку разбирает ${name}` });
  }

  /** Walks the queue by its keys as far as an error, and opens it. */
  async open(id: string): Promise<void> {
    const all = await this.errors.count();
    for (let steps = 0; steps < all; steps += 1) {
      await this.page.keyboard.press('j');
      if ((await this.page.locator('a[data-error]:focus').getAttribute('data-error')) === id) break;
    }
    await this.page.keyboard.press('Enter');
  }

  /** The next one that is free, by its key; its id. */
  async openNext(): Promise<string> {
    await this.page.keyboard.press('n');
    await expect(this.ways).toBeVisible();
    return (await this.current.getAttribute('data-error')) ?? '';
  }

  /** Settles what is open and free, one after the other, until nothing is and nothing more comes. */
  async settleAll(paper: Paper, isOver: () => Promise<boolean>): Promise<SettledError[]> {
    const settled: SettledError[] = [];
    for (;;) {
      if (!(await this.#isMine())) {
        if ((await this.errors.count()) === 0 && (await isOver())) return settled;
        await this.page.keyboard.press('n');
        continue;
      }
      const error = (await this.current.getAttribute('data-error')) ?? '';
      const title = (await this.title.textContent()) ?? '';
      await this.#settle(title, paper);
      await expect(this.error(error)).toHaveCount(0);
      settled.push({ error, title });
    }
  }

  /** False when nothing is open, or somebody else has it. */
  #isMine(): Promise<boolean> {
    return this.ways.waitFor({ timeout: TAKEN_MS }).then(
      () => true,
      () => false,
    );
  }

  /** The keys by which a finding of this title is settled. */
  async #settle(title: string, paper: Paper): Promise<void> {
    const { keyboard } = this.page;
    const said = (await this.#decision.textContent()) ?? '';
    const [, file = '', n = ''] = /(скан \d\.pdf), стр\. (\d+)/.exec(said) ?? [];
    switch (title) {
      case 'Код листа не читается':
        return this.#type('1', encode(paper(file, Number(n)).code).toLowerCase());
      case 'Лист другой организации':
        // The organization that is printed on it is offered.
        return this.#type('1', '');
      case 'Страница пустая':
        return keyboard.press('1');
      case 'Отметка неясная':
      case 'Отмечено больше одного ответа': {
        const [, question = ''] = /Задание (\d+)/.exec(said) ?? [];
        return keyboard.press(paper(file, Number(n)).marks[`q${question}`] ?? '0');
      }
      case 'Такая страница уже есть':
      case 'О явке сказано разное':
        return keyboard.press('b');
      case 'Листов не столько, сколько в ведомости':
        return this.#type('2', 'в ведомости описка');
      case 'Страницы не хватает':
        return this.#type('1', 'пришлите оборот бланка 150');
      default:
        throw new Error(`nobody planned «${title}»: ${said}`);
    }
  }

  async #type(way: string, text: string): Promise<void> {
    const { keyboard } = this.page;
    await keyboard.press(way);
    await expect(this.#panel.locator('input').first()).toBeFocused();
    await keyboard.type(text);
    await keyboard.press('Enter');
  }
}
