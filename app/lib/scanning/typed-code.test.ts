import { describe, expect, it } from 'vitest';
import { encode } from '#collector/code.ts';
import { grouped, optionOf, typedState } from './typed-code.ts';

const TEXT = encode({
  ...{ procedure: 1, institution: 1, holder: { kind: 'participant', number: 7 } },
  ...{ form: 1, version: 1, page: 1 },
});

describe('a code that is typed from the paper', () => {
  it('[S1-12] stands in groups of four, whatever was typed between', () => {
    expect(grouped('k7qf-2m9 x0')).toBe('K7QF 2M9X 0');
    expect(grouped(' ')).toBe('');
  });

  it('[S1-12] says which sign is wrong, how many are missing, and that the checksum fails', () => {
    expect(typedState('')).toEqual({ kind: 'empty' });
    expect(typedState(TEXT.slice(0, 19))).toEqual({ kind: 'short', chars: 19 });
    expect(typedState(`${TEXT}0`)).toEqual({ kind: 'long', chars: 21 });
    expect(typedState(`0000 0?00`)).toEqual({ kind: 'sign', sign: '?', n: 6, at: 6 });
    expect(typedState(`${TEXT.slice(0, 19)}${TEXT[19] === '7' ? '8' : '7'}`)).toEqual({ kind: 'checksum' });
    expect(typedState(grouped(TEXT).toLowerCase())).toEqual({ kind: 'code' });
  });

  it('[S1-12] an answer is chosen by its printed letter, or by its place when the layout is Latin', () => {
    const options = ['А', 'Б', 'В', 'Г'].map((label) => ({ label }));
    expect(optionOf(options, { key: 'б', code: 'Comma' })?.label).toBe('Б');
    expect(optionOf(options, { key: 'b', code: 'KeyB' })?.label).toBe('Б');
    expect(optionOf(options, { key: 'в', code: 'KeyD' })?.label).toBe('В');
    expect(optionOf(options, { key: 'e', code: 'KeyE' })).toBe(null);
    expect(optionOf([{ label: 'Не явился' }], { key: 'a', code: 'KeyA' })?.label).toBe('Не явился');
  });
});
