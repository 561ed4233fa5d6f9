import { OWNERSHIPS } from '#models/org/unit.ts';
import { contactOf } from '#lib/procedure/contact-form.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** Surveys that the reader watches; whoever may opens one here (S4-01). */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { procedures, surveys } = locals.hub;
  return { surveys: await surveys.of(person), openedAt: await procedures.openedAt(person, 'survey') };
};

export const actions: Actions = {
  open: async ({ request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const field = (name: string): string => textOf(form, name);
    return orFail(async () => {
      const { id, title } = await locals.hub.procedures.create(person, field('unit'), {
        ...{ kind: 'survey', title: field('title'), academicYear: field('academicYear'), deadline: field('deadline') },
        ...{ monitoring: field('monitoring'), direction: field('direction'), basis: jsonOf(form, 'basis') },
        covers: OWNERSHIPS.filter((one) => form.getAll('covers').includes(one)),
        ...{ plan: jsonOf(form, 'plan'), questionnaire: jsonOf(form, 'questionnaire') },
        centre: contactOf(field),
      });
      return { opened: { id, title } };
    });
  },
};
