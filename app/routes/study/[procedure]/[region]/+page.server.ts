import { orFail } from '#lib/refusal/refusal.server.ts';
import type { Person } from '#models/people/person.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** The colleges of a region: the region gives data and informs, the federal organizer chooses the sample. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const page = await locals.hub.study.region(person, params.procedure, params.region);
  return { ...page, collector: await locals.hub.scanning.ofRegion(person, params.procedure, params.region) };
};

async function deed<T>(event: RequestEvent, work: (person: Person, form: FormData) => Promise<T>) {
  const person = signedIn(event.locals, event.url);
  const form = await event.request.formData();
  return orFail(() => work(person, form));
}

export const actions: Actions = {
  give: (event) =>
    deed(event, async (person, form) => {
      const place = { procedure: event.params.procedure, college: textOf(form, 'college') };
      const [students, groups, rev] = ['students', 'groups', 'rev'].map((name) => textOf(form, name));
      await event.locals.hub.study.give(person, place, { students, groups, rev });
      return { done: true };
    }),

  handOver: (event) =>
    deed(event, async (person) => {
      await event.locals.hub.study.handOver(person, event.params);
      return { done: true };
    }),

  publish: (event) =>
    deed(event, async (person, form) => {
      const chosen = textOf(form, 'colleges').split(' ').filter(Boolean);
      return event.locals.hub.study.publishSample(person, event.params, chosen);
    }),

  inform: (event) =>
    deed(event, (person, form) => {
      const college = textOf(form, 'college');
      return event.locals.hub.study.inform(person, event.params, college === '' ? null : [college]);
    }),
};
