import { redirect } from '@sveltejs/kit';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** Where the reader marks free answers, or follows their checking; straight to the only one. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const checkings = await locals.hub.scanning.checkings(signedIn(locals, url));
  const [only] = checkings;
  if (only && checkings.length === 1) redirect(303, `/checking/${only.study.id}/${only.centre.id}`);
  return { checkings };
};
