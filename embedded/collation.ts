/** Collation by Intl, and the folded form of text that an index with a collation stores. */
import { badValue, CommandError } from './errors.ts';
import { isDoc, type Doc, type Value } from './bson.ts';
import type { Fold } from './keys.ts';
import { wholeNumber, type Collate } from './values.ts';

export interface Collation {
  spec: Doc;
  compare: Collate;
  fold: Fold;
}

const sensitivities = ['base', 'base', 'accent', 'variant', 'variant', 'variant'] as const;
const known = new Set(
  'locale strength caseLevel caseFirst numericOrdering alternate maxVariable normalization backwards version'.split(
    ' ',
  ),
);

/** Reads a collation option; none, and the locale `simple`, compare bytes. Errors: BadValue. */
export function toCollation(value: Value | undefined): Collation | undefined {
  if (value === undefined) return undefined;
  if (!isDoc(value)) throw new CommandError('TypeMismatch', 'collation must be an object');
  for (const name of value.keys())
    if (!known.has(name))
      throw new CommandError('IDLUnknownField', `BSON field 'collation.${name}' is an unknown field.`);
  const locale = value.get('locale');
  if (typeof locale !== 'string') throw badValue('collation.locale must be a string');
  if (locale === 'simple') return undefined;
  const strength = wholeNumber(value.get('strength')) ?? 3;
  if (strength < 1 || strength > 5) throw badValue('collation.strength must be between 1 and 5');
  const caseFirst = value.get('caseFirst');
  try {
    const collator = new Intl.Collator(locale.replaceAll('_', '-'), {
      sensitivity: strength === 1 && value.get('caseLevel') === true ? 'case' : (sensitivities[strength] ?? 'variant'),
      numeric: value.get('numericOrdering') === true,
      ...(caseFirst === 'upper' || caseFirst === 'lower' ? { caseFirst } : {}),
      ignorePunctuation: value.get('alternate') === 'shifted',
    });
    return { spec: value, compare: (a, b) => collator.compare(a, b), fold: folding(collator) };
  } catch {
    throw badValue(`Field 'locale' is invalid in: ${locale}`);
  }
}

/** Replaces each letter by the plainest one that the collator holds equal to it. */
function folding(collator: Intl.Collator): Fold {
  const folded = new Map<string, string>();
  const plainest = (letter: string): string => {
    const candidates = [
      letter.normalize('NFD').charAt(0).toLowerCase(),
      letter.toLowerCase(),
      letter.normalize('NFD').charAt(0),
    ];
    return candidates.find((candidate) => collator.compare(candidate, letter) === 0) ?? letter;
  };
  return (text) => {
    let result = '';
    for (const letter of text.normalize('NFC')) {
      let plain = folded.get(letter);
      if (plain === undefined) folded.set(letter, (plain = plainest(letter)));
      result += plain;
    }
    return result;
  };
}
