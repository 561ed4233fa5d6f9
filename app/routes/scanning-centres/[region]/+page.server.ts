import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** The scanning centre of a region (S1-03), with who is appointed there. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const page = await hub.scanningCentres.region(person, params.region);
  const at = page.centre.state?.unit;
  return { ...page, people: page.seesPeople && at !== undefined ? await hub.appointments.part(person, at) : null };
};

async function deed(event: RequestEvent, work: (person: Person, field: (name: string) => string) => Promise<void>) {
  const person = signedIn(event.locals, event.url);
  const form = await event.request.formData();
  return orFail(async () => {
    await work(person, (name) => textOf(form, name));
    return { done: true };
  });
}

export const actions: Actions = {
  choose: (event) =>
    deed(event, (person, field) =>
      event.locals.hub.scanningCentres.choose(person, event.params.region, {
        ...{ unit: field('unit'), sort: field('sort'), rev: field('rev') },
      }),
    ),

  check: (event) =>
    deed(event, (person, field) =>
      event.locals.hub.scanningCentres.check(person, event.params.region, {
        ...{ requirement: field('requirement'), unit: field('unit'), isMet: field('isMet') === 'true' },
      }),
    ),

  confirm: (event) =>
    deed(event, (person, field) =>
      event.locals.hub.scanningCentres.confirm(person, event.params.region, field('unit')),
    ),
};
