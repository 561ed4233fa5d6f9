import type { LayoutServerLoad } from './$types';

export const load: LayoutServerLoad = async ({ params, locals }) => ({
  procedure: await locals.hub.participations.procedure(params.procedure),
});
