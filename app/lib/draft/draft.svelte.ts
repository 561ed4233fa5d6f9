/** The draft of one form: `{@attach draft.attach}` on the form, `draft.settle(result)` where its deed is answered. */
import { tick } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import { page } from '$app/state';
import { isControl, takeGiven, type Control } from './before-script.ts';
import { DraftBox, isKept, tidyDrafts } from './draft-box.ts';

export class FormDraft {
  /** When what was put back had been typed; null while nothing was put back. */
  restoredAtMs = $state<number | null>(null);
  readonly #name: string;
  #box: DraftBox | null = null;
  #form: HTMLFormElement | null = null;

  /** `name` tells apart the forms of one address. */
  constructor(name = '') {
    this.#name = name;
  }

  readonly attach: Attachment<HTMLFormElement> = (form) => {
    const storage = keptStorage();
    if (!storage) return;
    const person = page.data['person'] as { username: string } | null | undefined;
    const box = new DraftBox(storage, {
      person: person?.username ?? null,
      form: `${location.pathname} ${this.#name}`,
    });
    this.#box = box;
    this.#form = form;
    tidyDrafts(storage, Date.now());
    void this.#restore(form, box);

    const keep = ({ target }: Event): void => {
      if (isControl(target) && isKept(traitsOf(target))) box.keep(target.name, target.value, Date.now());
    };
    form.addEventListener('input', keep);
    form.addEventListener('change', keep);
    return () => {
      form.removeEventListener('input', keep);
      form.removeEventListener('change', keep);
      this.#form = null;
    };
  };

  /** The deed was answered: once it is done its draft goes. Being sent to sign in is no answer to it. */
  settle(result: { type: string; location?: string }): void {
    const isDone =
      result.type === 'success' || (result.type === 'redirect' && !/^\/sign-in(\?next=|$)/.test(result.location ?? ''));
    if (isDone) this.clear();
  }

  /** The draft is not wanted any longer; what stands in the fields stays. */
  clear(): void {
    this.#box?.clear();
    this.restoredAtMs = null;
  }

  /** What was put back is thrown away: the fields are as the page was made. */
  discard(): void {
    const fields = [...(this.#box?.read(Date.now()).keys() ?? [])];
    for (const control of this.#controls().filter(({ name }) => fields.includes(name))) put(control, '');
    this.clear();
  }

  /** Puts the drafts into the fields one after another: what may be chosen in one can depend on what was chosen before. */
  async #restore(form: HTMLFormElement, box: DraftBox): Promise<void> {
    const drafts = box.read(Date.now());
    await tick();
    let latestMs: number | null = null;
    for (const control of this.#controls()) {
      if (form !== this.#form || !isKept(traitsOf(control))) continue;
      const draft = drafts.get(control.name);
      const given = takeGiven(control);
      const isNew = given !== undefined && given !== draft?.text;
      // Who typed before the script came has the last word, and knows that he did.
      if (isNew) box.keep(control.name, given, Date.now());
      const text = isNew ? given : draft?.text;
      if (text === undefined || control.value === text) continue;
      // And so has he who types on while the page comes alive.
      if (document.activeElement === control && control.value !== '') continue;
      put(control, text);
      if (!isNew && draft) latestMs = Math.max(latestMs ?? 0, draft.atMs);
      await tick();
    }
    this.restoredAtMs = latestMs;
  }

  #controls() {
    return [...(this.#form?.elements ?? [])].filter(isControl);
  }
}

/** A browser may forbid its storage altogether. */
export function keptStorage(): Storage | null {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

const traitsOf = (control: Control) => ({
  name: control.name,
  type: control.type,
  autocomplete: control.autocomplete,
  isSecret: 'secret' in control.dataset,
});

/** Sets a value as if it was typed: whoever is bound to the field hears of it. */
function put(control: Control, text: string): void {
  control.value = text;
  const event = control instanceof HTMLSelectElement ? 'change' : 'input';
  control.dispatchEvent(new Event(event, { bubbles: true }));
}
