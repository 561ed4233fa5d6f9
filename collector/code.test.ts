import { describe, expect, it } from 'vitest';
import { ALPHABET, CODE_CHARS, decode, encode, isSameWork, type PageCode, parseTypedCode, spell } from './code.ts';

const CODE: PageCode = {
  ...{ procedure: 1907, institution: 48_013, holder: { kind: 'participant', number: 1024 } },
  ...{ form: 1, version: 2, page: 1 },
};
const LARGEST: PageCode = {
  ...{ procedure: 0xffff, institution: 0xff_ffff, holder: { kind: 'batch', number: 0x7_ffff } },
  ...{ form: 255, version: 63, page: 31 },
};

describe('the code of a page', () => {
  it('[S1-12] twenty signs say all that a page is, and nothing but exactly these signs is taken', () => {
    for (const code of [CODE, LARGEST]) {
      expect(encode(code)).toHaveLength(CODE_CHARS);
      expect(decode(encode(code))).toEqual(code);
      expect(decode(`${encode(code)} `)).toBeNull();
      expect(decode(encode(code).toLowerCase())).toBeNull();
    }
  });

  it('figures beyond their limits make no code', () => {
    expect(() => encode({ ...LARGEST, procedure: 0x1_0000 })).toThrow();
    expect(() => encode({ ...LARGEST, institution: 0x100_0000 })).toThrow();
    expect(() => encode({ ...LARGEST, holder: { kind: 'spare', number: 0x8_0000 } })).toThrow();
    expect(() => encode({ ...LARGEST, form: 256 })).toThrow();
    expect(() => encode({ ...LARGEST, version: 64 })).toThrow();
    expect(() => encode({ ...LARGEST, page: 32 })).toThrow();
    expect(() => encode({ ...CODE, page: 0 })).toThrow();
  });

  it('[S1-12] every single wrong sign is noticed', () => {
    for (const code of [CODE, LARGEST]) {
      const text = encode(code);
      for (let at = 0; at < CODE_CHARS; at++)
        for (const sign of ALPHABET)
          if (sign !== text[at])
            expect(parseTypedCode(text.slice(0, at) + sign + text.slice(at + 1))).toEqual({ kind: 'checksum' });
    }
  });

  it('[S1-12] two neighbours that changed places are noticed', () => {
    for (let number = 0; number < 300; number++) {
      const text = encode({ ...CODE, holder: { kind: 'participant', number } });
      for (let at = 0; at + 1 < CODE_CHARS; at++) {
        const swapped = text.slice(0, at) + text.charAt(at + 1) + text.charAt(at) + text.slice(at + 2);
        if (swapped !== text) expect(parseTypedCode(swapped)).toEqual({ kind: 'checksum' });
      }
    }
  });

  it('any two wrong signs are noticed', () => {
    const text = Array.from(encode(CODE));
    for (let one = 0; one < CODE_CHARS; one++)
      for (let other = one + 1; other < CODE_CHARS; other++)
        for (const step of [1, 7, 20, 31]) {
          const wrong = text.map((sign, at) =>
            at === one || at === other ? ALPHABET.charAt((ALPHABET.indexOf(sign) + step) % 32) : sign,
          );
          expect(decode(wrong.join(''))).toBeNull();
        }
  });

  it('signs that are all alike are no code', () => {
    for (const sign of ALPHABET) expect(decode(sign.repeat(CODE_CHARS))).toBeNull();
  });
});

describe('a code typed by a person', () => {
  it('[S1-12] may have spaces, hyphens, small letters, O for 0, I and L for 1, and Cyrillic letters', () => {
    const text = encode(CODE);
    expect(spell(text)).toMatch(/^(\w{4} ){4}\w{4}$/);
    const forms = [
      spell(text),
      spell(text).replaceAll(' ', '–'),
      text.toLowerCase(),
      text.replaceAll('0', 'O').replaceAll('1', 'l'),
      text.replaceAll('0', 'о').replaceAll('1', 'I'),
      Array.from(text)
        .map((sign) => ({ A: 'А', B: 'В', C: 'С', E: 'Е', H: 'Н', K: 'К', M: 'М', X: 'Х' })[sign] ?? sign)
        .join(''),
    ];
    for (const typed of forms) expect(parseTypedCode(typed)).toEqual({ kind: 'code', code: CODE, text });
  });

  it('is told apart when too short, too long, or with a sign that is in no code', () => {
    const text = encode(CODE);
    expect(parseTypedCode('')).toEqual({ kind: 'length', chars: 0 });
    expect(parseTypedCode(text.slice(1))).toEqual({ kind: 'length', chars: 19 });
    expect(parseTypedCode(`${text}7`)).toEqual({ kind: 'length', chars: 21 });
    expect(parseTypedCode(`${text.slice(0, 3)}Ж${text.slice(4)}`)).toEqual({ kind: 'sign', at: 3 });
    expect(parseTypedCode('U')).toEqual({ kind: 'sign', at: 0 });
  });

  it('pages of one work differ in the page alone', () => {
    expect(isSameWork(CODE, { ...CODE, page: 2 })).toBe(true);
    expect(isSameWork(CODE, { ...CODE, holder: { kind: 'spare', number: 1024 } })).toBe(false);
  });
});
