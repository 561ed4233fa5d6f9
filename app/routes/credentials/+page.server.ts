import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { Actions, PageServerLoad } from './$types';

/** «Доступы»: how far the access data of the territory were handed down (S1-32, S4-09 … S4-13). */
export const load: PageServerLoad = async ({ locals, url }) => locals.hub.credentials.overview(signedIn(locals, url));

type Event = { request: Request; locals: App.Locals; url: URL };

/** Runs a deed for the institutions named in the form. */
async function forMany(
  { request, locals, url }: Event,
  work: (person: Person, institutions: string[]) => ReturnType<App.Locals['hub']['credentials']['handOn']>,
) {
  const person = signedIn(locals, url);
  const institutions = (await request.formData()).getAll('institution').map(String);
  return orFail(async () => ({ outcome: await work(person, institutions) }));
}

export const actions: Actions = {
  hand: (event) =>
    forMany(event, (person, ids) => event.locals.hub.credentials.handOn(person, ids, event.locals.address)),
  /** Each with the number of showings that the page knew of, as `institution number`. */
  send: (event) =>
    forMany(event, (person, named) => {
      const asked = named
        .map((text) => text.split(' '))
        .map(([institution, known]) => ({ institution, known: Number(known ?? 0) }));
      return event.locals.hub.credentials.sendByLetter(person, asked, event.locals.address, getLocale());
    }),
  takeBack: (event) =>
    forMany(event, (person, ids) => event.locals.hub.credentials.takeBack(person, ids, event.locals.address)),
  verify: (event) =>
    forMany(event, (person, ids) => event.locals.hub.credentials.verifyHeads(person, ids, event.locals.address)),
};
