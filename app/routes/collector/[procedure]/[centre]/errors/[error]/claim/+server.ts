import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Takes an error to settle it, keeps it while it is looked at, or gives it back. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.scanning.claim(signedIn(locals, url), params, await jsonBody(request))),
  );
