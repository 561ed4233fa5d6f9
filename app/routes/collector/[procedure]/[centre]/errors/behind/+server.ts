import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import { jsonBody } from '#lib/site/request-body.server.ts';
import type { RequestHandler } from './$types';

/** The next errors behind those that a page knows, by filter: asked when they are wanted, since a snapshot holds the oldest only. */
export const POST: RequestHandler = ({ request, params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(
      await locals.hub.scanning.errorsBehind(
        signedIn(locals, url),
        params.procedure,
        params.centre,
        await jsonBody(request),
      ),
    ),
  );
