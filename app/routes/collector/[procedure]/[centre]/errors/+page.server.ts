import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The desk at which errors of uploads are settled (S1-12), and where coordinators watch that they are. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { scanning } = locals.hub;
  const of = [person, params.procedure, params.centre] as const;
  const errors = await scanning.errors(...of);
  const [page, pace] = await Promise.all([scanning.page(...of), scanning.pace(...of)]);
  return { ...page, errors, pace, self: person.id };
};
