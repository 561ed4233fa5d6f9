import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { HubError } from '#models/error.ts';
import type { RequestHandler } from './$types';

/** What concerns the reader over all of his forums, with the places from which its facts go on. */
export const GET: RequestHandler = ({ locals }) =>
  orRefusalJson(async () => {
    if (!locals.person) throw new HubError('not_signed_in');
    return Response.json(await locals.hub.forum.bell(locals.person));
  });
