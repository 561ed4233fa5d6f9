import { redirect } from '@sveltejs/kit';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { dutyPath } from '#lib/sign-in/duty-path.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import { ownPath } from '#lib/site/own-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = ({ locals, url }) => {
  const next = ownPath(url.searchParams.get('next'));
  if (locals.person) redirect(303, next);
  if (locals.entrant) redirect(303, dutyPath(locals.entrant.duties, next));
  return { isFresh: url.searchParams.has('fresh'), username: url.searchParams.get('name') ?? '' };
};

export const actions: Actions = {
  default: async ({ request, locals, cookies, url }) => {
    const form = await request.formData();
    const username = rawTextOf(form, 'username');
    const password = rawTextOf(form, 'password');
    const step = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      return locals.hub.signIn.begin({ username, password }, request.headers, getLocale());
    });
    if (!('cookies' in step)) return step;
    setCookies(cookies, step.cookies);
    const next = encodeURIComponent(ownPath(url.searchParams.get('next')));
    // The page of the sign-in knows where a person with duties goes first.
    redirect(303, step.status === 'code' ? `/sign-in/code?next=${next}` : `/sign-in?next=${next}`);
  },
};
