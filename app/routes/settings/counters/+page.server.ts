import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  if (!locals.person) redirect(303, '/sign-in?next=/settings/counters');
  return locals.hub.recounts.drifts(locals.person);
};

export const actions: Actions = {
  mend: async ({ request, locals }) => {
    const form = await request.formData();
    const { hub, person } = locals;
    if (!person) redirect(303, '/sign-in?next=/settings/counters');
    return orFail(() => hub.recounts.mend(person, textOf(form, 'stream')));
  },
};
