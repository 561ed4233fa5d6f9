import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The frequent questions with their answers, to read through and to print. */
export const load: PageServerLoad = async ({ params, locals, url }) => ({
  frequent: await locals.hub.forum.frequent(signedIn(locals, url), params.procedure),
});
