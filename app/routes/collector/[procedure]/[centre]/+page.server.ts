import { redirect } from '@sveltejs/kit';
import type { Person } from '#models/people/person.ts';
import { PRINT_PAGES_MAX } from '#models/scanning/print-run.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';

/** A scanning centre in a study: its colleges, packages, prints and batches. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const page = await locals.hub.scanning.page(person, params.procedure, params.centre);
  // Whoever prints is told by the study for whom there is something to print yet.
  const sample = page.rights.prepares ? await locals.hub.study.part(person, params.procedure, page.region.id) : null;
  return { ...page, sample, printPagesMax: PRINT_PAGES_MAX };
};

interface Place {
  procedure: string;
  centre: string;
  college: string;
}
async function deed<T>(event: RequestEvent, work: (person: Person, place: Place, form: FormData) => Promise<T>) {
  const person = signedIn(event.locals, event.url);
  const form = await event.request.formData();
  return orFail(() => work(person, { ...event.params, college: textOf(form, 'college') }, form));
}

/** Fields that come once for each row. */
const textsOf = (form: FormData, name: string): string[] =>
  form.getAll(name).map((value) => (typeof value === 'string' ? value : ''));

export const actions: Actions = {
  print: (event) =>
    deed(event, async (person, place, form) => {
      const participants = textsOf(form, 'participants');
      const rooms = textsOf(form, 'room').map((name, at) => ({ name, participants: participants[at] }));
      await event.locals.hub.scanning.print(person, place, { rooms, spares: textOf(form, 'spares') });
      return { done: true };
    }),

  accept: (event) =>
    deed(event, async (person, place, form) => {
      await event.locals.hub.scanning.acceptPackage(person, place, { sheets: textOf(form, 'sheets') });
      return { done: true };
    }),

  recount: (event) =>
    deed(event, async (person, place, form) => {
      const wish = { sheets: textOf(form, 'sheets'), reason: textOf(form, 'reason') };
      await event.locals.hub.scanning.recountPackage(person, place, wish);
      return { done: true };
    }),

  /** Opens a batch, and leads to it. */
  open: async (event) => {
    const opened = await deed(event, (person, place) => event.locals.hub.scanning.openBatch(person, place));
    if (!('batch' in opened)) return opened;
    redirect(303, `/collector/${event.params.procedure}/${event.params.centre}/batches/${opened.batch}`);
  },
};
