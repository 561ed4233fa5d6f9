import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

/** «Личный кабинет» (S0-03): leads a person to his own; whoever has none is told how an institution gets one (S0-09). */
export const load: PageServerLoad = async ({ locals, url }) => {
  if (!locals.person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname)}`);
  const own = await locals.hub.contextualData.own(locals.person);
  const [only] = own;
  if (only && own.length === 1) redirect(303, `/cabinet/${only.id}`);
  return { own };
};
