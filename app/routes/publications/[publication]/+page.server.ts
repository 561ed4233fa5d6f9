import { contentOf, listOf } from '#lib/publication/content-form.server.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** One publication: as its reader has it, or as its sender sees it with the marks of those it is for. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { publications } = locals.hub;
  const page = await publications.page(person, params.publication, url.searchParams.get('as'));
  const { passes } = page;
  const lists = passes
    ? await Promise.all(
        passes.scopes.map(async (scope) => ({
          scope,
          addressees: await publications.addressees(person, passes.unit, scope),
        })),
      )
    : [];
  const sender = page.reader && !page.manages ? page.reader.unit : page.issuer.id;
  return { page, passing: lists, sender };
};

export const actions: Actions = {
  confirm: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.publications.confirm(person, { publication: params.publication, unit: textOf(form, 'unit') });
      return { done: 'confirm' as const };
    });
  },
  sendOn: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.publications.sendOn(person, params.publication, {
        unit: textOf(form, 'unit'),
        cover: rawTextOf(form, 'cover'),
        ...listOf(form),
      });
      return { done: 'sendOn' as const };
    });
  },
  withdraw: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      await locals.hub.publications.withdraw(person, params.publication, { reason: textOf(form, 'reason') });
      return { done: 'withdraw' as const };
    });
  },
  remind: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => ({
      reminded: await locals.hub.publications.remind(person, params.publication, { unit: textOf(form, 'unit') }),
    }));
  },
  correct: async ({ request, params, locals, url }) => {
    const person = signedIn(locals, url);
    const form = await request.formData();
    return orFail(async () => {
      const rev = Number(textOf(form, 'rev'));
      await locals.hub.publications.correct(person, params.publication, { rev, ...contentOf(form) });
      return { done: 'correct' as const };
    });
  },
};
