import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** The centre's queue of requests for cabinets (S0-09, S0-10). */
export const load: PageServerLoad = async ({ locals, url }) => locals.hub.accountRequests.queues(signedIn(locals, url));

/** Runs a decision about the request named in the form. */
async function decide<T>(
  { request, locals, url }: { request: Request; locals: App.Locals; url: URL },
  work: (person: Person, id: string, form: FormData) => Promise<T>,
) {
  const person = signedIn(locals, url);
  const form = await request.formData();
  return orFail(() => work(person, textOf(form, 'request'), form));
}

export const actions: Actions = {
  issue: (event) =>
    decide(event, async (person, id, form) => {
      // Whose access ends by it, as the centre was shown (S0-11).
      const replacing = textOf(form, 'replacing');
      await event.locals.hub.accountRequests.issue(person, id, replacing === '' ? null : replacing);
      return { decided: id };
    }),

  decline: (event) =>
    decide(event, async (person, id, form) => {
      await event.locals.hub.accountRequests.decline(person, id, { reason: rawTextOf(form, 'reason') });
      return { decided: id };
    }),

  renew: (event) =>
    decide(event, async (person, id) => {
      const { ticket } = await event.locals.hub.accountRequests.renewTicket(person, id);
      return { address: `${event.url.origin}/cabinet-request/${ticket}` };
    }),
};
