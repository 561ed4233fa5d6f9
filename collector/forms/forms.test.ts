import { describe, expect, it } from 'vitest';
import { aroundField, FIELD_AREA_MM, findForm, formSchema } from '../form.ts';
import { ANSWERS } from './answers.ts';
import { FORMS } from './index.ts';

describe('the forms', () => {
  it('[S1-12] keep the rules of a form, and no two share a number and version', () => {
    for (const form of FORMS) expect(formSchema.safeParse(form).error?.issues ?? []).toEqual([]);
    expect(new Set(FORMS.map(({ number, version }) => `${number}/${version}`)).size).toBe(FORMS.length);
  });

  it('a field beyond its area, over another, or twice is refused', () => {
    const [front] = ANSWERS.pages;
    const withField = (x: number, key: string): unknown => ({
      ...ANSWERS,
      pages: [
        {
          ...front,
          fields: [
            { kind: 'text', key: 'first', label: 'a', box: { x: 20, y: 60, width: 10, height: 10 } },
            { kind: 'text', key, label: 'a', box: { x, y: 60, width: 10, height: 10 } },
          ],
        },
      ],
    });
    const edge = FIELD_AREA_MM.x + FIELD_AREA_MM.width;
    expect(formSchema.safeParse(withField(edge - 10, 'second')).success).toBe(true);
    expect(formSchema.safeParse(withField(edge - 9.9, 'second')).success).toBe(false);
    expect(formSchema.safeParse(withField(29.9, 'second')).success).toBe(false);
    expect(formSchema.safeParse(withField(30, 'first')).success).toBe(false);
  });

  it('the crop of a field holds all of its marks', () => {
    const [first] = ANSWERS.pages[0]?.fields ?? [];
    expect(first && aroundField(first)).toEqual({ x: 25, y: 59, width: 75, height: 11 });
  });

  it('[S1-12] an unknown version is told from an unknown form', () => {
    const second = { ...ANSWERS, version: 2 };
    expect(findForm([ANSWERS, second], 1, 1)).toEqual({ form: ANSWERS, isExact: true, newest: 2 });
    expect(findForm([ANSWERS, second], 1, 3)).toEqual({ form: second, isExact: false, newest: 2 });
    expect(findForm([ANSWERS], 99, 1)).toBeNull();
  });
});
