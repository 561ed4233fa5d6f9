import { redirect } from '@sveltejs/kit';
import type { LayoutServerLoad } from './$types';

/** Every procedure has its forum, whatever its kind: the layout of monitorings is not asked. */
export const load: LayoutServerLoad = async ({ params, locals, url }) => {
  const { hub, person } = locals;
  // With the question that a colleague's link names.
  if (!person) redirect(303, `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`);
  const { procedure, ...place } = await hub.forum.place(person, params.procedure);
  return { procedure, place, self: person.id };
};
