import { redirect } from '@sveltejs/kit';
import { HubError } from '#models/error.ts';
import { contentOf, listOf } from '#lib/publication/content-form.server.ts';
import { momentIn } from '#lib/publication/moment.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** Writing a publication: what was sent for it already is there when its author comes back. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { publications } = locals.hub;
  const asked = url.searchParams.get('unit');
  const places = (await publications.places(person)).filter(({ scopes }) => scopes.length > 0);
  const unit = places.find(({ id }) => id === asked) ?? (asked === null ? places[0] : undefined);
  if (!unit) throw new HubError('not_allowed');
  const lists = await Promise.all(
    unit.scopes.map(async (scope) => ({
      scope,
      addressees: await publications.addressees(person, unit.id, scope),
    })),
  );
  return {
    unit,
    lists,
    files: await publications.waitingFiles(person, unit.id),
    procedures: await publications.procedures(person, unit.id),
  };
};

export const actions: Actions = {
  publish: async ({ request, locals, url }) => {
    const person = signedIn(locals, url);
    const { publications } = locals.hub;
    const form = await request.formData();
    const outcome = await orFail(async () => {
      const unit = (await publications.places(person)).find(({ id }) => id === textOf(form, 'unit'));
      if (!unit) throw new HubError('not_allowed');
      const procedure = textOf(form, 'procedure');
      return publications.publish(person, {
        unit: unit.id,
        procedure: procedure === '' ? null : procedure,
        ...contentOf(form),
        asksConfirmation: textOf(form, 'asksConfirmation') === 'on',
        releaseAtMs: momentIn(unit.zone, textOf(form, 'releaseAt')),
        ...listOf(form),
      });
    });
    if ('publication' in outcome) redirect(303, `/publications/${outcome.publication}`);
    return outcome;
  },
};
