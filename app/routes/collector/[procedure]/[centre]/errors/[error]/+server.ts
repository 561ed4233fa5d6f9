import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** The life of one error, settled or not. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(
      await locals.hub.scanning.errorLife(signedIn(locals, url), params.procedure, params.centre, params.error),
    ),
  );
