import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, setHeaders }) => {
  // The address is the key: it must not travel on in a Referer, nor stay in a cache.
  setHeaders({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  const { accountRequests, passwords } = locals.hub;
  const snapshot = await accountRequests.ticket(params.ticket);
  const lengthMin = passwords.lengthMin(['institutionCoordinator']);
  return {
    snapshot,
    ticket: params.ticket,
    lengthMin,
    ...(await accountRequests.centreOf(snapshot.state.institution)),
  };
};

export const actions: Actions = {
  default: async ({ request, params, locals }) => {
    const form = await request.formData();
    const input = { username: rawTextOf(form, 'username'), password: rawTextOf(form, 'password') };
    const answer = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      return locals.hub.accountRequests.activate(params.ticket, input);
    });
    if (!('username' in answer)) return answer;
    const next = `/cabinet/${answer.institution}`;
    redirect(303, `/sign-in?fresh&name=${encodeURIComponent(answer.username)}&next=${encodeURIComponent(next)}`);
  },
};
