/** A text field of a form as a trimmed string; a missing field, or a file in its place, is empty. */
export function textOf(form: FormData, name: string): string {
  return rawTextOf(form, name).trim();
}

/** The same untrimmed: a password may begin with a space. */
export function rawTextOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
