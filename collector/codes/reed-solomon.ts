/** Reed–Solomon over GF(256) as DataMatrix has it: x⁸ + x⁵ + x³ + x² + 1, roots α … αⁿ. Words are highest coefficient first. */

const EXPONENTS = new Uint8Array(510);
const LOGARITHMS = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXPONENTS[power] = EXPONENTS[power + 255] = value;
  LOGARITHMS[value] = power;
  value = value << 1 > 255 ? (value << 1) ^ 0x12d : value << 1;
}

const power = (exponent: number): number => EXPONENTS[((exponent % 255) + 255) % 255] ?? 0;
const logarithm = (value: number): number => LOGARITHMS[value] ?? 0;
const times = (one: number, other: number): number =>
  one === 0 || other === 0 ? 0 : power(logarithm(one) + logarithm(other));
const over = (one: number, other: number): number => (one === 0 ? 0 : power(logarithm(one) - logarithm(other)));

/** The check words that follow the data. */
export function checkWords(data: readonly number[], count: number): number[] {
  let generator = [1];
  for (let root = 1; root <= count; root++)
    generator = [...generator, 0].map((value, at) => value ^ times(generator[at - 1] ?? 0, power(root)));
  let rest = new Array<number>(count).fill(0);
  for (const word of data) {
    const lead = word ^ (rest[0] ?? 0);
    rest = rest.map((_, at) => (rest[at + 1] ?? 0) ^ times(lead, generator[at + 1] ?? 0));
  }
  return rest;
}

/**
 * Mends words in place of those that are wrong or, as `erased` tells by their index, unknown: twice the wrong and once the unknown may
 * not exceed `checks`. Null when that fails.
 */
export function correct(words: readonly number[], checks: number, erased: readonly number[] = []): number[] | null {
  if (erased.length > checks) return null;
  const syndromes = syndromesOf(words, checks);
  if (syndromes.every((value) => value === 0)) return [...words];
  const length = words.length;

  // Polynomials from here on are lowest coefficient first.
  let erasureLocator = [1];
  for (const at of erased) erasureLocator = multiply(erasureLocator, [1, power(length - 1 - at)]);
  const locator = findLocator(syndromes, erasureLocator, erased.length, checks);
  const degree = locator.length - 1;
  if (2 * (degree - erased.length) + erased.length > checks) return null;

  const places: number[] = [];
  for (let at = 0; at < length; at++) if (evaluate(locator, power(-(length - 1 - at))) === 0) places.push(at);
  if (places.length !== degree) return null;

  const evaluator = multiply(syndromes, locator).slice(0, checks);
  const derivative = locator.slice(1).map((value, at) => (at % 2 === 0 ? value : 0));
  const mended = [...words];
  for (const at of places) {
    const inverse = power(-(length - 1 - at));
    const slope = evaluate(derivative, inverse);
    if (slope === 0) return null;
    // The first root is α¹, so no further factor remains.
    mended[at] = (mended[at] ?? 0) ^ over(evaluate(evaluator, inverse), slope);
  }
  return syndromesOf(mended, checks).every((value) => value === 0) ? mended : null;
}

function syndromesOf(words: readonly number[], checks: number): number[] {
  return Array.from({ length: checks }, (_, index) => {
    const root = power(index + 1);
    return words.reduce((sum, word) => times(sum, root) ^ word, 0);
  });
}

/** Berlekamp–Massey, begun with what is known to be erased. */
function findLocator(
  syndromes: readonly number[],
  erasures: readonly number[],
  erased: number,
  checks: number,
): number[] {
  let locator = [...erasures];
  let previous = [...erasures];
  let errors = erased;
  for (let step = erased; step < checks; step++) {
    let discrepancy = 0;
    for (let at = 0; at < locator.length; at++) discrepancy ^= times(locator[at] ?? 0, syndromes[step - at] ?? 0);
    previous = [0, ...previous];
    if (discrepancy === 0) continue;
    const next = add(
      locator,
      previous.map((value) => times(value, discrepancy)),
    );
    if (2 * errors <= step + erased) {
      previous = locator.map((value) => over(value, discrepancy));
      errors = step + 1 + erased - errors;
    }
    locator = next;
  }
  while (locator.length > 1 && locator.at(-1) === 0) locator.pop();
  return locator;
}

const evaluate = (polynomial: readonly number[], at: number): number =>
  polynomial.reduceRight((sum, value) => times(sum, at) ^ value, 0);

function add(one: readonly number[], other: readonly number[]): number[] {
  return Array.from({ length: Math.max(one.length, other.length) }, (_, at) => (one[at] ?? 0) ^ (other[at] ?? 0));
}

function multiply(one: readonly number[], other: readonly number[]): number[] {
  const product = new Array<number>(one.length + other.length - 1).fill(0);
  for (const [at, value] of one.entries())
    for (const [shift, factor] of other.entries())
      product[at + shift] = (product[at + shift] ?? 0) ^ times(value, factor);
  return product;
}
