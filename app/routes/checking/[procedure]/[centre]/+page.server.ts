import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** Free answers of one centre: experts mark them, coordinators follow how far they are (S1-13, S1-54). */
export const load: PageServerLoad = ({ params, locals, url }) =>
  locals.hub.scanning.checkingPage(signedIn(locals, url), params.procedure, params.centre);
