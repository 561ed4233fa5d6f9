import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** The next answer for this expert, under a claim; null when there is none for him now (S1-54). */
export const POST: RequestHandler = ({ params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    return Response.json({ task: await hub.scanning.takeCheck(person, params) });
  });
