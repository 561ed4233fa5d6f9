import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, setHeaders }) => {
  // The address is the key: it must not travel on in a Referer, nor stay in a cache. Not `no-referrer`: under that a browser sends its
  // forms without an Origin until the script has come, and they are turned away.
  setHeaders({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' });
  const { hub } = locals;
  const lengthMin = hub.passwords.lengthMin(['institutionCoordinator']);
  return { snapshot: await hub.participations.registration(params.ticket), ticket: params.ticket, lengthMin };
};

export const actions: Actions = {
  default: async ({ request, params, locals }) => {
    const form = await request.formData();
    const input = { username: rawTextOf(form, 'username'), password: rawTextOf(form, 'password') };
    const answer = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      return locals.hub.participations.activate(params.ticket, input);
    });
    if (!('username' in answer)) return answer;
    const next = `/monitoring/${params.procedure}/cabinet`;
    redirect(303, `/sign-in?fresh&name=${encodeURIComponent(answer.username)}&next=${encodeURIComponent(next)}`);
  },
};
