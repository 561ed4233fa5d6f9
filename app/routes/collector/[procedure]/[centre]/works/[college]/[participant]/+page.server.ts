import { participantSchema } from '#models/scanning/work.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { PageServerLoad } from './$types';

/** A work's life from print to check (S1-13). */
export const load: PageServerLoad = async ({ params, locals, url }) => {
  const person = signedIn(locals, url);
  const { procedure, centre, college, participant } = params;
  return locals.hub.scanning.work(person, procedure, centre, college, participantSchema.parse(participant));
};
