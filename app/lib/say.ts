import { m } from '#lib/paraglide/messages.js';
import { getLocale, type Locale } from '#lib/paraglide/runtime.js';

type Say = (params: Readonly<Record<string, string | number>>, options: { locale: Locale }) => string;
const messages = m as unknown as Readonly<Record<string, Say | undefined>>;

/**
 * Says a message whose key is put together from a code: `say('refusal_not_found_title')`. Where the key is known, `m.key()`
 * is the way, because the compiler checks it. An unknown key shows itself; `say.test.ts` holds every code to its words.
 */
export function say(
  key: string,
  params: Readonly<Record<string, string | number>> = {},
  locale: Locale = getLocale(),
): string {
  return messages[key]?.(params, { locale }) ?? key;
}

export const isSaid = (key: string): boolean => Object.hasOwn(messages, key);
