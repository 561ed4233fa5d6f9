import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  // Who can help: the centres of the open monitorings, as their own pages name them.
  const procedures = await locals.hub.participations.procedures();
  const centres = procedures.map(({ centre }) => ({ name: centre.name, phone: centre.phone, email: centre.email }));
  return { centres: [...new Map(centres.map((centre) => [`${centre.name} ${centre.phone}`, centre])).values()] };
};

export const actions: Actions = {
  default: async ({ request, locals }) => {
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      await locals.hub.safeguards.requestPasswordLink(textOf(form, 'username'), getLocale());
      return { isSent: true };
    });
  },
};
