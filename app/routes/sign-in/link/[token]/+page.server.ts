import { redirect } from '@sveltejs/kit';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, setHeaders }) => {
  // The address is the key: it must not travel on in a Referer, nor stay in a cache. Not `no-referrer`: under that a browser sends its
  // forms without an Origin until the script has come, and they are turned away.
  setHeaders({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' });
  await locals.hub.limits.signIn(locals.address);
  return locals.hub.safeguards.passwordLink(params.token);
};

export const actions: Actions = {
  default: async ({ request, params, locals }) => {
    const next = rawTextOf(await request.formData(), 'next');
    const answer = await orFail(() => locals.hub.safeguards.usePasswordLink(params.token, next, getLocale()));
    if (!('username' in answer)) return answer;
    redirect(303, `/sign-in?fresh&name=${encodeURIComponent(answer.username)}`);
  },
};
