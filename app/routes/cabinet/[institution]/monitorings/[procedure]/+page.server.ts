import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

const placeOf = ({ procedure, institution }: { procedure: string; institution: string }) => ({
  procedure,
  institution,
});

/** A survey before its institution: what is asked, what was saved, what is missing (S4-04). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const { unit } = await hub.contextualData.page(person, params.institution);
  return { unit, ...(await hub.surveys.form(person, placeOf(params))) };
};

async function deed(event: RequestEvent, work: (person: Person, form: FormData) => Promise<void>) {
  const person = signedIn(event.locals, event.url);
  const form = await event.request.formData();
  return orFail(async () => {
    await work(person, form);
    return { done: true };
  });
}

export const actions: Actions = {
  save: (event) =>
    deed(event, (person, form) =>
      event.locals.hub.surveys.save(person, placeOf(event.params), {
        ...{ section: textOf(form, 'section'), rev: textOf(form, 'rev'), typed: jsonOf(form, 'typed') },
      }),
    ),

  finish: (event) => deed(event, (person) => event.locals.hub.surveys.finish(person, placeOf(event.params))),
};
