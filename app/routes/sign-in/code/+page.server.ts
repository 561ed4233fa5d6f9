import { redirect } from '@sveltejs/kit';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { ownPath } from '#lib/site/own-path.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url, request }) => {
  const next = ownPath(url.searchParams.get('next'));
  if (locals.sessionId !== null || !(await locals.hub.signIn.awaitsCode(request.headers)))
    redirect(303, `/sign-in?next=${encodeURIComponent(next)}`);
  return { isRecovery: url.searchParams.has('recovery'), next };
};

export const actions: Actions = {
  default: async ({ request, locals, cookies, url }) => {
    const form = await request.formData();
    const answer = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      return { cookies: await locals.hub.signIn.finish(textOf(form, 'code'), request.headers, getLocale()) };
    });
    if (!('cookies' in answer)) return answer;
    setCookies(cookies, answer.cookies);
    redirect(303, `/sign-in?next=${encodeURIComponent(ownPath(url.searchParams.get('next')))}`);
  },
};
