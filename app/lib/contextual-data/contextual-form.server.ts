import { CONTEXTUAL_FIELDS, type ContextualField } from '#models/contextual-data/contextual-data.ts';
import { textOf } from '#lib/site/form-field.ts';

/** The texts of some fields of a form; a field that is not there is empty. */
export function fieldsOf<Field extends ContextualField>(
  form: FormData,
  names: readonly Field[],
): Record<Field, string> {
  return Object.fromEntries(names.map((name) => [name, textOf(form, name)])) as Record<Field, string>;
}

/** The fields of a person: everything but the institution's own. */
export const PERSON_FIELDS = CONTEXTUAL_FIELDS.filter((field) => field !== 'site');
