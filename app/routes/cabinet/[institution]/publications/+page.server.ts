import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** What the institution was sent, and what it sent to its centre (S0-05, S0-07). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { publications } = locals.hub;
  const unit = await publications.place(person, params.institution);
  return {
    unit,
    box: await publications.box(person, unit.id),
    outbox: unit.acts ? await publications.outbox(person, unit.id) : null,
  };
};
