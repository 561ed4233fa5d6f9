import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { isAllowed } from '#models/people/rights.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { hub, person } = locals;
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`);
  const snapshot = await hub.submissions.cabinet(person, params);
  const [institutionName, templateSizes, attestation] = await Promise.all([
    hub.submissions.unitName(params.institution),
    hub.submissions.templateSizes(person, params),
    hub.submissions.attestationText(params),
  ]);
  const canSend = isAllowed(person, 'submission.send', snapshot.state.participation.path, params.procedure);
  return { snapshot, institutionName, templateSizes, canSend, attestation };
};

export const actions: Actions = {
  attest: async ({ request, params, locals }) => {
    const form = await request.formData();
    return orFail(async () => {
      if (!locals.person) redirect(303, '/sign-in');
      if (form.get('tick') !== 'on') return { isTickMissing: true };
      await locals.hub.submissions.attest(locals.person, params, rawTextOf(form, 'submission'));
      return { isAttested: true };
    });
  },
};
