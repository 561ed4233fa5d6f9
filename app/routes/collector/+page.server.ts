import { redirect } from '@sveltejs/kit';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** The Collectors that a person works at or watches; whoever has one goes to it. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const collectors = await locals.hub.scanning.collectors(person);
  const [only] = collectors;
  if (only && collectors.length === 1) redirect(303, `/collector/${only.study.id}/${only.centre.id}`);
  return { collectors };
};
