/** A text field of a form as a trimmed string; a missing field, or a file in its place, is empty. */
export function textOf(form: FormData, name: string): string {
  return rawTextOf(form, name).trim();
}

/** The same untrimmed: a password may begin with a space. */
export function rawTextOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}

/** What a page's script put into a field as JSON; null for what is none, which no schema takes. */
export function jsonOf(form: FormData, name: string): unknown {
  try {
    return JSON.parse(rawTextOf(form, name)) as unknown;
  } catch {
    return null;
  }
}
