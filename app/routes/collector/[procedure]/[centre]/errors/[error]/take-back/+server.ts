import { orRefusalJson } from '#lib/refusal/refusal.server.ts';
import { signedIn } from '#lib/site/file-response.server.ts';
import type { RequestHandler } from './$types';

/** Takes back one's own last decision about a page. */
export const POST: RequestHandler = ({ params, locals, url }) =>
  orRefusalJson(async () => {
    await locals.hub.scanning.takeBack(signedIn(locals, url), params);
    return Response.json({ done: true });
  });
