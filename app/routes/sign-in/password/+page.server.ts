import { redirect } from '@sveltejs/kit';
import { getLocale } from '#lib/paraglide/runtime.js';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { setCookies } from '#lib/site/cookies.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import { ownPath } from '#lib/site/own-path.ts';
import type { Actions, PageServerLoad } from './$types';

/** The entrant who has to replace a given password, or the way to where he belongs. */
function entrantOf({ locals, url }: { locals: App.Locals; url: URL }) {
  if (locals.entrant?.duties[0] !== 'password')
    redirect(303, `/sign-in?next=${encodeURIComponent(ownPath(url.searchParams.get('next')))}`);
  return locals.entrant.person;
}

export const load: PageServerLoad = (event) => {
  const { username, assignments } = entrantOf(event);
  const lengthMin = event.locals.hub.passwords.lengthMin(assignments.map(({ role }) => role));
  return { username, lengthMin };
};

export const actions: Actions = {
  default: async (event) => {
    const { request, locals, cookies, url } = event;
    const person = entrantOf(event);
    const next = rawTextOf(await request.formData(), 'next');
    const failure = await orFail(async () => {
      await locals.hub.safeguards.replaceGivenPassword(person.id, next, getLocale());
      setCookies(cookies, await locals.hub.signIn.reopen(person.id, request.headers, getLocale()));
      return null;
    });
    if (failure) return failure;
    redirect(303, `/sign-in?next=${encodeURIComponent(ownPath(url.searchParams.get('next')))}`);
  },
};
