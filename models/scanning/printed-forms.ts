/** Which forms are printed now, and how many pages of each come out and come back. */
import { FORMS } from '#collector/forms/index.ts';
import type { FormDefinition, FormPurpose } from '#collector/form.ts';
import type { PrintedPages } from './print-run.ts';

/** The newest form of a purpose: what is printed now. */
export function formFor(purpose: FormPurpose): FormDefinition {
  const [newest] = FORMS.filter((form) => form.purpose === purpose).toSorted((a, b) => b.version - a.version);
  if (!newest) throw new Error(`no form for ${purpose}`);
  return newest;
}

export const PRINTED_PAGES: PrintedPages = {
  participant: formFor('answers').pages.length,
  room: formFor('attendance').pages.length + formFor('protocol').pages.length,
  spare: formFor('spare').pages.length,
};
