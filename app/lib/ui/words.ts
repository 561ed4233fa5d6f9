/** The few words that belong to the components themselves; everything else comes from the page as props. */
import type { m } from '#lib/paraglide/messages.js';
import { say } from '#lib/say.ts';

export type WordKey = Extract<keyof typeof m, `ui_${string}` | `state_${string}`>;

/** A component's own word in the reader's language; `{name}` places are filled from `values`. */
export const word = (key: WordKey, values: Readonly<Record<string, string | number>> = {}): string => say(key, values);
