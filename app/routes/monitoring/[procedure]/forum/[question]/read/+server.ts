import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** How far the reader has read a thread. */
export const POST: RequestHandler = ({ request, params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    await hub.forum.read(person, params.procedure, params.question, await jsonBody(request));
    return new Response(null, { status: 204 });
  });
