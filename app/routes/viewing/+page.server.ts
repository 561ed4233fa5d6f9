import { redirect } from '@sveltejs/kit';
import { orFail, type Refusal } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { Actions, PageServerLoad } from './$types';

/** What looking through another's eyes does not show or do, by the words of its refusal; afterwards, that it is over. */
export const load: PageServerLoad = ({ locals, url }) => {
  signedIn(locals, url);
  const asked = url.searchParams.get('refused');
  const code = asked === 'viewing_closed' ? 'viewing_closed' : asked === null ? null : 'viewing_only';
  const refusal: Refusal | null = locals.viewing && code ? { code, params: {} } : null;
  return { refusal };
};

export const actions: Actions = {
  end: async ({ locals, url }) => {
    const person = signedIn(locals, url);
    const failure = await orFail(() => locals.hub.viewings.endOfSession(locals.sessionId ?? '', person.id, 'viewer'));
    if (failure) return failure;
    redirect(303, '/people');
  },
};
