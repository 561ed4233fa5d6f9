import { describe, expect, it } from 'vitest';
import {
  isMatch,
  rankOf,
  SEARCH_CHARS_MAX,
  SEARCH_TERMS_MAX,
  tailsOf,
  termsOf,
  unitWords,
  wordsOf,
} from './unit-search.ts';

const school = {
  id: 'i48-101',
  name: 'МБОУ «Средняя школа № 5 имени Ёлкина»',
  shortName: 'СШ № 5',
  status: { status: 'active' as const },
};
const words = unitWords(school);
const finds = (sought: string): boolean => isMatch(words, termsOf(sought));

describe('search', () => {
  it('finds any part of a name or a code, whatever the case and «ё»', () => {
    for (const sought of ['школ', 'РЕДНЯ', 'елкин', 'ЁЛКИН', '№ 5', 'i48-101', '48-10', 'сш 5', 'школа средняя'])
      expect([sought, finds(sought)]).toEqual([sought, true]);
    for (const sought of ['гимназия', 'школа 6', 'i49']) expect([sought, finds(sought)]).toEqual([sought, false]);
  });

  it('keeps for each word its tails, so that a part is a beginning', () => {
    expect(tailsOf('ёж')).toEqual(['ёж', 'ж']);
    for (const word of words)
      for (let from = 0; from < word.length; from += 1)
        for (let to = from + 1; to <= word.length; to += 1)
          expect(tailsOf(word).some((tail) => tail.startsWith(word.slice(from, to)))).toBe(true);
  });

  it('ranks a whole word before a beginning before a middle, and what ended last', () => {
    const ended = { ...school, status: { status: 'closed' as const, successor: null, atMs: 1 } };
    const rank = (sought: string, unit: Parameters<typeof rankOf>[0] = school) => rankOf(unit, words, termsOf(sought));
    expect(rank('школа')).toBeLessThan(rank('школ'));
    expect(rank('школ')).toBeLessThan(rank('кола'));
    expect(rank('школа')).toBeLessThan(rank('школа', ended));
  });

  it('looks at so many signs and terms and no more', () => {
    expect(termsOf('а '.repeat(SEARCH_TERMS_MAX + 1)).length).toBe(1);
    expect(termsOf(Array.from({ length: SEARCH_TERMS_MAX + 1 }, (_, at) => `с${at}`).join(' ')).length).toBe(
      SEARCH_TERMS_MAX,
    );
    expect(termsOf(`${' '.repeat(SEARCH_CHARS_MAX)}школа`)).toEqual([]);
    expect(wordsOf('')).toEqual([]);
  });
});
