import { orFail } from '#lib/refusal/refusal.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, request, setHeaders }) => {
  setHeaders({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' });
  await locals.hub.limits.signIn(locals.address);
  // In the answer to the form the link is used up already.
  if (request.method === 'POST') return { email: '' };
  return locals.hub.safeguards.addressLink(params.token);
};

export const actions: Actions = {
  // Not by opening the address: programs that look through letters open every one.
  default: ({ params, locals }) =>
    orFail(async () => {
      await locals.hub.safeguards.confirmEmail(params.token);
      return { isConfirmed: true };
    }),
};
