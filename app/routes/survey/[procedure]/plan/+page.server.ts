import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The plan of a survey (S4-06). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { survey, territory, indicators } = await locals.hub.surveys.overview(signedIn(locals, url), params.procedure);
  return { survey, territory, indicators };
};
