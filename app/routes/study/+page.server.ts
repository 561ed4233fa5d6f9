import { contactOf } from '#lib/procedure/contact-form.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** Studies that the reader watches; the federal organizer opens them here. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { procedures } = locals.hub;
  return {
    studies: (await procedures.of(person)).filter(({ kind }) => kind === 'study'),
    openedAt: await procedures.openedAt(person, 'study'),
  };
};

const linesOf = (text: string): string[] =>
  text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

export const actions: Actions = {
  open: async ({ request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const field = (name: string): string => textOf(form, name);
    return orFail(async () => {
      const { title } = await locals.hub.procedures.create(person, field('unit'), {
        ...{ kind: 'study', title: field('title'), academicYear: field('academicYear'), deadline: field('deadline') },
        subjects: linesOf(field('subjects')),
        centre: contactOf(field),
      });
      return { opened: title };
    });
  },
};
