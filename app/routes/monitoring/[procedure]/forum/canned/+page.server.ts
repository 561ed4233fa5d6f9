import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** The answers that are given often, for those who answer. */
export const load: PageServerLoad = async ({ params, locals, url }) => ({
  canned: await locals.hub.cannedAnswers.list(signedIn(locals, url), params.procedure),
});

export const actions: Actions = {
  keep: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const id = textOf(form, 'id');
    return orFail(async () => {
      await locals.hub.cannedAnswers.keep(person, params.procedure, {
        id: id === '' ? null : id,
        rev: Number(textOf(form, 'rev')),
        title: textOf(form, 'title'),
        text: rawTextOf(form, 'text'),
      });
      return { kept: true };
    });
  },
  remove: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.cannedAnswers.remove(person, params.procedure, textOf(form, 'id'));
      return { removed: true };
    });
  },
};
