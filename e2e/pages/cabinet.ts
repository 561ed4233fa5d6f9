/** An institution's cabinet: what is needed now, the template, the file, the tick, the report. */
import type { Download, Locator, Page } from '@playwright/test';
import { BASE, type Institution } from '../region.ts';

export class CabinetPage {
  readonly page: Page;
  readonly title: Locator;
  /** The card «Сейчас нужно». */
  readonly need: Locator;
  readonly steps: Locator;
  readonly templateLinks: Locator;
  readonly file: Locator;
  readonly tick: Locator;
  readonly send: Locator;
  readonly progress: Locator;
  readonly report: Locator;
  readonly plot: Locator;
  /** The errors of the latest file, one a row. */
  readonly errors: Locator;
  readonly errorsTitle: Locator;
  /** Links to the copy with the errors written in. */
  readonly annotated: Locator;
  /** How the accepted file was understood. */
  readonly notes: Locator;
  readonly history: Locator;
  /** The tick on a file that was sent without it. */
  readonly laterTick: Locator;
  readonly confirm: Locator;
  readonly live: Locator;

  constructor(page: Page) {
    this.page = page;
    this.title = page.getByRole('heading', { level: 1 });
    const now = page.getByText('Сейчас нужно', { exact: true });
    this.need = page.getByRole('region').filter({ has: now });
    this.steps = page.getByRole('list', { name: 'Этапы работы' }).getByRole('listitem');
    this.templateLinks = page.getByRole('link', { name: 'Шаблон для заполнения данных о посещаемости' });
    const sending = page.getByRole('region', { name: 'Отправка' });
    this.file = sending.getByLabel(/^(Выберите файл|Выбрать другой файл)$/);
    this.tick = sending.getByRole('checkbox', { name: /^Администрация/ });
    this.send = page.getByRole('button', { name: 'Отправить файл с данными' });
    this.progress = page.getByRole('progressbar', { name: /^Отправляется/ });
    this.report = page.getByRole('article', { name: 'Отчёт о посещаемости' });
    this.plot = this.report.getByRole('img', { name: /^Пропущено уроков по классам/ });
    this.errors = page
      .getByRole('table', { name: 'Ошибки в файле' })
      .getByRole('row')
      .filter({ has: page.getByRole('cell') });
    this.errorsTitle = page.getByRole('heading', { name: /ошиб(ка|ки|ок) в файле/ });
    this.annotated = page.getByRole('link', { name: 'Скачать файл с пометками об ошибках' });
    this.notes = page.getByRole('table', { name: 'Замечания к файлу', includeHidden: true }).locator('tbody tr');
    this.history = page
      .locator('section')
      .filter({ has: page.getByRole('heading', { name: 'Отправленные файлы' }) })
      .getByRole('listitem');
    this.laterTick = this.need.getByRole('checkbox', { name: /^Администрация/ });
    this.confirm = this.need.getByRole('button', { name: 'Подтвердить' });
    this.live = page.getByText('на связи', { exact: true });
  }

  /** Opens the cabinet and waits until it is alive: what is pressed before that would be lost. */
  async open({ id }: Institution): Promise<void> {
    await this.page.goto(`${BASE}/cabinet/${id}`);
    await this.live.waitFor();
  }

  needs(what: string): Locator {
    return this.need.getByRole('heading', { name: what });
  }

  /** Chooses a file, sets the tick and sends it. */
  async sendConfirmed(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
    await this.file.setInputFiles(file);
    await this.tick.check();
    await this.send.click();
  }

  /** The errors as «code cell», the code alone for the file as a whole. */
  async listedErrors(): Promise<string[]> {
    const rows = await this.errors.all();
    return Promise.all(
      rows.map(async (row) => {
        const code = (await row.getAttribute('data-code')) ?? '';
        const cell = await row.getByRole('cell').nth(1).innerText();
        return cell === '—' ? code : `${code} ${cell}`;
      }),
    );
  }

  async download(link: Locator): Promise<Download> {
    const [download] = await Promise.all([this.page.waitForEvent('download'), link.click()]);
    return download;
  }
}
