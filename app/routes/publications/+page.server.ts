import { redirect } from '@sveltejs/kit';
import { HubError } from '#models/error.ts';
import { isInstitution } from '#models/publication/publication.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** What a unit got, sent and plans; an institution has that in its cabinet. */
export const load: PageServerLoad = async ({ locals, url }) => {
  const person = signedIn(locals, url);
  const { publications } = locals.hub;
  const places = await publications.places(person);
  const asked = url.searchParams.get('unit');
  const unit = places.find(({ id }) => id === asked) ?? (asked === null ? places[0] : undefined);
  if (!unit) throw new HubError('not_allowed');
  if (isInstitution(unit)) redirect(303, `/cabinet/${unit.id}/publications`);
  return {
    places: places.filter((place) => !isInstitution(place)),
    unit,
    box: await publications.box(person, unit.id),
    outbox: unit.acts ? await publications.outbox(person, unit.id) : null,
  };
};
