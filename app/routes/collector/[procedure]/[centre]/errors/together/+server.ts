import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** Decides the same of all errors that a batch has in common. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(await locals.hub.scanning.settleTogether(signedIn(locals, url), params, await jsonBody(request))),
  );
