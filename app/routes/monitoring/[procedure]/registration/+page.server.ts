import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals }) => ({
  choices: await locals.hub.participations.choices(params.procedure),
});

export const actions: Actions = {
  default: async ({ request, params, locals }) => {
    const form = await request.formData();
    const field = (name: string): string => textOf(form, name);
    const answer = await orFail(async () => {
      await locals.hub.limits.registration(locals.address);
      return locals.hub.participations.register({
        procedure: params.procedure,
        institution: field('institution'),
        organizer: {
          surname: field('surname'),
          firstName: field('firstName'),
          patronymic: field('patronymic'),
          position: field('position'),
          phone: field('phone'),
          email: field('email'),
        },
      });
    });
    if (!('ticket' in answer)) return answer;
    redirect(303, `/monitoring/${params.procedure}/registration/${answer.ticket}`);
  },
};
