import type { Person } from '#models/people/person.ts';
import { orFail } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { rawTextOf, textOf } from '#lib/site/form-field.ts';
import type { Actions, PageServerLoad } from './$types';

/** One institution's access: who has it, who opened it, and what may be done with it (S1-32, S4-09 … S4-12). */
export const load: PageServerLoad = async ({ locals, url, params }) => {
  const person = signedIn(locals, url);
  const { credentials } = locals.hub;
  const shown = await credentials.page(person, params.institution);
  const { territory, canGenerate } = await credentials.territory(person);
  return { ...shown, territory, canGenerate, part: await credentials.part(person, shown.institution.parent) };
};

type Event = { request: Request; locals: App.Locals; url: URL; params: { institution: string } };

async function deed<T>(
  { request, locals, url, params }: Event,
  work: (to: {
    person: Person;
    institution: string;
    form: FormData;
    address: string;
    credentials: App.Locals['hub']['credentials'];
  }) => Promise<T>,
) {
  const person = signedIn(locals, url);
  const form = await request.formData();
  const { credentials } = locals.hub;
  return orFail(() => work({ person, institution: params.institution, form, address: locals.address, credentials }));
}

export const actions: Actions = {
  verify: (event) =>
    deed(event, async ({ person, institution, form, address, credentials }) => {
      await credentials.verifyHead(person, { institution, email: textOf(form, 'email') }, address);
      return { done: true };
    }),
  open: (event) =>
    deed(event, async ({ person, institution, form, address, credentials }) => ({
      card: await credentials.open(person, { institution, known: Number(textOf(form, 'known')) }, address),
    })),
  hand: (event) =>
    deed(event, async ({ person, institution, address, credentials }) => ({
      outcome: await credentials.handOn(person, [institution], address),
    })),
  takeBack: (event) =>
    deed(event, async ({ person, institution, address, credentials }) => ({
      outcome: await credentials.takeBack(person, [institution], address),
    })),
  revoke: (event) =>
    deed(event, async ({ person, institution, form, address, credentials }) => {
      await credentials.revoke(person, { institution, reason: rawTextOf(form, 'reason') }, address);
      return { done: true };
    }),
  reissue: (event) =>
    deed(event, async ({ person, institution, form, address, credentials }) => {
      await credentials.reissue(person, { institution, reason: rawTextOf(form, 'reason') }, address);
      return { done: true };
    }),
};
