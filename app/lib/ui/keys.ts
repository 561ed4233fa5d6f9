/** Keys are told by their place (`event.code`), so that «e takes, n next» also works in the Russian layout. */

/** Keys of one part of a page, as the help lists them. */
export type KeyGroup = { title: string; keys: readonly { keys: readonly string[]; label: string }[] };

/** A key pressed while typing, or together with a modifier, is no command. */
export function isCommand(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return false;
  const target = event.target;
  if (!(target instanceof HTMLElement)) return true;
  return !target.isContentEditable && !target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
}

/** `/` by the sign, or by the place of the key that bears it in the Latin layout. */
export function isSlash(event: KeyboardEvent): boolean {
  return event.key === '/' || (event.code === 'Slash' && !event.shiftKey && event.key !== '?');
}

export function isQuestionMark(event: KeyboardEvent): boolean {
  return event.key === '?' || (event.code === 'Slash' && event.shiftKey);
}
