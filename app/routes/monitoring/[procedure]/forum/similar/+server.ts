import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Questions like one that is being typed. Nothing is kept of it. */
export const POST: RequestHandler = ({ request, params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    return Response.json(await hub.forum.similar(person, params.procedure, await jsonBody(request)));
  });
