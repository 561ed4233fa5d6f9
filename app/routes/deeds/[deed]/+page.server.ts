import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** One deed: from where it was done, and what was there before and after. */
export const load: PageServerLoad = ({ locals, url, params }) =>
  locals.hub.deeds.entry(signedIn(locals, url), params.deed);
