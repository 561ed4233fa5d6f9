/**
 * What looks like personal data in a text: everybody in all regions would read it (S0-01). A warning, never a refusal: a number may
 * be something else, and only the writer knows. Pure.
 */

export const PERSONAL_DATA = ['phone', 'snils', 'passport', 'email'] as const;
export type PersonalData = (typeof PERSONAL_DATA)[number];

/** A Russian telephone: +7 or 8, and ten digits however they are written. */
const PHONE = /(?<![\d-])(?:\+7|8)[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?![\d-])/;
/** Eleven digits, with or without the signs between them; the last two must check the others. */
const SNILS = /(?<![\d-])\d{3}[\s-]?\d{3}[\s-]?\d{3}[\s-]?\d{2}(?![\d-])/g;
/** Series and number apart. Ten digits in one are rather an organization's tax number, unless the word stands before them. */
const PASSPORT =
  /(?<![\d-])\d{2}\s?\d{2}\s+(?:№\s*)?\d{6}(?![\d-])|паспорт\p{L}*[\s:,.№-]*(?:сери\p{L}*\s*)?\d{2}\s?\d{2}\s*(?:№|номер)?\s*\d{6}(?!\d)/iu;
const EMAIL = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/;

function isSnils(written: string): boolean {
  const digits = written.replaceAll(/\D/g, '');
  const sum = Array.from({ length: 9 }, (_, index) => Number(digits.charAt(index)) * (9 - index)).reduce(
    (total, part) => total + part,
  );
  return (sum % 101) % 100 === Number(digits.slice(9));
}

export function personalDataIn(text: string): PersonalData[] {
  const found: Record<PersonalData, boolean> = {
    phone: PHONE.test(text),
    snils: [...text.matchAll(SNILS)].some(([written]) => isSnils(written)),
    passport: PASSPORT.test(text),
    email: EMAIL.test(text),
  };
  return PERSONAL_DATA.filter((kind) => found[kind]);
}
