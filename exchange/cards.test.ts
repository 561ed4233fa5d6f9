import { afterAll, describe, expect, it } from 'vitest';
import type { AccessCard, CardWords } from '#models/attendance/workbook.ts';
import { createWorkbooks } from './workbooks.ts';

const workbooks = createWorkbooks({ threads: 1 });
afterAll(() => workbooks.close());

const words: CardWords = {
  ...{
    title: 'Карточки',
    forWhom: 'Кому',
    site: 'Сайт',
    username: 'Имя',
    secret: 'Пароль',
    instructions: 'Инструкция',
  },
  ...{ note: 'Смените пароль', foldIn: 'сгиб внутрь', foldBack: 'сгиб назад', cut: 'отрез' },
};
const card = (institutionName: string, instructions: string | null = null): AccessCard => ({
  ...{ institution: 'i48-1', institutionName, parentName: 'Округ № 1', site: 'https://svod.example.org/sign-in' },
  ...{ username: 'i48-1', secret: 'aaaa-bbbb-cccc-dddd', instructions, openedAt: '20.11.2013' },
});
const pagesOf = (pdf: Uint8Array): number =>
  Buffer.from(pdf)
    .toString('latin1')
    .match(/\/Type \/Page\b/g)?.length ?? 0;

describe('cards of access data', () => {
  it('[S4-11] stand one or two on a sheet', async () => {
    const cards = [card('Первая'), card('Вторая'), card('Третья')];
    expect(pagesOf(await workbooks.cardsPdf(cards, words, 2))).toBe(2);
    expect(pagesOf(await workbooks.cardsPdf(cards, words, 1))).toBe(3);
  });

  it('[S1-32] of a name and an address of the greatest length stay on their own strip', async () => {
    const longest = card('Учреждение '.repeat(28).slice(0, 300), `https://example.org/${'a'.repeat(130)}`);
    expect(pagesOf(await workbooks.cardsPdf([longest, longest], words, 2))).toBe(1);
  });
});

describe('a table on paper', () => {
  it('goes on over pages, and cuts no row in two', async () => {
    const row = (at: number) => ['Округ № 1', `i48-${at}`, 'Школа '.repeat(at % 7 === 0 ? 60 : 1), null];
    const rows = Array.from({ length: 100 }, (_, at) => row(at));
    const head = { title: 'Доступы', subtitle: 'Липецкая область', page: 'стр.' };
    const made = await workbooks.tablePdf(head, ['а', 'б', 'в', 'г'], [2, 1, 4, 1], rows);
    expect(pagesOf(made)).toBeGreaterThan(2);
    expect(pagesOf(await workbooks.tablePdf(head, ['а', 'б', 'в', 'г'], [2, 1, 4, 1], []))).toBe(1);
  });
});
