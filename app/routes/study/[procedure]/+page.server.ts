import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** All regions of a study; whoever has one goes to it. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const overview = await locals.hub.study.overview(signedIn(locals, url), params.procedure);
  const [only] = overview.regions;
  if (!overview.isWhole && only && overview.regions.length === 1)
    redirect(303, `/study/${params.procedure}/${only.id}`);
  return overview;
};

export const actions: Actions = {
  /** The preliminary list of a region begins, or takes in who is new. */
  list: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(() => locals.hub.study.list(person, { procedure: params.procedure, region: textOf(form, 'region') }));
  },
};
