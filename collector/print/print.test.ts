import { describe, expect, it } from 'vitest';
import { decode, encode } from '../code.ts';
import { renderPdf } from '../degrade/paper.ts';
import { ANSWERS } from '../forms/answers.ts';
import { ATTENDANCE_SHEET } from '../forms/attendance.ts';
import { searchCodes } from '../read/search.ts';
import type { PrintItem, PrintWords } from '../reading.ts';
import { print } from './print.ts';

const WORDS: PrintWords = {
  ...{ title: 'Бланки', pageOf: 'Страница {page} из {pages}', correction: 'Замена' },
  ...{ participant: 'Участник', spare: 'Запасной', room: 'Аудитория', batch: 'Пачка' },
};
const itemOf = (number: number): PrintItem => ({
  ...{ form: ANSWERS, procedure: 12, institution: 345, holder: { kind: 'participant', number }, lines: ['Колледж'] },
});

describe('print', () => {
  it('[S1-12] every page carries its code three times, for any reader', async () => {
    const pieces: Uint8Array[] = [];
    const rows = ['1001', '1002'];
    const sheet: PrintItem = { ...itemOf(7), form: ATTENDANCE_SHEET, holder: { kind: 'room', number: 7 }, rows };
    const done = await print({ words: WORDS, items: [itemOf(6), sheet] }, (piece) => void pieces.push(piece));
    expect(done).toEqual({ pages: 3 });
    const images = await renderPdf(Buffer.concat(pieces), 150);
    const codes = await Promise.all(images.map((image) => searchCodes(image)));
    const { procedure, institution, holder } = itemOf(6);
    const answers = { procedure, institution, holder, form: 1, version: 1 };
    const expected = [
      { ...answers, page: 1 },
      { ...answers, page: 2 },
      { ...answers, holder: { kind: 'room' as const, number: 7 }, form: 3, page: 1 },
    ];
    for (const [at, page] of expected.entries()) {
      expect(codes[at]?.map(({ text }) => text)).toEqual([encode(page), encode(page), encode(page)]);
      expect(decode(codes[at]?.[0]?.text ?? '')).toEqual(page);
    }
  });

  it('[S1-12] tells how far it is, piece by piece, and ends at its limit or when it is called off', async () => {
    const told: number[] = [];
    const many = Array.from({ length: 120 }, (_, number) => itemOf(number));
    await print({ words: WORDS, items: many }, (_, pagesDone) => void told.push(pagesDone));
    expect(told.length).toBeGreaterThan(3);
    expect(told.at(-1)).toBe(240);
    await expect(print({ words: WORDS, items: many, pagesMax: 239 }, () => undefined)).rejects.toThrow(RangeError);
    const signal = AbortSignal.abort(new Error('called off'));
    await expect(print({ words: WORDS, items: many, signal }, () => undefined)).rejects.toThrow('called off');
  });
});
