import { DEED_KINDS } from '#models/deeds/deed.ts';
import { searchOf } from '#lib/site/asked.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** «Журнал действий»: who did what in the reader's territory, newest first. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const search = searchOf(url);
  // The position first: what comes in between is announced, never missed.
  const { snapshot, known } = await locals.hub.deeds.start(person, search);
  return { search, snapshot, known, kinds: DEED_KINDS, ...(await locals.hub.deeds.page(person, search)) };
};
