/**
 * Drafts of what people type, kept in their own browser until the deed is done: over a reload, a sign-out, a new version of the
 * hub. One text a field, under the person, the form and the field, so that nobody meets another's. Pure but for the storage.
 */

/** A draft that nobody came back to is forgotten (ms). */
export const DRAFT_KEPT_MS = 14 * 24 * 60 * 60 * 1_000;
/** A longer text is not kept as a draft (characters): the pasted list of a whole region still is. */
export const DRAFT_CHARS_MAX = 500_000;
/** Fields kept at once; the oldest make room. */
export const DRAFTS_MAX = 200;

const PREFIX = 'svod-draft ';

/** Whose draft, and of which form. */
export interface DraftPlace {
  /** The person's name to sign in with; null for a visitor. */
  person: string | null;
  /** Address and form, e.g. `/settings institutions`. */
  form: string;
}

export interface Draft {
  text: string;
  atMs: number;
}

type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class DraftBox {
  readonly #storage: Kept;
  readonly #prefix: string;

  constructor(storage: Kept, { person, form }: DraftPlace) {
    this.#storage = storage;
    this.#prefix = `${PREFIX}${JSON.stringify([person, form])} `;
  }

  /** An empty text is no draft. A browser that keeps nothing (full, or forbidden) loses nothing but the draft. */
  keep(field: string, text: string, nowMs: number): void {
    if (text === '' || text.length > DRAFT_CHARS_MAX) {
      this.#storage.removeItem(this.#prefix + field);
      return;
    }
    const kept = JSON.stringify({ text, atMs: nowMs } satisfies Draft);
    try {
      this.#storage.setItem(this.#prefix + field, kept);
    } catch {
      this.#storage.removeItem(this.#prefix + field); // better no draft than one that stops in the middle of a sentence
    }
  }

  /** The drafts of this form by field. */
  read(nowMs: number): Map<string, Draft> {
    const found = new Map<string, Draft>();
    for (const key of keysOf(this.#storage, this.#prefix)) {
      const draft = parse(this.#storage.getItem(key));
      if (draft && nowMs - draft.atMs <= DRAFT_KEPT_MS) found.set(key.slice(this.#prefix.length), draft);
    }
    return found;
  }

  /** The deed is done: nothing of it need be typed again. */
  clear(): void {
    for (const key of keysOf(this.#storage, this.#prefix)) this.#storage.removeItem(key);
  }
}

/** Removes drafts that are too old, unreadable, or too many. */
export function tidyDrafts(storage: Kept, nowMs: number): void {
  const kept: { key: string; atMs: number }[] = [];
  for (const key of keysOf(storage, PREFIX)) {
    const draft = parse(storage.getItem(key));
    if (draft && nowMs - draft.atMs <= DRAFT_KEPT_MS) kept.push({ key, atMs: draft.atMs });
    else storage.removeItem(key);
  }
  kept.sort((a, b) => b.atMs - a.atMs);
  for (const { key } of kept.slice(DRAFTS_MAX)) storage.removeItem(key);
}

/** A field as the browser knows it. */
export interface FieldTraits {
  name: string;
  type: string;
  autocomplete: string;
  isSecret: boolean;
}

/** Whether what is typed into a field may be kept: never a password (not even one that is shown), a code, a file, or what nobody typed. */
export function isKept({ name, type, autocomplete, isSecret }: FieldTraits): boolean {
  if (name === '' || isSecret) return false;
  if (/password|one-time-code/.test(autocomplete)) return false;
  return !['password', 'hidden', 'file', 'submit', 'button', 'reset', 'image', 'checkbox', 'radio'].includes(type);
}

function keysOf(storage: Kept, prefix: string): string[] {
  const all = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
  return all.filter((key) => key.startsWith(prefix));
}

function parse(kept: string | null): Draft | null {
  try {
    const draft = JSON.parse(kept ?? '') as Partial<Draft> | null;
    return typeof draft?.text === 'string' && typeof draft.atMs === 'number'
      ? { text: draft.text, atMs: draft.atMs }
      : null;
  } catch {
    return null;
  }
}
