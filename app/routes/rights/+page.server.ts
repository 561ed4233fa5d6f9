import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The table of rights as the hub applies it. */
export const load: PageServerLoad = ({ locals, url }) => locals.hub.rights.table(signedIn(locals, url));
