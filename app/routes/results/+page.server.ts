import { searchOf } from '#lib/site/asked.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** «Результаты процедур» (S0-08): what came of procedures of every kind and year, for whom the reader sees. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const search = searchOf(url);
  return { search, ...(await locals.hub.results.page(person, search)) };
};
