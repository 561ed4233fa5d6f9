import { fail } from '@sveltejs/kit';
import { CONTEXTUAL_FIELDS, fieldProblems } from '#models/contextual-data/contextual-data.ts';
import { isAllowed } from '#models/people/rights.ts';
import { fieldsOf } from '#lib/contextual-data/contextual-form.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { unit, path, snapshot } = await locals.hub.contextualData.page(person, params.institution);
  const mayRead = isAllowed(person, 'publications.view', path);
  const box = mayRead ? await locals.hub.publications.box(person, params.institution) : null;
  return { unit, snapshot, box, isOwn: isAllowed(person, 'contextual.edit', path) };
};

export const actions: Actions = {
  /** Saves the information. Whatever is refused comes back with everything that was typed. */
  save: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const fields = fieldsOf(form, CONTEXTUAL_FIELDS);
    const rev = Number(textOf(form, 'rev'));
    const given = { rev, fields };
    const problems = fieldProblems(fields);
    if (problems.length > 0) return fail(400, { given, problems });
    const answer = await orFail(async () => {
      await locals.hub.contextualData.edit(person, params.institution, given);
      return { isSaved: true };
    });
    return 'isSaved' in answer ? answer : fail(answer.status, { given, refusal: answer.data.refusal });
  },
};
