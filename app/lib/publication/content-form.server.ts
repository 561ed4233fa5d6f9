import { rawTextOf, textOf } from '#lib/site/form-field.ts';

const textsOf = (form: FormData, name: string): string[] =>
  form.getAll(name).filter((value) => typeof value === 'string');

/** What a publication says, as its form sends it; the hub judges it. */
export const contentOf = (form: FormData) => ({
  kind: textOf(form, 'kind'),
  title: textOf(form, 'title'),
  text: rawTextOf(form, 'text'),
  stage: textOf(form, 'stage'),
  files: textsOf(form, 'file'),
});

/** To whom, as the list sends it. */
export const listOf = (form: FormData) => ({
  scope: textOf(form, 'scope'),
  units: textOf(form, 'whom') === 'chosen' ? textsOf(form, 'unit-to') : null,
});
