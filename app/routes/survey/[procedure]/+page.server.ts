import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** How far institutions are with a survey, as far as the reader watches it (S4-04). */
export const load: PageServerLoad = ({ params, locals, url }) =>
  locals.hub.surveys.overview(signedIn(locals, url), params.procedure);
