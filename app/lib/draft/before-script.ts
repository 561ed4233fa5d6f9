/**
 * What was typed and chosen before the page came alive. It can be filled in from its first moment, but a select gets its first
 * value back when its component comes, and no form hears what is typed until then: the form's draft takes both over.
 */
export type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** By field, what was given to it since the page was made. */
const given = new WeakMap<Element, string>();

/** To be called once, before the page comes alive. */
export function rememberGiven(page: Document): void {
  for (const form of page.forms)
    for (const control of form.elements)
      if (isControl(control) && isChanged(control)) given.set(control, control.value);
  // The components of a page come later than the first script.
  const hear = ({ target }: Event): void => {
    if (isControl(target)) given.set(target, target.value);
  };
  page.addEventListener('input', hear, { capture: true });
  page.addEventListener('change', hear, { capture: true });
}

/** Told once: from then on the form hears for itself. */
export function takeGiven(control: Element): string | undefined {
  const text = given.get(control);
  given.delete(control);
  return text;
}

export const isControl = (target: unknown): target is Control =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

function isChanged(control: Control): boolean {
  if (!(control instanceof HTMLSelectElement)) return control.value !== control.defaultValue;
  const made = [...control.options].findIndex(({ defaultSelected }) => defaultSelected);
  return control.selectedIndex !== Math.max(0, made);
}
