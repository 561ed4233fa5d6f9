import { redirect } from '@sveltejs/kit';
import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const snapshot = await locals.hub.units.import(person, params.import);
  return { snapshot, territory: await locals.hub.submissions.unitName(snapshot.state.unit) };
};

async function deed(
  { request, locals, params }: { request: Request; locals: App.Locals; params: { import: string } },
  work: (person: Person, form: FormData) => Promise<void>,
) {
  const form = await request.formData();
  const { person } = locals;
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(`/imports/${params.import}`)}`);
  return orFail(async () => {
    await work(person, form);
    return { isDone: true };
  });
}

export const actions: Actions = {
  confirm: (event) =>
    deed(event, (person, form) =>
      event.locals.hub.imports.confirm(person, event.params.import, {
        edition: textOf(form, 'edition'),
        closesGone: textOf(form, 'closesGone') === 'yes',
      }),
    ),
  withdraw: (event) => deed(event, (person) => event.locals.hub.imports.withdraw(person, event.params.import)),
};
