import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

/** Leads a person to his own cabinet in this monitoring; whoever has none is told how to get one (S2-08). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  if (!locals.person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`);
  const cabinets = await locals.hub.participations.cabinets(locals.person);
  const own = cabinets.filter(({ procedure }) => procedure.id === params.procedure);
  const [only] = own;
  if (only && own.length === 1) redirect(303, `/monitoring/${params.procedure}/cabinet/${only.institution}`);
  return { own };
};
