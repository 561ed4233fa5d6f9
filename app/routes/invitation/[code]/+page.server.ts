import { redirect } from '@sveltejs/kit';
import { orFail, refusalOf } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, setHeaders }) => {
  // The address is the key: it must not travel on in a Referer, nor stay in a cache. Not `no-referrer`: under that a browser sends its
  // forms without an Origin until the script has come, and they are turned away.
  setHeaders({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' });
  const { hub, address, person } = locals;
  await hub.limits.signIn(address);
  const visitor = person && { name: person.name, username: person.username };
  try {
    const invitation = await hub.appointments.invitation(params.code);
    const lengthMin = hub.passwords.lengthMin([invitation.role]);
    return { code: params.code, invitation, refused: null, visitor, lengthMin };
  } catch (thrown) {
    // Expired, used, withdrawn: each is an answer of this page, with what to do.
    const refused = refusalOf(thrown);
    if (!refused?.code.startsWith('invitation_')) throw thrown;
    return { code: params.code, invitation: null, refused, visitor, lengthMin: 0 };
  }
};

export const actions: Actions = {
  accept: async ({ request, params, locals }) => {
    const form = await request.formData();
    const input = { username: rawTextOf(form, 'username'), password: rawTextOf(form, 'password') };
    const answer = await orFail(async () => {
      await locals.hub.limits.signIn(locals.address);
      return locals.hub.appointments.accept(params.code, input);
    });
    if (!('username' in answer)) return answer;
    redirect(303, `/sign-in?fresh&name=${encodeURIComponent(answer.username)}&next=/`);
  },

  take: async ({ params, locals, url }) => {
    const person = signedIn(locals, url);
    const answer = await orFail(() => locals.hub.appointments.takeOver(person, params.code));
    if (!('unit' in answer)) return answer;
    redirect(303, '/account');
  },
};
