import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** One batch: what was sent for it, and every page of it. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning, uploads } = locals.hub;
  const page = await scanning.batch(person, params.procedure, params.centre, params.batch);
  return { ...page, uploads: page.rights.uploads ? await uploads.part(person, 'scan', params.batch) : null };
};

const deed = (event: RequestEvent, work: (person: Person) => Promise<void>) => {
  const person = signedIn(event.locals, event.url);
  return orFail(async () => {
    await work(person);
    return { done: true };
  });
};

export const actions: Actions = {
  end: (event) => deed(event, (person) => event.locals.hub.scanning.endBatch(person, event.params)),
  reopen: (event) => deed(event, (person) => event.locals.hub.scanning.reopenBatch(person, event.params)),
};
