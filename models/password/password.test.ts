import { describe, expect, it } from 'vitest';
import { choosePassword, PASSWORD_LENGTH_MAX, passwordSchema, type PasswordRules } from './password.ts';

const LIST = new Set(['password', 'gfhjkm', 'qwertyuiop', 'dragon', 'sunflower', 'ghbdtn']);
const rules = (change: Partial<PasswordRules> = {}): PasswordRules => ({
  lengthMin: 8,
  ownNames: ['school101', 'МБОУ СОШ № 101 «Гармония»'],
  isCommon: (lowered) => LIST.has(lowered),
  ...change,
});
const refusal = (password: string, change?: Partial<PasswordRules>): string | null => {
  try {
    choosePassword(password, rules(change));
    return null;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a password', () => {
  it('may be 8 signs long beside a second factor and 15 alone, not one less', () => {
    expect(refusal('rw8;kd2')).toBe('password_short');
    expect(refusal('rw8;kd2h')).toBeNull();
    expect(refusal('rw8;kd2h-pq0_m', { lengthMin: 15 })).toBe('password_short');
    expect(refusal('rw8;kd2h-pq0_mx', { lengthMin: 15 })).toBeNull();
  });

  it('may be 128 signs long, counted as a person counts them, not one more', () => {
    const long = Array.from({ length: PASSWORD_LENGTH_MAX }, (_, at) =>
      String.fromCodePoint(0x1f600 + ((at * at * 7 + at * 13) % 127)),
    );
    expect(refusal(long.join(''))).toBeNull();
    expect(refusal(`${long.join('')}x`)).toBe('password_long');
  });

  it('may be of letters alone, of spaces and letters, in any script: nothing is prescribed', () => {
    for (const password of [
      'correct horse battery staple',
      'журнал звонок перемена',
      '   межа   луг   ',
      'ключ🗝️ключица🦴',
    ])
      expect([password, refusal(password)]).toEqual([password, null]);
  });

  it('is the same however its signs were composed (NFKC), and is not trimmed', () => {
    const decomposed = 'й'.normalize('NFD');
    expect(decomposed).not.toBe('й');
    expect(choosePassword(` зимни${decomposed} вечер `, rules())).toBe(' зимний вечер ');
    expect(passwordSchema.parse('ﬁlm ｐａｓｓ')).toBe('film pass');
  });

  it('is refused when it is on the list, whatever stands around its letters, in either layout, or twice', () => {
    for (const password of [
      'Password',
      'PASSWORD2026',
      '!!sunflower!!',
      'пароль123',
      'gfhjkm2024',
      'Dragon_Dragon',
      'привет2026',
    ])
      expect([password, refusal(password)]).toEqual([password, 'password_common']);
  });

  it('is refused when it is one piece again and again, or a run of signs', () => {
    for (const password of [
      'aaaaaaaaaaaaaaa',
      'abcabcabcabcabc',
      '12121212',
      '1234567890123456',
      '87654321',
      'abcdefghijklmno',
    ])
      expect([password, refusal(password)]).toEqual([password, 'password_pattern']);
  });

  it('is refused with the name of the person or of the institution inside', () => {
    for (const password of ['my-School101-word', 'наша гармония навсегда', 'мбоу сош 101 навек'])
      expect([password, refusal(password)]).toEqual([password, 'password_own']);
    // Three letters are met inside other words by chance.
    expect(refusal('косошурина печь', { ownNames: ['сош'] })).toBeNull();
  });
});
