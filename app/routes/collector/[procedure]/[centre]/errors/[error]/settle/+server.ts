import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Settles an error that was taken, by one of its ways out. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.scanning.settle(signedIn(locals, url), params, await jsonBody(request))),
  );
