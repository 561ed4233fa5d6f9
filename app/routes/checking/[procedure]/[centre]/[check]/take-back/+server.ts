import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import type { RequestHandler } from './$types';

/** Takes the expert's own mark back, as long as nobody marked after him. */
export const POST: RequestHandler = ({ params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    await hub.scanning.unmarkCheck(person, params);
    return Response.json({});
  });
