/**
 * What a password must be: long enough, and not one that others guess first (NIST SP 800-63B, 3.1.1.2). Which signs it is made of
 * is nobody's business. Pure, browser-safe; the list of common passwords is passed in.
 */
import { z } from 'zod';
import { HubError } from '../error.ts';

/** For those who can't sign in without a second factor. */
export const PASSWORD_LENGTH_MIN = 8;
/** For those who may sign in by the password alone. */
export const PASSWORD_ALONE_LENGTH_MIN = 15;
export const PASSWORD_LENGTH_MAX = 128;
/** Words shorter than this are met inside good phrases by chance. */
const OWN_WORD_LENGTH_MIN = 4;

/** One way of writing for one password: «й» may arrive as one sign or as two, by the keyboard it was typed on. */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

/** At the edge: text, normalised, of a size that can be hashed at all. The rest is asked by `choosePassword`, in words. */
export const passwordSchema = z
  .string()
  .min(1)
  .max(PASSWORD_LENGTH_MAX * 8)
  .transform(normalizePassword);

declare const isChosen: unique symbol;
/** A password that the rules have let through: accounts take no other. */
export type ChosenPassword = string & { readonly [isChosen]: true };

export interface PasswordRules {
  lengthMin: number;
  /** Names by which the person and his institution are known. */
  ownNames: readonly string[];
  /** Whether a password, in small letters, is on the list of those that are tried first. */
  isCommon: (lowered: string) => boolean;
}

/** Returns the password as it is to be kept. Errors: HubError `password_short`, `_long`, `_own`, `_pattern`, `_common`. */
export function choosePassword(given: string, { lengthMin, ownNames, isCommon }: PasswordRules): ChosenPassword {
  const password = normalizePassword(given);
  const { length } = signsOf(password);
  if (length < lengthMin) throw new HubError('password_short', { min: lengthMin, length });
  if (length > PASSWORD_LENGTH_MAX) throw new HubError('password_long', { max: PASSWORD_LENGTH_MAX, length });
  const lowered = password.toLowerCase();
  const own = ownWords(ownNames).find((word) => plain(lowered).includes(word));
  if (own !== undefined) throw new HubError('password_own', { word: own });
  if (isPattern(lowered)) throw new HubError('password_pattern');
  if (guesses(lowered).some(isCommon)) throw new HubError('password_common');
  return password as ChosenPassword;
}

/** Signs as the standard counts them: code points, so that an emoji is not two. */
function signsOf(text: string): string[] {
  return Array.from(text);
}

/** Letters and digits alone. */
const plain = (text: string): string => text.replaceAll(/[^\p{L}\p{N}]+/gu, '');

function ownWords(names: readonly string[]): string[] {
  const words = names.flatMap((name) => {
    const lowered = normalizePassword(name).toLowerCase();
    return [plain(lowered), ...lowered.split(/[^\p{L}\p{N}]+/u)];
  });
  return [...new Set(words)].filter((word) => word.length >= OWN_WORD_LENGTH_MIN);
}

/** One short piece again and again, or signs in the order of the alphabet, of the digits, or of the keyboard. */
function isPattern(lowered: string): boolean {
  const half = Math.floor(lowered.length / 2);
  for (let length = 1; length <= half; length += 1) {
    const piece = lowered.slice(0, length);
    if (piece.repeat(Math.ceil(lowered.length / length)).slice(0, lowered.length) === lowered) return true;
  }
  const codes = signsOf(asTypedInLatin(lowered)).map((sign) => sign.codePointAt(0) ?? 0);
  const isRun = (step: number): boolean =>
    codes.every((code, at) => at === 0 || code - (codes[at - 1] ?? 0) === step || isTurn(codes[at - 1] ?? 0, code));
  return isRun(1) || isRun(-1);
}

/** 9 goes on to 0, and 0 to 9. */
const isTurn = (before: number, after: number): boolean =>
  (before === 57 && after === 48) || (before === 48 && after === 57);

/** What a guesser would try to come to this password: itself, without what stands around its letters, on the other layout, repeated. */
function guesses(lowered: string): string[] {
  const core = lowered.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  const forms = [lowered, core, plain(lowered)].filter((form) => form.length > 0);
  return [...new Set(forms.flatMap((form) => [form, asTypedInLatin(form), once(form), once(asTypedInLatin(form))]))];
}

/** `dragondragon` is `dragon`. */
function once(text: string): string {
  for (let length = 1; length <= text.length / 2; length += 1)
    if (text.length % length === 0 && text.slice(0, length).repeat(text.length / length) === text)
      return text.slice(0, length);
  return text;
}

const CYRILLIC = 'йцукенгшщзхъфывапролджэячсмитьбюё';
const LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`";
const KEYS = new Map(signsOf(CYRILLIC).map((sign, at) => [sign, LATIN[at] ?? sign]));

/** The same keys on the Latin layout: «пароль» is typed as gfhjkm, and stands on every list so. */
const asTypedInLatin = (text: string): string =>
  signsOf(text)
    .map((sign) => KEYS.get(sign) ?? sign)
    .join('');
