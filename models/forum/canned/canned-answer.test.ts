import { describe, expect, it } from 'vitest';
import { HubError } from '../../error.ts';
import { MESSAGE_CHARS_MAX } from '../forum.ts';
import {
  cannedSchema,
  demandFilled,
  demandKnown,
  fill,
  TITLE_CHARS_MAX,
  TITLE_CHARS_MIN,
  unfilledIn,
} from './canned-answer.ts';

const refusal = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    if (error instanceof HubError) return { code: error.code, ...error.params };
    throw error;
  }
  return null;
};

describe('a canned answer', () => {
  const text = '{Institution}: код {code}. Файл принимается до {deadline}. {Не место} и { code } остаются.';

  it('has its placeholders filled with what is known, and what is not stays to be seen', () => {
    expect(fill(text, { institution: 'СОШ № 1', deadline: '29.11.2013' })).toBe(
      'СОШ № 1: код {code}. Файл принимается до 29.11.2013. {Не место} и { code } остаются.',
    );
    // What is filled in is text: it begins nothing anew.
    expect(fill('{institution}', { institution: '{code}', code: 'x' })).toBe('{code}');
  });

  it('[S1-40] is no answer while a placeholder stands in it', () => {
    expect(refusal(() => demandFilled('Код {code}'))).toEqual({ code: 'placeholder_unfilled', name: 'code' });
    expect(unfilledIn('Пишите {фамилию} и {x}')).toBeNull();
    expect(refusal(() => demandFilled('Готово'))).toBeNull();
  });

  it('is not kept with a placeholder that nothing fills', () => {
    expect(refusal(() => demandKnown('До {deadine}'))).toEqual({ code: 'placeholder_unknown', name: 'deadine' });
    expect(refusal(() => demandKnown(text))).toBeNull();
  });

  it('has a title and a text of bounded length', () => {
    const of = (title: number, length: number) =>
      cannedSchema.safeParse({ id: null, rev: 0, title: 'т'.repeat(title), text: 'а'.repeat(length) }).success;
    expect(of(TITLE_CHARS_MIN, 1)).toBe(true);
    expect(of(TITLE_CHARS_MIN - 1, 1)).toBe(false);
    expect(of(TITLE_CHARS_MAX, MESSAGE_CHARS_MAX)).toBe(true);
    expect(of(TITLE_CHARS_MAX + 1, 1)).toBe(false);
    expect(of(TITLE_CHARS_MAX, MESSAGE_CHARS_MAX + 1)).toBe(false);
  });
});
