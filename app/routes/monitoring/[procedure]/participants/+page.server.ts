import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals }) => ({
  participants: await locals.hub.participations.participants(params.procedure),
});
