import { redirect } from '@sveltejs/kit';
import type { Person } from '#models/people/person.ts';
import { isAllowed, territories } from '#models/people/rights.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { cardOf } from '#lib/people/card.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** «Люди»: who is appointed to what in the reader's territory (S1-17). */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const [overview, procedures] = await Promise.all([
    hub.appointments.overview(person, url.searchParams.get('in')),
    hub.procedures.of(person),
  ]);
  const held = person.assignments;
  return {
    ...overview,
    procedures: procedures.map(({ id, title }) => ({ id, title })),
    appointable: hub.appointments.appointable(person),
    role: held[0]?.role ?? 'regionalCoordinator',
    held: held.map(({ role, unit, path, procedure = null }) => ({ role, unit, path, procedure })),
    isKeeper: territories(person, 'people.manage').length > 0,
    ownId: person.id,
    decides: held.some(({ path }) => isAllowed(person, 'cabinet.grant', path)),
    overlooks: held.some(({ role }) => role === 'regionalCoordinator' || role === 'municipalCoordinator'),
  };
};

async function deed<T>(
  { request, locals, url }: { request: Request; locals: App.Locals; url: URL },
  work: (person: Person, field: (name: string) => string) => Promise<T>,
) {
  const person = signedIn(locals, url);
  const form = await request.formData();
  return orFail(() => work(person, (name) => textOf(form, name)));
}

export const actions: Actions = {
  appoint: (event) =>
    deed(event, async (person, field) => {
      const { hub } = event.locals;
      const names = ['role', 'unit', 'procedure', 'name', 'position', 'phone', 'email', 'category', 'from', 'to'];
      const input = Object.fromEntries([...names, 'channel', 'replaces'].map((name) => [name, field(name)]));
      const { code } = await hub.appointments.appoint(person, input, getLocale());
      return { card: code === null ? null : await cardOf(hub, person, code) };
    }),

  again: (event) =>
    deed(event, async (person, field) => {
      const { hub } = event.locals;
      const { code } = await hub.appointments.inviteAgain(person, field('appointment'), field('channel'), getLocale());
      return { card: code === null ? null : await cardOf(hub, person, code) };
    }),

  agree: (event) =>
    deed(event, async (person, field) => {
      await event.locals.hub.appointments.agree(person, field('appointment'));
      return { done: true };
    }),

  end: (event) =>
    deed(event, async (person, field) => {
      await event.locals.hub.appointments.end(person, field('appointment'), { reason: field('reason') });
      return { done: true };
    }),

  viewAs: async (event) => {
    const failure = await deed(event, async (person, field) => {
      const { hub, sessionId } = event.locals;
      const given = { owner: field('person'), reason: field('reason') };
      await hub.viewings.begin(person, given, sessionId ?? '', getLocale());
      return null;
    });
    if (failure) return failure;
    redirect(303, '/');
  },

  newPassword: (event) =>
    deed(event, (person, field) => event.locals.hub.safeguards.giveNewPassword(person, field('person'), getLocale())),

  resetFactor: (event) =>
    deed(event, async (person, field) => {
      await event.locals.hub.safeguards.resetSecondFactor(person, field('person'), getLocale());
      return { done: true };
    }),
};
