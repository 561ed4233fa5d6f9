import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** Making accesses for a sample or a territory (S1-32, S4-11), and the batches that are under way. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { credentials, publications, procedures } = locals.hub;
  const [places, batches, { territory, zone }, guides, known] = await Promise.all([
    credentials.generatable(person),
    credentials.batches(person),
    credentials.territory(person),
    publications.instructions(person),
    procedures.of(person),
  ]);
  const studies = known.filter(({ kind }) => kind === 'study');
  return { places, batches, territory, zone, guides, studies };
};

export const actions: Actions = {
  start: async ({ request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      const { batch } = await locals.hub.credentialBatches.start(person, {
        unit: textOf(form, 'unit'),
        title: textOf(form, 'title'),
        route: textOf(form, 'route'),
        instructions: textOf(form, 'instructions'),
        publication: textOf(form, 'publication') === '' ? null : textOf(form, 'publication'),
        study: textOf(form, 'whom') === 'sample' ? textOf(form, 'study') : null,
        codes: textOf(form, 'whom') === 'codes' ? rawTextOf(form, 'codes') : null,
      });
      return { started: batch };
    });
  },
  cancel: async ({ request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.credentialBatches.cancel(person, textOf(form, 'batch'));
      return { cancelled: true };
    });
  },
};
