import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** A message from a page's outbox: sent again, it is answered as it was the first time. */
export const POST: RequestHandler = ({ request, params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    await hub.limits.forumPost(person.id);
    return Response.json(await hub.forum.post(person, params.procedure, await jsonBody(request)));
  });
