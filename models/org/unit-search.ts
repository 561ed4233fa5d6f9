/**
 * Search by any part of a name or code (pure, browser-safe). A unit keeps its words; each word known to the hub is kept once with
 * all its tails, so that a part of a word is the beginning of a tail: an ordinary index finds it, on any store.
 */
import type { Unit } from './unit.ts';

export const SEARCH_TERMS_MAX = 6;
export const SEARCH_CHARS_MAX = 100;
/** A longer word is found by its first characters only. */
const WORD_CHARS_MAX = 40;

/** The words of a text: lower case, «ё» as «е», signs left out. */
export function wordsOf(text: string): string[] {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('ё', 'е')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, WORD_CHARS_MAX));
  return [...new Set(words)];
}

type Named = Pick<Unit, 'id' | 'name' | 'shortName'>;
export const unitWords = ({ id, name, shortName }: Named): string[] => wordsOf(`${id} ${name} ${shortName ?? ''}`);

/** `школа` → `школа`, `кола`, `ола`, `ла`, `а`. */
export const tailsOf = (word: string): string[] => Array.from(word, (_, at) => word.slice(at));

/** What is sought, in words; the same word is sought once. */
export const termsOf = (sought: string): string[] =>
  wordsOf(sought.slice(0, SEARCH_CHARS_MAX)).slice(0, SEARCH_TERMS_MAX);

/** Whether every term is a part of some word. */
export const isMatch = (words: readonly string[], terms: readonly string[]): boolean =>
  terms.every((term) => words.some((word) => word.includes(term)));

/** How well a unit answers: lower is better. A whole word before a beginning before a middle; then what works before what ended. */
export function rankOf(unit: Named & Pick<Unit, 'status'>, words: readonly string[], terms: readonly string[]): number {
  const worst = terms.map((term) =>
    Math.min(
      ...words.filter((word) => word.includes(term)).map((word) => (word === term ? 0 : word.startsWith(term) ? 1 : 2)),
    ),
  );
  return worst.reduce((sum, one) => sum + one, 0) * 2 + (unit.status.status === 'active' ? 0 : 1);
}
