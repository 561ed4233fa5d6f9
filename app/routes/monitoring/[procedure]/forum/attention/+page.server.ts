import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { textOf } from '#lib/site/form-field.ts';
import { getLocale } from '#lib/paraglide/runtime.js';
import type { Actions, PageServerLoad } from './$types';

/** What of a forum somebody wants to hear of, and how. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { hub } = locals;
  const person = signedIn(locals, url);
  const { procedure } = params;
  const [reader, parts, account] = await Promise.all([
    hub.forum.reader(person, { procedure, person: person.id }),
    hub.forum.territories(person, procedure),
    hub.safeguards.view(person),
  ]);
  return { attention: reader.state.attention, parts, email: account.email };
};

/** `22:30` as minutes of the day; null for anything else. */
function minuteOf(time: string): number | null {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(time) ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}

export const actions: Actions = {
  attend: async ({ params, request, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    const [fromMin, toMin] = [minuteOf(textOf(form, 'from')), minuteOf(textOf(form, 'to'))];
    return orFail(async () => {
      await locals.hub.attention.attend(person, params.procedure, {
        isAll: form.get('all') !== null,
        parts: form.getAll('part').map(String),
        digest: textOf(form, 'digest'),
        quiet: fromMin === null || toMin === null ? null : { fromMin, toMin },
        zone: textOf(form, 'zone'),
        language: getLocale(),
        notifies: form.get('notifies') !== null,
      });
      return { kept: true };
    });
  },
};
