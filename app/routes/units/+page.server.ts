import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, url }) => ({
  roots: await locals.hub.units.roots(signedIn(locals, url)),
});
