import type { Person } from '#models/people/person.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import { cardOf } from '#lib/people/card.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** The rooms of a college in a study, and who answers for each (S1-08 … S1-10). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { hub } = locals;
  const page = await hub.rooms.page(person, params.procedure, params.institution);
  return { ...page, people: page.seesPeople ? await hub.appointments.part(person, params.institution) : null };
};

interface Asked {
  person: Person;
  at: { procedure: string; college: string };
  field: (name: string) => string;
  form: FormData;
  hub: App.Locals['hub'];
}
async function deed<T>(event: RequestEvent, work: (asked: Asked) => Promise<T>) {
  const person = signedIn(event.locals, event.url);
  const form = await event.request.formData();
  const at = { procedure: event.params.procedure, college: event.params.institution };
  return orFail(() => work({ person, at, form, field: (name) => textOf(form, name), hub: event.locals.hub }));
}

const roomOf = ({ field }: Asked) => ({
  ...{ name: field('name'), subject: field('subject'), seats: field('seats') },
  isConditional: field('isConditional') === 'on',
});
const invited = async ({ hub, person }: Asked, code: string | null) => ({
  done: true,
  card: code === null ? null : await cardOf(hub, person, code),
});

export const actions: Actions = {
  add: (event) =>
    deed(event, async (asked) => {
      await asked.hub.rooms.add(asked.person, asked.at, roomOf(asked));
      return { done: true };
    }),

  edit: (event) =>
    deed(event, async (asked) => {
      const { hub, person, at, field } = asked;
      await hub.rooms.edit(person, at, field('room'), { ...roomOf(asked), rev: field('rev') });
      return { done: true };
    }),

  remove: (event) =>
    deed(event, async ({ hub, person, at, field }) => {
      const organizer = field('organizer');
      await hub.rooms.remove(person, at, field('room'), {
        organizer,
        ...(organizer === 'move' ? { to: field('to') } : organizer === 'recall' ? { reason: field('reason') } : {}),
      });
      return { done: true };
    }),

  appoint: (event) =>
    deed(event, async (asked) => {
      const { hub, person, at, field, form } = asked;
      const said = Object.fromEntries(
        ['room', 'name', 'position', 'phone', 'email', 'channel', 'replaces'].map((name) => [name, field(name)]),
      );
      const { code } = await hub.appointments.appoint(
        person,
        {
          ...{ ...said, role: 'roomOrganizer', unit: at.college, procedure: at.procedure },
          subjects: form.getAll('subjects').filter((one) => typeof one === 'string'),
          isEmployee: field('isEmployee') === 'on',
        },
        getLocale(),
      );
      return invited(asked, code);
    }),

  again: (event) =>
    deed(event, async (asked) => {
      const { hub, person, field } = asked;
      const { code } = await hub.appointments.inviteAgain(person, field('appointment'), field('channel'), getLocale());
      return invited(asked, code);
    }),

  end: (event) =>
    deed(event, async ({ hub, person, field }) => {
      await hub.appointments.end(person, field('appointment'), { reason: field('reason') });
      return { done: true };
    }),
};
