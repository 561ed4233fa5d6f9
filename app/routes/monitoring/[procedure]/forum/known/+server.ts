import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Official answers about the codes of refusals and findings that a page shows. */
export const GET: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () =>
    Response.json(
      await locals.hub.forum.known(signedIn(locals, url), params.procedure, url.searchParams.getAll('code')),
    ),
  );
