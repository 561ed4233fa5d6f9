import { HubError } from '#models/error.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The desk at which errors of uploads are settled (S1-12), and where coordinators watch that they are. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning } = locals.hub;
  const { errors, ...page } = await scanning.page(person, params.procedure, params.centre);
  if (!errors) throw new HubError('not_allowed');
  const pace = await scanning.pace(person, params.procedure, params.centre);
  return { ...page, errors, pace, self: person.id };
};
