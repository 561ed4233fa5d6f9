/**
 * The DataMatrix of a page: 20 × 20 modules of ECC 200, which any reader understands. Ours knows beforehand where it lies, how large it is and
 * which of its words are always the same, and so reads what others give up. Pure.
 */
import { CODE_CHARS, decode } from '../code.ts';
import { checkWords, correct } from './reed-solomon.ts';

export const MODULES = 20;
/** Without the border of finder and timing. */
const INNER = MODULES - 2;
const DATA_WORDS = 22;
const CHECK_WORDS = 18;
const WORDS = DATA_WORDS + CHECK_WORDS;

const LATCH_C40 = 230;
const UNLATCH = 254;
const PAD = 129;
/** Signs that stand in C40, three in two words; the rest follows in ASCII. */
const C40_CHARS = 18;
const C40_WORDS = (C40_CHARS / 3) * 2;
const UNLATCH_AT = 1 + C40_WORDS;
const ASCII_AT = UNLATCH_AT + 1;
const PAD_AT = ASCII_AT + CODE_CHARS - C40_CHARS;

/** Words that are the same on every page. */
const FIXED_WORDS: ReadonlyMap<number, number> = new Map([
  [0, LATCH_C40],
  [UNLATCH_AT, UNLATCH],
  ...Array.from({ length: DATA_WORDS - PAD_AT }, (_, index): [number, number] => [
    PAD_AT + index,
    padAt(PAD_AT + index),
  ]),
]);

function padAt(at: number): number {
  if (at === PAD_AT) return PAD;
  const value = PAD + ((149 * (at + 1)) % 253) + 1;
  return value > 254 ? value - 254 : value;
}

/** Row by row from the top left, true for dark. */
export function datamatrixOf(text: string): boolean[] {
  const data = [...FIXED_WORDS.keys()].reduce<number[]>((words, at) => {
    words[at] = FIXED_WORDS.get(at) ?? 0;
    return words;
  }, new Array<number>(DATA_WORDS).fill(0));
  for (let at = 0; at < C40_CHARS; at += 3) {
    const packed = 1600 * c40Of(text, at) + 40 * c40Of(text, at + 1) + c40Of(text, at + 2) + 1;
    data[1 + (at / 3) * 2] = packed >> 8;
    data[2 + (at / 3) * 2] = packed & 255;
  }
  for (let at = C40_CHARS; at < CODE_CHARS; at++) data[ASCII_AT + at - C40_CHARS] = text.charCodeAt(at) + 1;
  const words = [...data, ...checkWords(data, CHECK_WORDS)];
  const modules = borderModules();
  for (const [word, places] of PLACES.entries())
    for (const [bit, place] of places.entries()) modules[place] = (((words[word] ?? 0) >> (7 - bit)) & 1) === 1;
  return modules;
}

const isDigit = (char: number): boolean => char <= 57;

function c40Of(text: string, at: number): number {
  const char = text.charCodeAt(at);
  return isDigit(char) ? char - 48 + 4 : char - 65 + 14;
}

function charOfC40(value: number): string {
  if (value >= 4 && value <= 13) return String.fromCharCode(value - 4 + 48);
  return value >= 14 && value <= 39 ? String.fromCharCode(value - 14 + 65) : '';
}

/** What is fixed of the modules: solid left and bottom, dashed top and right, and the four of the corner that no word uses. */
function borderModules(): boolean[] {
  const modules = new Array<boolean>(MODULES * MODULES).fill(false);
  for (let at = 0; at < MODULES; at++) {
    modules[at] = at % 2 === 0;
    modules[at * MODULES + MODULES - 1] = at % 2 === 1;
    modules[at * MODULES] = true;
    modules[(MODULES - 1) * MODULES + at] = true;
  }
  const corner = (MODULES - 2) * MODULES + MODULES - 2;
  modules[corner] = modules[corner - MODULES - 1] = true;
  return modules;
}
/** The border alone: what the reader fits its grid to. Pairs of module and whether it is dark. */
export const BORDER: readonly { at: number; isDark: boolean }[] = borderModules()
  .map((isDark, at) => ({ at, isDark }))
  .filter(({ at }) => {
    const row = Math.floor(at / MODULES);
    const column = at % MODULES;
    return row === 0 || column === 0 || row === MODULES - 1 || column === MODULES - 1;
  });

/**
 * The signs that a grid of modules says. `darkness` is 0 (paper) to 1 (ink) for each, row by row. Words of which a module is least certain are
 * given up one after another; whatever comes out must keep the words that are always the same, and the checksum of the code.
 */
export function readDatamatrix(darkness: ArrayLike<number>): string | null {
  const words: number[] = [];
  const doubts: { at: number; certainty: number }[] = [];
  for (const [word, places] of PLACES.entries()) {
    let value = 0;
    let certainty = 1;
    for (const place of places) {
      const dark = darkness[place] ?? 0;
      value = (value << 1) | (dark > 0.5 ? 1 : 0);
      certainty = Math.min(certainty, Math.abs(dark - 0.5));
    }
    const fixed = FIXED_WORDS.get(word);
    words.push(fixed ?? value);
    if (fixed === undefined) doubts.push({ at: word, certainty });
  }
  doubts.sort((one, other) => one.certainty - other.certainty);
  for (let erased = 0; erased <= ERASED_MAX; erased += 2) {
    const mended = correct(
      words,
      CHECK_WORDS,
      doubts.slice(0, erased).map(({ at }) => at),
    );
    const text = mended && textOf(mended);
    if (text !== null && decode(text)) return text;
  }
  return null;
}

/** Two check words are never spent on what is merely unknown: with none left, anything would fit. */
const ERASED_MAX = CHECK_WORDS - 4;

function textOf(words: readonly number[]): string | null {
  for (const [at, value] of FIXED_WORDS) if (words[at] !== value) return null;
  let text = '';
  for (let at = 1; at < UNLATCH_AT; at += 2) {
    const packed = ((words[at] ?? 0) << 8) + (words[at + 1] ?? 0) - 1;
    text += charOfC40(Math.floor(packed / 1600)) + charOfC40(Math.floor(packed / 40) % 40) + charOfC40(packed % 40);
  }
  for (let at = ASCII_AT; at < PAD_AT; at++) text += String.fromCharCode((words[at] ?? 1) - 1);
  return text.length === CODE_CHARS ? text : null;
}

/** For each word the modules of its bits, highest first: the zigzag of ISO/IEC 16022, annex F. */
const PLACES: readonly (readonly number[])[] = placeWords();

function placeWords(): number[][] {
  const taken = new Map<number, true>();
  const places: number[][] = [];
  const module = (row: number, column: number): number => {
    let [down, right] = [row, column];
    if (down < 0) [down, right] = [down + INNER, right + 4 - ((INNER + 4) % 8)];
    if (right < 0) [right, down] = [right + INNER, down + 4 - ((INNER + 4) % 8)];
    const at = (down + 1) * MODULES + right + 1;
    taken.set(at, true);
    return at;
  };
  const isFree = (row: number, column: number): boolean => !taken.has((row + 1) * MODULES + column + 1);
  const shape = (row: number, column: number): void => {
    places.push(
      [
        [-2, -2],
        [-2, -1],
        [-1, -2],
        [-1, -1],
        [-1, 0],
        [0, -2],
        [0, -1],
        [0, 0],
      ].map(([down = 0, right = 0]) => module(row + down, column + right)),
    );
  };
  let [row, column] = [4, 0];
  // The corner cases of the standard that concern this size: none of the four does (INNER mod 8 is 2, and rows equal columns).
  do {
    do {
      if (row < INNER && column >= 0 && isFree(row, column)) shape(row, column);
      [row, column] = [row - 2, column + 2];
    } while (row >= 0 && column < INNER);
    [row, column] = [row + 1, column + 3];
    do {
      if (row >= 0 && column < INNER && isFree(row, column)) shape(row, column);
      [row, column] = [row + 2, column - 2];
    } while (row < INNER && column >= 0);
    [row, column] = [row + 3, column + 1];
  } while (row < INNER || column < INNER);
  return places.slice(0, WORDS);
}
