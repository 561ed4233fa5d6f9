/**
 * What a text is found by: the stems of its words (Snowball, Russian and English), their roots, and the concepts of the field that
 * people call by several words. Pure; the same on every store, since no store is asked to understand words.
 */
import { stemmer as englishStem } from '@orama/stemmers/english';
import { stemmer as russianStem } from '@orama/stemmers/russian';
import { CONCEPTS, STOP_WORDS } from './words.ts';

/** A longer word is found by its first characters only. */
const WORD_CHARS_MAX = 40;
/** Stems from this length on have a root: what words derived from each other share («сканировать», «сканирование»). */
const ROOT_CHARS = 5;

export type TermKind = 'stem' | 'root' | 'concept';

/** One thing a text is found by. Keys of different kinds never meet: a root begins with `~`, a concept with `=`. */
export interface Term {
  key: string;
  kind: TermKind;
}

/** Everything one word of a text is found by; a word that says nothing by itself has none. */
export interface Word {
  text: string;
  stem: string;
  terms: readonly Term[];
}

/** Words repeat, and to stem one costs more than to find it again. Emptied when it is full: texts that people write know far fewer. */
const KNOWN_WORDS_MAX = 200_000;
const known = new Map<string, Word | null>();

const conceptsByStem = new Map<string, string[]>();
for (const [concept, words] of Object.entries(CONCEPTS))
  for (const word of words) {
    const stem = stemOf(word);
    conceptsByStem.set(stem, [...(conceptsByStem.get(stem) ?? []), concept]);
  }

/** `Бланков` → `бланк`, `uploading` → `upload`; anything but letters of the two languages stays as it is. */
export function stemOf(word: string): string {
  if (/^[а-я]+$/.test(word)) return russianStem(word);
  if (/^[a-z]+$/.test(word)) return englishStem(word);
  return word;
}

/** Lower case, «ё» as «е», signs left out. */
const normalized = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll('ё', 'е');

/** The words of a text in their order, a repeated one once. */
export function wordsOf(text: string): Word[] {
  const found = new Map<string, Word>();
  for (const { 0: raw } of normalized(text).matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = wordOf(raw.slice(0, WORD_CHARS_MAX));
    if (word && !found.has(word.stem)) found.set(word.stem, word);
  }
  return [...found.values()];
}

function wordOf(text: string): Word | null {
  const before = known.get(text);
  if (before !== undefined) return before;
  if (known.size >= KNOWN_WORDS_MAX) known.clear();
  const word = STOP_WORDS.has(text) ? null : { text, ...termsOfStem(stemOf(text)) };
  known.set(text, word);
  return word;
}

function termsOfStem(stem: string): Pick<Word, 'stem' | 'terms'> {
  const terms: Term[] = [{ key: stem, kind: 'stem' }];
  if (stem.length >= ROOT_CHARS && /\p{L}/u.test(stem))
    terms.push({ key: `~${stem.slice(0, ROOT_CHARS)}`, kind: 'root' });
  for (const concept of conceptsByStem.get(stem) ?? []) terms.push({ key: `=${concept}`, kind: 'concept' });
  return { stem, terms };
}

/** A text, and which parts of it answer what was sought. */
export interface MarkedPart {
  text: string;
  isFound: boolean;
}

/** Marks the words of a text that were found by `keys` (those of a search's `found`). */
export function marked(text: string, keys: ReadonlySet<string>): MarkedPart[] {
  const parts: MarkedPart[] = [];
  const push = (part: string, isFound: boolean): void => {
    const last = parts.at(-1);
    if (part === '') return;
    if (last?.isFound === isFound) last.text += part;
    else parts.push({ text: part, isFound });
  };
  let from = 0;
  for (const { 0: raw, index } of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    push(text.slice(from, index), false);
    const word = wordOf(normalized(raw).slice(0, WORD_CHARS_MAX));
    push(raw, word?.terms.some(({ key }) => keys.has(key)) ?? false);
    from = index + raw.length;
  }
  push(text.slice(from), false);
  return parts;
}
