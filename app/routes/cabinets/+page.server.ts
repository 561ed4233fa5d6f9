import { isAllowed } from '#models/people/rights.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** «Кабинеты» (S0-04): which institutions of the territory are connected, and how far they told of themselves (S0-12). */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { territory, zone, paths, parts } = await locals.hub.contextualData.overview(person);
  const decides = paths.some((path) => isAllowed(person, 'cabinet.grant', path));
  return { territory, zone, parts, decides, role: person.assignments[0]?.role ?? 'regionalCoordinator' };
};
