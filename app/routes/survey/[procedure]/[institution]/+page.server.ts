import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** What one institution answered, for whoever reads its answers (S4-04). */
export const load: PageServerLoad = ({ params: { procedure, institution }, locals, url }) =>
  locals.hub.surveys.form(signedIn(locals, url), { procedure, institution });
