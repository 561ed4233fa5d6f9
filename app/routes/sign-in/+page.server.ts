import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import { ownPath } from '#lib/site/own-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url }) => {
  if (locals.person) redirect(303, ownPath(url.searchParams.get('next')));
  return { isFresh: url.searchParams.has('fresh'), username: url.searchParams.get('name') ?? '' };
};

export const actions: Actions = {
  default: async ({ request, locals, cookies, url }) => {
    const form = await request.formData();
    const username = rawTextOf(form, 'username');
    const password = rawTextOf(form, 'password');
    const failure = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      setCookies(cookies, await locals.hub.signIn.signIn({ username, password }, request.headers));
      return null;
    });
    if (failure) return failure;
    redirect(303, ownPath(url.searchParams.get('next')));
  },
};
