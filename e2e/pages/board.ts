/** A coordinator's board. */
import type { Locator, Page } from '@playwright/test';
import { BASE, type Institution } from '../region.ts';

/** Headings of the steps, in their order; the first column is the name. */
export const STEPS = [
  'Зарегистрирована',
  'Шаблон скачан',
  'Файл отправлен',
  'Подтверждён',
  'Обработан',
  'Отчёт',
] as const;
export type Step = (typeof STEPS)[number];

export class BoardPage {
  readonly page: Page;
  readonly table: Locator;
  readonly search: Locator;
  readonly live: Locator;
  /** «нет связи с …». */
  readonly lost: Locator;
  readonly asOf: Locator;
  readonly dialog: Locator;

  constructor(page: Page) {
    this.page = page;
    this.table = page.getByRole('treegrid', { name: 'Организации по муниципалитетам и этапам' });
    this.search = page.getByRole('searchbox', { name: 'Найти организацию' });
    this.live = page.getByText('на связи', { exact: true });
    this.lost = page.getByText(/^нет связи с \d\d:\d\d:\d\d$/);
    this.asOf = page.getByText(/^на .+, изменение № /);
    this.dialog = page.getByRole('dialog');
  }

  async open(query = ''): Promise<void> {
    await this.page.goto(`${BASE}/board${query}`);
    await this.live.waitFor();
  }

  /** All lines but the headings and the sums. */
  get names(): Locator {
    return this.table.locator('tbody').getByRole('rowheader');
  }

  row({ name }: Pick<Institution, 'name'>): Locator {
    return this.table.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name, exact: true }) });
  }

  municipality(name: string): Locator {
    return this.table.getByRole('row').filter({ has: this.page.getByRole('rowheader', { name }) });
  }

  cell(who: Pick<Institution, 'name'>, step: Step): Locator {
    return this.row(who).getByRole('gridcell').nth(STEPS.indexOf(step));
  }

  heading(name: string): Locator {
    return this.table.getByRole('columnheader', { name });
  }

  /** The sums under the table. */
  sum(step: Step): Locator {
    return this.table.locator('tfoot').getByRole('gridcell').nth(STEPS.indexOf(step));
  }

  /** A headline figure that filters. */
  figure(label: string): Locator {
    return this.page.getByRole('group', { name: 'Отбор' }).getByRole('button', { name: label });
  }

  async openInstitution(who: Pick<Institution, 'name'>): Promise<void> {
    await this.row(who).getByRole('rowheader').click();
  }
}
