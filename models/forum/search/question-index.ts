/**
 * The questions of one forum by what their messages say (pure). Kept in the memory of a node and brought up to date from the journal
 * (`forum-search.queries.ts`); finds and ranks the same on every store.
 *
 * A message is weighed by BM25 (Robertson, Zaragoza 2009) over its terms, each counted once, since nobody repeats a word in a question
 * to be found better. A word that no message knows is read as the nearest ones that some do (Damerau-Levenshtein).
 */
import { wordsOf, type Term, type TermKind, type Word } from './terms.ts';

/** Words of a text that are sought; the rest of a long one is not. */
export const SOUGHT_WORDS_MAX = 40;
/** A term in more than this part of all messages tells none from another. */
const COMMON_PART = 0.25;
/** Below this many messages nothing is too common. */
const COMMON_FROM = 200;
/** Words put in place of one that nobody wrote. */
const NEAREST_MAX = 3;
const SATURATION = 1.2;
const LENGTH_PART = 0.5;
/** What a term of each kind counts beside a stem. */
const KIND_WEIGHT: Record<TermKind, number> = { stem: 1, root: 0.5, concept: 0.9 };
const NEAREST_WEIGHT = 0.5;
/** A question whose answer has the words, beside one that has them itself. */
const ANSWER_WEIGHT = 0.6;

export interface IndexedMessage {
  id: string;
  question: string;
  kind: 'question' | 'followUp' | 'answer';
  text: string;
}

export interface Hit {
  question: string;
  /** Comparable within one search only. */
  score: number;
  /** The part of what was sought that it has, 0 … 1, each word by its weight. */
  share: number;
}

export interface Found {
  hits: Hit[];
  /** By what they were found, for `marked`: nearest words in place of misspelt ones. */
  keys: Set<string>;
}

export interface Sought {
  limit: number;
  /** Answers are searched too; not so for similar questions. */
  withAnswers?: boolean;
  /** The last word is not written to its end: it is also the beginning of others. */
  isTyping?: boolean;
  accepts?: (question: string) => boolean;
}

/** A sought word: alternatives, of which a message is given the best. */
type Alternatives = readonly (Term & { weight: number })[];

export class QuestionIndex {
  readonly #postings = new Map<string, number[]>();
  /** Stems by the three letters in a row that they have, to find what a misspelt one might be. */
  readonly #stemsByLetters = new Map<string, string[]>();
  readonly #ordinals = new Map<string, number>();
  readonly #questions: string[] = [];
  readonly #lengths: number[] = [];
  readonly #isAnswer: boolean[] = [];
  readonly #hidden = new Set<number>();
  #lengthSum = 0;
  #scores = new Float32Array(0);
  #wordScores = new Float32Array(0);
  #shares = new Float32Array(0);

  /** Messages known. */
  get size(): number {
    return this.#questions.length;
  }

  /** A message is added once and never changed. */
  add({ id, question, kind, text }: IndexedMessage): void {
    if (this.#ordinals.has(id)) return;
    const ordinal = this.#questions.length;
    this.#ordinals.set(id, ordinal);
    const words = wordsOf(text);
    this.#questions.push(question);
    this.#isAnswer.push(kind === 'answer');
    this.#lengths.push(words.length);
    this.#lengthSum += words.length;
    for (const key of new Set(words.flatMap(({ terms }) => terms.map(({ key }) => key)))) {
      const posting = this.#postings.get(key);
      if (posting) posting.push(ordinal);
      else this.#postings.set(key, [ordinal]);
    }
    for (const { stem } of words) if (this.#postings.get(stem)?.length === 1) this.#noteLetters(stem);
  }

  /** What was hidden is not found any more. */
  hide(message: string): void {
    const ordinal = this.#ordinals.get(message);
    if (ordinal !== undefined) this.#hidden.add(ordinal);
  }

  /** The questions that answer a text best, the best first. */
  find(text: string, { limit, withAnswers = true, isTyping = false, accepts = () => true }: Sought): Found {
    const words = wordsOf(text).slice(0, SOUGHT_WORDS_MAX);
    const sought = words.map((word, at) => this.#alternatives(word, isTyping && at === words.length - 1));
    this.#makeRoom();
    const touched: number[] = [];
    let mass = 0;
    for (const alternatives of sought) mass += this.#weigh(alternatives, touched);
    const hits = this.#bestOf(touched, { mass, limit, withAnswers, accepts });
    return { hits, keys: new Set(sought.flatMap((all) => all.map(({ key }) => key))) };
  }

  /** The best questions, each by its best message. Leaves the accumulators empty for the next search. */
  #bestOf(
    touched: readonly number[],
    { mass, limit, withAnswers, accepts }: Required<Omit<Sought, 'isTyping'>> & { mass: number },
  ): Hit[] {
    const best: Hit[] = [];
    for (const ordinal of touched) {
      const isAnswer = this.#isAnswer[ordinal] ?? false;
      const share = (this.#shares[ordinal] ?? 0) / mass;
      // What has all of the words stands before what has one of them often.
      const score = (this.#scores[ordinal] ?? 0) * share * (isAnswer ? ANSWER_WEIGHT : 1);
      this.#scores[ordinal] = 0;
      this.#shares[ordinal] = 0;
      const question = this.#questions[ordinal] ?? '';
      const last = best[limit - 1];
      if ((last && !isBefore({ score, question }, last)) || this.#hidden.has(ordinal) || (isAnswer && !withAnswers))
        continue;
      insert(best, { question, score, share }, { limit, accepts });
    }
    return best;
  }

  /** Adds one word's part to every message that has it; returns what the word weighs at most. */
  #weigh(alternatives: Alternatives, touched: number[]): number {
    const average = this.#lengthSum / Math.max(1, this.size);
    const own: number[] = [];
    const isKnown = alternatives.some(({ key }) => this.#postings.has(key));
    // What nobody has written is missing from every message alike.
    let most = isKnown ? 0 : this.#rarity(0);
    for (const { key, weight } of alternatives) {
      const posting = this.#postings.get(key);
      if (!posting || (this.size > COMMON_FROM && posting.length > this.size * COMMON_PART)) continue;
      const full = weight * this.#rarity(posting.length);
      most = Math.max(most, full);
      for (const ordinal of posting) {
        const before = this.#wordScores[ordinal] ?? 0;
        if (before === 0) own.push(ordinal);
        if (full > before) this.#wordScores[ordinal] = full;
      }
    }
    for (const ordinal of own) {
      const part = this.#wordScores[ordinal] ?? 0;
      const lengthened = 1 - LENGTH_PART + (LENGTH_PART * (this.#lengths[ordinal] ?? 0)) / average;
      if (this.#scores[ordinal] === 0) touched.push(ordinal);
      this.#scores[ordinal] = (this.#scores[ordinal] ?? 0) + (part * (SATURATION + 1)) / (1 + SATURATION * lengthened);
      this.#shares[ordinal] = (this.#shares[ordinal] ?? 0) + part;
      this.#wordScores[ordinal] = 0;
    }
    return most;
  }

  #rarity(messages: number): number {
    return Math.log(1 + (this.size - messages + 0.5) / (messages + 0.5));
  }

  #alternatives(word: Word, isTyping: boolean): Alternatives {
    const exact = word.terms.map((term) => ({ ...term, weight: KIND_WEIGHT[term.kind] }));
    const stems = isTyping ? this.#beginningWith(word.text) : [];
    // A word whose root or concept others have used is no slip of the pen.
    const isKnown = word.terms.some(({ key }) => this.#postings.has(key));
    const near = isKnown ? [] : this.#nearest(word.stem);
    const others = [...new Set([...stems, ...near])].filter((stem) => stem !== word.stem);
    return [...exact, ...others.map((key) => ({ key, kind: 'stem' as const, weight: NEAREST_WEIGHT }))];
  }

  #noteLetters(stem: string): void {
    for (const letters of lettersOf(stem)) {
      const stems = this.#stemsByLetters.get(letters);
      if (stems) stems.push(stem);
      else this.#stemsByLetters.set(letters, [stem]);
    }
  }

  #commonest(stems: readonly string[]): string[] {
    const count = (stem: string): number => this.#postings.get(stem)?.length ?? 0;
    return stems.toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1)).slice(0, NEAREST_MAX);
  }

  #beginningWith(text: string): string[] {
    if (text.length < 3) return [];
    const candidates = this.#stemsByLetters.get(`^${text.slice(0, 2)}`) ?? [];
    return this.#commonest(candidates.filter((stem) => stem.startsWith(text)));
  }

  #nearest(stem: string): string[] {
    const allowed = stem.length < 4 ? 0 : stem.length < 8 ? 1 : 2;
    if (allowed === 0 || /\d/.test(stem)) return [];
    const candidates = new Set(lettersOf(stem).flatMap((letters) => this.#stemsByLetters.get(letters) ?? []));
    let least = allowed;
    let nearest: string[] = [];
    for (const candidate of candidates) {
      const distance = distanceWithin(stem, candidate, least);
      if (distance > least) continue;
      nearest = distance < least ? [candidate] : [...nearest, candidate];
      least = distance;
    }
    return this.#commonest(nearest);
  }

  #makeRoom(): void {
    if (this.#scores.length >= this.size) return;
    const room = Math.ceil(this.size * 1.5);
    this.#scores = new Float32Array(room);
    this.#wordScores = new Float32Array(room);
    this.#shares = new Float32Array(room);
  }
}

/** The better score first, and of two alike the earlier made: an order that is the same on every node. */
const isBefore = (a: Pick<Hit, 'score' | 'question'>, b: Pick<Hit, 'score' | 'question'>): boolean =>
  a.score > b.score || (a.score === b.score && a.question < b.question);

/** Puts a hit in its place among the best so far; a question stands there once. */
function insert(best: Hit[], hit: Hit, { limit, accepts }: Required<Pick<Sought, 'limit' | 'accepts'>>): void {
  const before = best.findIndex(({ question }) => question === hit.question);
  if (before >= 0) {
    if (!isBefore(hit, best[before] ?? hit)) return;
    best.splice(before, 1);
  } else if (!accepts(hit.question)) return;
  const place = best.findIndex((other) => isBefore(hit, other));
  best.splice(place < 0 ? best.length : place, 0, hit);
  if (best.length > limit) best.pop();
}

/** Three letters in a row, the edges of the word being letters too: one wrong letter leaves some of them whole. */
function lettersOf(stem: string): string[] {
  const edged = `^${stem}$`;
  const letters = new Set<string>();
  for (let at = 0; at + 3 <= edged.length; at += 1) letters.add(edged.slice(at, at + 3));
  return [...letters];
}

/** Damerau-Levenshtein (neighbours swapped are one step); anything over `most` is `most + 1`. */
export function distanceWithin(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let twoBefore: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      let steps = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (before[j - 1] ?? 0) + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        steps = Math.min(steps, (twoBefore[j - 2] ?? 0) + 1);
      row.push(steps);
      least = Math.min(least, steps);
    }
    if (least > most) return most + 1;
    [twoBefore, before] = [before, row];
  }
  return Math.min(before[b.length] ?? 0, most + 1);
}
