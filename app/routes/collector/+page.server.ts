import { redirect } from '@sveltejs/kit';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The Collectors that a person works at or watches, with their figures; whoever has one goes to it. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const [only, ...others] = await locals.hub.scanning.collectors(person);
  if (only && others.length === 0) redirect(303, `/collector/${only.study.id}/${only.centre.id}`);
  return { watched: await locals.hub.scanning.watched(person) };
};
