import { fail, redirect } from '@sveltejs/kit';
import { fieldProblems, NO_FIELDS } from '#models/contextual-data/contextual-data.ts';
import { fieldsOf, PERSON_FIELDS } from '#lib/contextual-data/contextual-form.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** The institution is found by search first; what is chosen stands in the address, so that the form works before the script has come. */
export const load: PageServerLoad = async ({ url, locals }) => {
  const { accountRequests } = locals.hub;
  const regions = await accountRequests.regions();
  const asked = url.searchParams.get('region');
  const region = regions.find(({ id }) => id === asked)?.id ?? (regions.length === 1 ? (regions[0]?.id ?? '') : '');
  const sought = (url.searchParams.get('q') ?? '').slice(0, 100);
  const chosenId = url.searchParams.get('institution');
  const [choices, chosen] = await Promise.all([
    region === '' ? { found: [], isMore: false } : accountRequests.choices(region, sought),
    region === '' || chosenId === null ? null : accountRequests.choice(region, chosenId),
  ]);
  return { regions, region, sought, ...choices, chosen };
};

export const actions: Actions = {
  default: async ({ request, locals }) => {
    const form = await request.formData();
    const coordinator = fieldsOf(form, PERSON_FIELDS);
    const given = {
      institution: textOf(form, 'institution'),
      headName: textOf(form, 'headName'),
      letter: { number: textOf(form, 'letterNumber'), date: textOf(form, 'letterDate') },
      coordinator,
    };
    const problems = fieldProblems({ ...NO_FIELDS, ...coordinator });
    if (problems.length > 0) return fail(400, { given, problems });
    const answer = await orFail(async () => {
      await locals.hub.limits.registration(locals.address);
      return locals.hub.accountRequests.submit(given);
    });
    if (!('ticket' in answer)) return fail(answer.status, { given, refusal: answer.data.refusal });
    redirect(303, `/cabinet-request/${answer.ticket}`);
  },
};
