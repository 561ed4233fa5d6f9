import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import { HubError } from '#models/error.ts';
import type { RequestHandler } from './$types';

/** Whether the worker may renew here, and under which key: asked before it asks its push service for anything. */
export const GET: RequestHandler = ({ locals: { hub, person } }) =>
  orRefusalJson(async () => {
    if (!person) throw new HubError('not_signed_in');
    return Response.json({ publicKey: await hub.pushes.publicKey() });
  });

/** The browser of whoever is signed in has another address at its push service. */
export const POST: RequestHandler = ({ request, locals: { hub, person, device } }) =>
  orRefusalJson(async () => {
    if (!person) throw new HubError('not_signed_in');
    await hub.pushes.renew(person, await jsonBody(request), {
      ...{ device, browser: hub.signIn.browserOf(request.headers) },
      agent: request.headers.get('user-agent') ?? '',
    });
    return new Response(null, { status: 204 });
  });
