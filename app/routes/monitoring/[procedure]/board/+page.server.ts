import { redirect } from '@sveltejs/kit';
import { orFail } from '#lib/refusal/refusal.server.ts';
import type { Person } from '#models/people/person.ts';
import { rawTextOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  if (!locals.person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  const at = Date.parse(url.searchParams.get('at') ?? '');
  const within = url.searchParams.get('in');
  const { territory, parts, canGrant, atMs, keptSinceMs } = await locals.hub.past.boardAt(
    locals.person,
    params.procedure,
    within,
    Number.isNaN(at) ? null : at,
  );
  const role = canGrant ? ('regionalCoordinator' as const) : ('municipalCoordinator' as const);
  return { territory, parts, canGrant, role, atMs, keptSinceMs, within };
};

/** Runs a decision about the institutions named in the form. */
async function decide<T>(
  { request, locals }: { request: Request; locals: App.Locals },
  work: (person: Person, institutions: string[], form: FormData) => Promise<T>,
) {
  const form = await request.formData();
  const { person } = locals;
  if (!person) redirect(303, '/sign-in');
  return orFail(() => work(person, form.getAll('institution').map(String), form));
}

export const actions: Actions = {
  give: (event) =>
    decide(event, async (person, institutions) => {
      const { procedure } = event.params;
      for (const institution of institutions)
        await event.locals.hub.participations.giveAccess(person, { procedure, institution });
      return { decided: institutions.length };
    }),

  decline: (event) =>
    decide(event, async (person, [institution = ''], form) => {
      const place = { procedure: event.params.procedure, institution };
      await event.locals.hub.participations.declineAccess(person, place, { reason: rawTextOf(form, 'reason') });
      return { decided: 1 };
    }),

  renew: (event) =>
    decide(event, async (person, [institution = '']) => {
      const { procedure } = event.params;
      const { ticket } = await event.locals.hub.participations.renewTicket(person, { procedure, institution });
      return { address: `${event.url.origin}/monitoring/${procedure}/registration/${ticket}` };
    }),
};
