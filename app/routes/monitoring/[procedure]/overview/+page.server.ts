import { redirect } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ params, locals, url }) => {
  const { hub, person } = locals;
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  const unit = url.searchParams.get('unit') ?? (await hub.rollups.top(person, params.procedure));
  // Who holds one municipality has nothing to sum up: his board is the overview.
  if (unit === null) redirect(303, `/monitoring/${params.procedure}/board`);
  return { overview: await hub.rollups.overview(person, params.procedure, unit) };
};
