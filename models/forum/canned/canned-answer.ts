/**
 * Answers that are given often, kept by those who answer: for one procedure and one territory, and read by everybody who answers below it.
 * What differs from one question to the next are placeholders; one that nothing fills stays in the text, and such a text is no answer.
 * Pure, browser-safe.
 */
import { z } from 'zod';
import { HubError } from '../../error.ts';
import { textSchema } from '../forum.ts';

export const TITLE_CHARS_MIN = 3;
export const TITLE_CHARS_MAX = 80;
/** Of one territory in one procedure: more than this nobody finds anything in. */
export const CANNED_MAX = 100;

/** What a placeholder may stand for. Words `forum_placeholder_<name>`. */
export const PLACEHOLDERS = ['institution', 'code', 'stage', 'deadline', 'procedure'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export interface CannedAnswer {
  id: string;
  rev: number;
  procedure: string;
  /** The territory that keeps it, with its path. */
  unit: string;
  unitName: string;
  path: string;
  title: string;
  text: string;
  by: string;
  atMs: number;
}

export const cannedSchema = z.strictObject({
  /** The one that is changed; null for a new one. */
  id: z.string().max(100).nullable(),
  /** The revision that was read, so that two who change it at once do not overwrite each other; 0 for a new one. */
  rev: z.number().int().min(0),
  title: z.string().trim().min(TITLE_CHARS_MIN).max(TITLE_CHARS_MAX),
  text: textSchema(1),
});
export type CannedInput = z.input<typeof cannedSchema>;

/** Words in braces, the way a placeholder is written; a pair of braces with anything else in it is text. */
const WRITTEN = /\{([a-z_]{1,40})\}/gi;

export function placeholdersIn(text: string): string[] {
  return [...new Set([...text.matchAll(WRITTEN)].map(([, name = '']) => name.toLowerCase()))];
}
const isPlaceholder = (name: string): name is Placeholder => (PLACEHOLDERS as readonly string[]).includes(name);

/** The text with what is known put in; what is not stays as it is written. */
export const fill = (text: string, values: Readonly<Partial<Record<Placeholder, string>>>): string =>
  text.replaceAll(WRITTEN, (whole, name: string) => {
    const key = name.toLowerCase();
    return (isPlaceholder(key) ? values[key] : undefined) ?? whole;
  });

/** A canned answer promises what nobody can fill. Errors: HubError `placeholder_unknown`. */
export function demandKnown(text: string): void {
  const unknown = placeholdersIn(text).find((name) => !isPlaceholder(name));
  if (unknown !== undefined) throw new HubError('placeholder_unknown', { name: unknown });
}

/** What is still to be filled in before a text is an answer. */
export const unfilledIn = (text: string): string | null => placeholdersIn(text).find(isPlaceholder) ?? null;

/** Errors: HubError `placeholder_unfilled`. */
export function demandFilled(text: string): void {
  const name = unfilledIn(text);
  if (name !== null) throw new HubError('placeholder_unfilled', { name });
}
