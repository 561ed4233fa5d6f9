import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** How soon questions are answered and what waits, as of the moment of the page. */
export const load: PageServerLoad = ({ params, locals, url }) =>
  locals.hub.forum.statistics(signedIn(locals, url), params.procedure);
