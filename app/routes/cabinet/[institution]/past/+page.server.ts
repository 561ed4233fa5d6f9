import { isAllowed } from '#models/people/rights.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** «Прошедшие мониторинги» (S0-18): what is finished, with what came of it. */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { unit, path } = await locals.hub.contextualData.page(person, params.institution);
  const { past } = await locals.hub.participations.ofInstitution(person, params.institution);
  const surveys = (await locals.hub.surveys.ofInstitution(person, params.institution)).past;
  return {
    unit,
    past,
    surveys,
    isOwn: isAllowed(person, 'contextual.edit', path),
    hasResults: isAllowed(person, 'results.view', path),
  };
};
