import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Takes a question to answer it, keeps it while the answer is written, or gives it back. */
export const POST: RequestHandler = ({ request, params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    return Response.json(await hub.forum.claim(person, params.procedure, params.question, await jsonBody(request)));
  });
