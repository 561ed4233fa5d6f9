import { redirect } from '@sveltejs/kit';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The scanning centres of all regions of the reader (S1-03); whoever has one region goes to it. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const overview = await locals.hub.scanningCentres.overview(signedIn(locals, url));
  if (overview.only !== null) redirect(303, `/scanning-centres/${overview.only}`);
  return overview;
};
