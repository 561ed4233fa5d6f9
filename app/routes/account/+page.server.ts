import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, request }) => {
  if (!locals.person) redirect(303, '/sign-in?next=/account');
  return { sessions: await locals.hub.signIn.sessions(request.headers), username: locals.person.username };
};

export const actions: Actions = {
  password: async ({ request, locals, cookies }) => {
    const form = await request.formData();
    const change = { present: rawTextOf(form, 'present'), next: rawTextOf(form, 'next') };
    return orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      setCookies(cookies, await locals.hub.signIn.changePassword(change, request.headers));
      return { isChanged: true };
    });
  },
  everywhere: async ({ request, locals }) => {
    await locals.hub.signIn.signOutEverywhere(request.headers);
    redirect(303, '/sign-in');
  },
};
