import { HubError } from '#models/error.ts';
import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Marks an answer under its claim (S1-54). */
export const POST: RequestHandler = ({ request, params, locals }) =>
  orRefusalJson(async () => {
    const { hub, person } = locals;
    if (!person) throw new HubError('not_signed_in');
    await hub.scanning.markCheck(person, params, await jsonBody(request));
    return Response.json({});
  });
